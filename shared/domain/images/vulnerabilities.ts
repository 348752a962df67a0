import type { KnownImages } from '../snapshot/known-images.ts';
import { parseNodeImage } from './node-image.ts';

/** The public viewer of the data that the ids come from. Source: learn.microsoft.com/azure/aks/concepts-security-vulnerability-data-api. */
const VIEWER = 'https://cve-api.prod-aks.azure.com/viewer/index.html';
/** A finding names so many; all of them are in the file. */
const MAX_NAMED = 50;

/** What an upgrade would close, as far as that is known: a sentence to follow another one, and what it rests on. */
export interface ClosedVulnerabilities {
  readonly sentence: string;
  readonly facts: Readonly<Record<string, string | number | readonly string[]>>;
}

/**
 * The vulnerabilities that a pool's image has and the offered one no longer has. Nothing is said when nobody
 * keeps such data; where it does not know both images, that is said, and never a zero.
 */
export function closedByUpgrade(own: string, offered: string, known: KnownImages | undefined): ClosedVulnerabilities {
  if (known?.vulnerabilities === undefined) return { sentence: '', facts: {} };
  const [before, after] = [idsOf(own, known.vulnerabilities), idsOf(offered, known.vulnerabilities)];
  if (before === undefined || after === undefined) {
    const why = known.vulnerabilityProblem === undefined ? '' : `: ${known.vulnerabilityProblem}`;
    return { sentence: '', facts: { vulnerabilitiesClosed: `not known for ${before === undefined ? own : offered}${why}` } };
  }
  const left = new Set(after);
  const closed = [...new Set(before)].filter((id) => !left.has(id)).toSorted();
  const sentence = closed.length === 0 ? '' : ` The newer image no longer has ${closed.length} known vulnerabilities of this one.`;
  return {
    sentence,
    facts: { vulnerabilitiesClosed: closed.length, vulnerabilityIds: closed.slice(0, MAX_NAMED), vulnerabilitySource: VIEWER },
  };
}

/** The public data knows releases; it says nothing of patch levels. */
function idsOf(text: string, rows: NonNullable<KnownImages['vulnerabilities']>): readonly string[] | undefined {
  const image = parseNodeImage(text);
  if (image === undefined) return undefined;
  const name = `${image.variant}-${image.release}`;
  return rows.find(({ nodeImageVersion }) => nodeImageVersion.toLowerCase() === name.toLowerCase())?.ids;
}
