import type { ClusterSummary } from '../../domain/findings/summary.ts';
import type { FindingStore, Page } from '../../ports/finding-store.ts';

const PAGE = 1_000;
/** Stores hold the summaries in memory, so one large page is as cheap as many small ones. */
const EVERY_CLUSTER = 100_000;

/** Yields the items of a paged list, with one page in memory at a time. */
export async function* walk<T>(read: (top: number, after: string | undefined) => Promise<Page<T>>): AsyncGenerator<T, void, undefined> {
  let after: string | undefined;
  do {
    const page = await read(PAGE, after);
    yield* page.value;
    after = page.next;
  } while (after !== undefined);
}

/** Yields every cluster summary. */
export function everyCluster(findings: Pick<FindingStore, 'clusters'>): AsyncGenerator<ClusterSummary, void, undefined> {
  return walk((_, after) => findings.clusters(EVERY_CLUSTER, after));
}

/** Returns every cluster summary at once; yielding thousands one by one would be slower. */
export async function allClusters(findings: Pick<FindingStore, 'clusters'>): Promise<readonly ClusterSummary[]> {
  const first = await findings.clusters(EVERY_CLUSTER);
  if (first.next === undefined) return first.value;
  const all = [...first.value];
  for (let after: string | undefined = first.next; after !== undefined; ) {
    const page: Page<ClusterSummary> = await findings.clusters(EVERY_CLUSTER, after);
    all.push(...page.value);
    after = page.next;
  }
  return all;
}
