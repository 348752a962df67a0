import type { KnownImages } from '../snapshot/known-images.ts';
import { parseNodeImage } from './node-image.ts';

/** The public viewer of the vulnerability data. Source: learn.microsoft.com/azure/aks/concepts-security-vulnerability-data-api. */
const VIEWER = 'https://cve-api.prod-aks.azure.com/viewer/index.html';
/** The most ids that a finding names; the file has all of them. */
const MAX_NAMED = 50;

/** The vulnerabilities that an upgrade would close: a sentence that follows another one, and the facts behind it. */
export interface ClosedVulnerabilities {
  readonly sentence: string;
  readonly facts: Readonly<Record<string, string | number | readonly string[]>>;
}

/**
 * The vulnerabilities that a pool's image has and the offered image no longer has. Empty without such data. If the
 * data does not know both images, a fact says so; the count is never shown as zero.
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

/** The public data lists releases without patch levels. */
function idsOf(text: string, rows: NonNullable<KnownImages['vulnerabilities']>): readonly string[] | undefined {
  const image = parseNodeImage(text);
  if (image === undefined) return undefined;
  const name = `${image.variant}-${image.release}`;
  return rows.find(({ nodeImageVersion }) => nodeImageVersion.toLowerCase() === name.toLowerCase())?.ids;
}
