import type { FindingStore } from '../ports/finding-store.ts';

const PAGE = 1000;

/** Returns the ids of the clusters of a subscription that were seen before and are not known to be deleted. */
export async function knownClusters(findings: Pick<FindingStore, 'clusters'>, subscriptionId: string): Promise<readonly string[]> {
  const ids: string[] = [];
  let after: string | undefined;
  do {
    const page = await findings.clusters(PAGE, after);
    for (const { cluster, status } of page.value) {
      if (status === 'present' && cluster.subscriptionId.toLowerCase() === subscriptionId.toLowerCase()) ids.push(cluster.id);
    }
    after = page.next;
  } while (after !== undefined);
  return ids;
}
