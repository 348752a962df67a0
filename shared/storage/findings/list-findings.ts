import type { Finding } from '../../domain/findings/finding.ts';
import { Fault } from '../../domain/snapshot/fault.ts';
import { isOnlyOpen, matcherOf, mayHold } from '../../ports/finding-filter.ts';
import type { FindingFilter, Page } from '../../ports/finding-store.ts';
import type { ClusterMirror, MirroredCluster } from './cluster-mirror.ts';
import { FINDING_ID, partitionOf } from './finding-rows.ts';
import type { FindingTables } from './finding-tables.ts';
import { findingsAfter } from './held-findings.ts';

/** Number of clusters read concurrently for a list, at first and at most. */
const FIRST_CLUSTERS = 8;
const MAX_AT_ONCE = 16;
/** Maximum number of clusters read for one page; a list with few matches returns a short page instead of reading the whole estate. */
const MAX_READ = 400;
/** The same limit for clusters whose findings are in memory. */
const MAX_UNPACKED = 5_000;

/** Reads clusters from the cursor on, and only those that may contain matches and whose findings are not in memory. */
export async function listFindings(
  tables: FindingTables,
  mirror: ClusterMirror,
  filter: FindingFilter,
  top: number,
  after: string | undefined,
): Promise<Page<Finding>> {
  const start = readCursor(after);
  const first = start === undefined ? undefined : partitionOf(start);
  const clusters = (await mirror.read()).filter(({ key, summary }) => (first === undefined || key >= first) && mayHold(summary, filter));
  const matches = matcherOf(filter);
  const found: Finding[] = [];
  let read = 0;
  let unpacked = 0;
  for (let at = 0; at < clusters.length && found.length <= top; ) {
    const some = clusters.slice(at, at + clustersNeeded(top + 1 - found.length, found.length, at));
    const each = await Promise.all(some.map((cluster) => findingsIn(tables, cluster, filter, start)));
    for (const { findings, isRead } of each) {
      found.push(...findings.filter(matches));
      if (isRead) read += 1;
      else unpacked += 1;
    }
    at += some.length;
    const next = clusters[at];
    if (next === undefined || found.length > top || (read < MAX_READ && unpacked < MAX_UNPACKED)) continue;
    return { value: found, next: `${next.key}-${'0'.repeat(32)}` };
  }
  return pageOf(found, top);
}

/** Estimates how many more clusters are needed to fill the page: as many as possible, if none was found yet and the ratio is infinite. */
function clustersNeeded(missing: number, found: number, read: number): number {
  return read === 0 ? FIRST_CLUSTERS : Math.min(MAX_AT_ONCE, Math.ceil((missing * read) / found));
}

/** Returns the findings of a cluster after the cursor; those of all later clusters are, because ids begin with the cluster's key. */
async function findingsIn({ findings }: FindingTables, cluster: MirroredCluster, filter: FindingFilter, after: string | undefined) {
  const inMemory = cluster.findings(isOnlyOpen(filter));
  if (inMemory === undefined) return { findings: await findingsAfter(findings, cluster.key, after), isRead: true };
  return { findings: after === undefined ? inMemory : inMemory.filter(({ id }) => id > after), isRead: false };
}

function pageOf(found: readonly Finding[], top: number): Page<Finding> {
  const value = found.slice(0, top);
  const last = value.at(-1);
  return found.length > top && last !== undefined ? { value, next: last.id } : { value };
}

function readCursor(after: string | undefined): string | undefined {
  if (after === undefined || FINDING_ID.test(after)) return after;
  throw new Fault('malformed', 'Not a cursor of this list.');
}
