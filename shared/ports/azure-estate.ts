import type { MaintenanceConfiguration } from '../domain/maintenance/planned-upgrade.ts';
import type { Observation, UnavailableReason } from '../domain/snapshot/observation.ts';
import type { Cluster, ClusterSettings, NodePool } from '../domain/snapshot/snapshot.ts';

/** A cluster with what its listing already tells: settings and node pools cost no further call. */
export interface ListedCluster {
  readonly cluster: Cluster;
  readonly settings: ClusterSettings;
  readonly nodePools: Observation<readonly NodePool[]>;
}

/** Which clusters there are in one subscription. */
export interface SubscriptionListing {
  readonly clusters: readonly Cluster[];
  /** Why there may be more: an entry of the list does not say which cluster it is about. */
  readonly incomplete?: UnavailableReason;
}

/** Which clusters there are in many subscriptions. */
export interface EstateListing {
  readonly clusters: readonly Cluster[];
  /** Subscriptions that could not be listed, and why: whatever they hold was not seen. */
  readonly notListed: readonly { readonly subscriptionId: string; readonly reason: UnavailableReason }[];
  /** Why the quick way could not be taken, where it could not: worth a log line, the listing holds all the same. */
  readonly detours: readonly UnavailableReason[];
}

/**
 * The cloud's inventory. Every method throws `Fault` when it could not look, and honours the
 * provider's published call budgets itself.
 */
export interface AzureEstate {
  /** Every cluster of a subscription, all pages; a list that may be short says why. What a cluster is, `getCluster` tells. */
  listClusters(subscriptionId: string, abortSignal: AbortSignal): Promise<SubscriptionListing>;
  /**
   * Which clusters there are in many subscriptions, in as few calls as can be. Every subscription is
   * either listed or among those that say why not; what a cluster is, `getCluster` tells.
   */
  listEstate(subscriptionIds: readonly string[], abortSignal: AbortSignal): Promise<EstateListing>;
  /** One cluster; `Fault('not-found')` when it is gone. */
  getCluster(clusterId: string, abortSignal: AbortSignal): Promise<ListedCluster>;
  /** The newest node image offered to a pool (`latestNodeImageVersion` of its upgrade profile). */
  latestNodeImage(listed: ListedCluster, nodePool: string, abortSignal: AbortSignal): Promise<string>;
  /** When Azure may upgrade a cluster by itself; a configuration that cannot be read is listed as such. */
  maintenanceConfigurations(listed: ListedCluster, abortSignal: AbortSignal): Promise<readonly MaintenanceConfiguration[]>;
  /** Subscriptions below a management group. */
  listSubscriptions(managementGroup: string, abortSignal: AbortSignal): Promise<readonly string[]>;
}
