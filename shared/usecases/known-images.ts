import { type ImageFile, knownOf } from '../domain/images/image-file.ts';
import { parseNodeImage } from '../domain/images/node-image.ts';
import type { ImageVulnerabilities } from '../domain/snapshot/known-images.ts';
import { observe, observedValue } from '../domain/snapshot/observation.ts';
import type { ClusterSnapshot } from '../domain/snapshot/snapshot.ts';
import type { ImageKnowledgeSource } from '../ports/image-knowledge.ts';
import type { VulnerabilitySource } from '../ports/vulnerability-source.ts';

/** Where something is known of node images beside Azure and what is built in. */
export interface ImageSources {
  /** The image file; absent where nobody keeps one. */
  readonly images?: ImageKnowledgeSource | undefined;
  /** Absent unless the operator turned it on. */
  readonly vulnerabilities?: VulnerabilitySource | undefined;
}

/** A look with what an image file tells beside it: its rows come before those that the look itself holds. */
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

/** Every image that a look names: of pools, of nodes, and those that are offered. */
function imagesIn({ nodePools, latestImages, nodes }: Pick<ClusterSnapshot, 'nodePools' | 'latestImages' | 'nodes'>): readonly string[] {
  const offered = (observedValue(latestImages) ?? []).flatMap(({ image }) => observedValue(image) ?? []);
  const own = [...(observedValue(nodePools) ?? []), ...(observedValue(nodes) ?? [])].flatMap(
    ({ nodeImageVersion }) => nodeImageVersion ?? [],
  );
  return [...new Set([...own, ...offered])];
}

/** What the image file says of the images that were seen. A file that cannot be taken is told by health, and costs no look. */
export async function knownIn(
  { images, vulnerabilities }: ImageSources,
  look: Pick<ClusterSnapshot, 'nodePools' | 'latestImages' | 'nodes'>,
  abortSignal: AbortSignal,
): Promise<Pick<ClusterSnapshot, 'knownImages'>> {
  const told = images === undefined ? undefined : knownOf((await images()).file, imagesIn(look));
  if (vulnerabilities === undefined) return told === undefined ? {} : { knownImages: told };
  // What a person keeps in the file comes first, and is not asked for: an app without a way out has nothing else.
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

/** The images of pools that are offered another one, with what they are offered: only between these a difference is told. */
function imagesOfLag({ nodePools, latestImages }: Pick<ClusterSnapshot, 'nodePools' | 'latestImages'>): readonly string[] {
  const offers = new Map((observedValue(latestImages) ?? []).map(({ nodePool, image }) => [nodePool, observedValue(image)]));
  const pairs = (observedValue(nodePools) ?? []).flatMap(({ name, nodeImageVersion }) => {
    const offer = offers.get(name);
    return nodeImageVersion === undefined || offer === undefined || offer === nodeImageVersion ? [] : [nodeImageVersion, offer];
  });
  return [...new Set(pairs)].slice(0, MAX_ASKED_IMAGES);
}

/** The data knows releases; it says nothing of patch levels. */
function isIn(rows: readonly ImageVulnerabilities[], nodeImageVersion: string): boolean {
  const image = parseNodeImage(nodeImageVersion);
  const name = image === undefined ? undefined : `${image.variant}-${image.release}`.toLowerCase();
  return rows.some((row) => row.nodeImageVersion.toLowerCase() === name);
}

/** A cluster's pools run a handful of images; more than this is not asked for in one look. */
const MAX_ASKED_IMAGES = 20;

/** Asks for one image after another, until one cannot be asked for: the others would wait as long for nothing. */
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
