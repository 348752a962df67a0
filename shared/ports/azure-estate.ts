import type { Cluster, ClusterSettings, NodePool } from '../domain/snapshot.ts';

/** A cluster with what its listing already tells: settings and node pools cost no further call. */
export interface ListedCluster {
  readonly cluster: Cluster;
  readonly settings: ClusterSettings;
  readonly nodePools: readonly NodePool[];
}

/**
 * The cloud's inventory. Every method throws `Fault` when it could not look, and honours the
 * provider's published call budgets itself.
 */
export interface AzureEstate {
  /** Every cluster of a subscription, all pages; throws rather than return a short list. */
  listClusters(subscriptionId: string, abortSignal: AbortSignal): Promise<readonly ListedCluster[]>;
  /** One cluster; `Fault('not-found')` when it is gone. */
  getCluster(clusterId: string, abortSignal: AbortSignal): Promise<ListedCluster>;
  /** The newest node image offered to a pool (`latestNodeImageVersion` of its upgrade profile). */
  latestNodeImage(listed: ListedCluster, nodePool: string, abortSignal: AbortSignal): Promise<string>;
  /** Subscriptions below a management group. */
  listSubscriptions(managementGroup: string, abortSignal: AbortSignal): Promise<readonly string[]>;
}
