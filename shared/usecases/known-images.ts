import { type ImageFile, knownOf } from '../domain/images/image-file.ts';
import { parseNodeImage } from '../domain/images/node-image.ts';
import type { ImageVulnerabilities } from '../domain/snapshot/known-images.ts';
import { observe, observedValue } from '../domain/snapshot/observation.ts';
import type { ClusterSnapshot } from '../domain/snapshot/snapshot.ts';
import type { ImageKnowledgeSource } from '../ports/image-knowledge.ts';
import type { VulnerabilitySource } from '../ports/vulnerability-source.ts';

/** Sources of knowledge about node images in addition to Azure and the built-in data. */
export interface ImageSources {
  /** The image file; absent if none is configured. */
  readonly images?: ImageKnowledgeSource | undefined;
  /** Absent unless the operator enabled it. */
  readonly vulnerabilities?: VulnerabilitySource | undefined;
}

/** Adds the rows of an image file to a snapshot; they take precedence over the snapshot's own rows. */
export function withImageFile(snapshot: ClusterSnapshot, file: ImageFile): ClusterSnapshot {
  const told = knownOf(file, imagesIn(snapshot));
  if (told === undefined) return snapshot;
  const { kernels = [], newest = [], vulnerabilities, ...held } = snapshot.knownImages ?? {};
  const cves = [...(told.vulnerabilities ?? []), ...(vulnerabilities ?? [])];
  const isKept = told.vulnerabilities !== undefined || vulnerabilities !== undefined;
  const knownImages = {
    ...held,
    kernels: [...told.kernels, ...kernels],
    newest: [...told.newest, ...newest],
    ...(isKept ? { vulnerabilities: cves } : {}),
  };
  return { ...snapshot, knownImages };
}

/** Every image in a snapshot: of pools, of nodes, and the newest available ones. */
function imagesIn({ nodePools, latestImages, nodes }: Pick<ClusterSnapshot, 'nodePools' | 'latestImages' | 'nodes'>): readonly string[] {
  const offered = (observedValue(latestImages) ?? []).flatMap(({ image }) => observedValue(image) ?? []);
  const own = [...(observedValue(nodePools) ?? []), ...(observedValue(nodes) ?? [])].flatMap(
    ({ nodeImageVersion }) => nodeImageVersion ?? [],
  );
  return [...new Set([...own, ...offered])];
}

/**
 * Returns what the image file says about the images in use. An unusable file is reported by the health endpoint and does not affect the
 * scan.
 */
export async function knownIn(
  { images, vulnerabilities }: ImageSources,
  look: Pick<ClusterSnapshot, 'nodePools' | 'latestImages' | 'nodes'>,
  abortSignal: AbortSignal,
): Promise<Pick<ClusterSnapshot, 'knownImages'>> {
  const told = images === undefined ? undefined : knownOf((await images()).file, imagesIn(look));
  if (vulnerabilities === undefined) return told === undefined ? {} : { knownImages: told };
  // The operator's file comes first and needs no request: it is the only source for an app without internet access.
  const kept = told?.vulnerabilities ?? [];
  const asked = await askVulnerabilities(
    vulnerabilities,
    imagesOfLag(look).filter((image) => !isIn(kept, image)),
    abortSignal,
  );
  const rows = [...kept, ...asked.rows];
  const problem = asked.problem === undefined ? {} : { vulnerabilityProblem: asked.problem };
  return { knownImages: { kernels: told?.kernels ?? [], newest: told?.newest ?? [], vulnerabilities: rows, ...problem } };
}

/** Pairs of current and newest image, for pools that are behind. The vulnerability difference is reported only between these. */
function imagesOfLag({ nodePools, latestImages }: Pick<ClusterSnapshot, 'nodePools' | 'latestImages'>): readonly string[] {
  const offers = new Map((observedValue(latestImages) ?? []).map(({ nodePool, image }) => [nodePool, observedValue(image)]));
  const pairs = (observedValue(nodePools) ?? []).flatMap(({ name, nodeImageVersion }) => {
    const offer = offers.get(name);
    return nodeImageVersion === undefined || offer === undefined || offer === nodeImageVersion ? [] : [nodeImageVersion, offer];
  });
  return [...new Set(pairs)].slice(0, MAX_ASKED_IMAGES);
}

/** The data contains releases, not patch levels. */
function isIn(rows: readonly ImageVulnerabilities[], nodeImageVersion: string): boolean {
  const image = parseNodeImage(nodeImageVersion);
  const name = image === undefined ? undefined : `${image.variant}-${image.release}`.toLowerCase();
  return rows.some((row) => row.nodeImageVersion.toLowerCase() === name);
}

/** The pools of a cluster run only a few images; one scan asks for at most this many. */
const MAX_ASKED_IMAGES = 20;

/** Asks for one image after another and stops at the first failure, because the others would fail after the same wait. */
async function askVulnerabilities(source: VulnerabilitySource, images: readonly string[], abortSignal: AbortSignal) {
  const rows: ImageVulnerabilities[] = [];
  for (const nodeImageVersion of images) {
    const answer = await observe(() => source(nodeImageVersion, abortSignal));
    if (answer.state === 'unavailable') return { rows, problem: answer.reason.message };
    const image = parseNodeImage(nodeImageVersion);
    if (image !== undefined && answer.value !== undefined)
      rows.push({ nodeImageVersion: `${image.variant}-${image.release}`, ids: answer.value });
  }
  return { rows, problem: undefined };
}
