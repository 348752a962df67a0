import type { ClusterSummary } from '../../domain/findings/summary.ts';
import type { FindingStore, Page } from '../../ports/finding-store.ts';

const PAGE = 1_000;

/** Walks a paged list to its end, one page in memory at a time. */
export async function* walk<T>(read: (top: number, after: string | undefined) => Promise<Page<T>>): AsyncGenerator<T, void, undefined> {
  let after: string | undefined;
  do {
    const page = await read(PAGE, after);
    yield* page.value;
    after = page.next;
  } while (after !== undefined);
}

/** Every cluster summary. */
export function everyCluster(findings: Pick<FindingStore, 'clusters'>): AsyncGenerator<ClusterSummary, void, undefined> {
  return walk((top, after) => findings.clusters(top, after));
}
