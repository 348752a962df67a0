import type { MaintenanceConfiguration } from '../domain/maintenance/planned-upgrade.ts';
import type { Observation, UnavailableReason } from '../domain/snapshot/observation.ts';
import type { Cluster, ClusterSettings, NodePool } from '../domain/snapshot/snapshot.ts';

/** A cluster with the settings and node pools of its list entry, which need no further call. */
export interface ListedCluster {
  readonly cluster: Cluster;
  readonly settings: ClusterSettings;
  readonly nodePools: Observation<readonly NodePool[]>;
}

/** The clusters of one subscription. */
export interface SubscriptionListing {
  readonly clusters: readonly Cluster[];
  /** Why the list may be incomplete: an entry does not identify its cluster. */
  readonly incomplete?: UnavailableReason;
}

/** The clusters of many subscriptions. */
export interface EstateListing {
  readonly clusters: readonly Cluster[];
  /** Subscriptions that could not be listed, with the reason; their clusters were not seen. */
  readonly notListed: readonly { readonly subscriptionId: string; readonly reason: UnavailableReason }[];
  /** Why Resource Graph could not be used, if so; worth a log line. The list is valid all the same. */
  readonly detours: readonly UnavailableReason[];
}

/**
 * The cloud's inventory. Every method throws `Fault` when Azure could not be read, and honors the provider's published call budgets
 * itself.
 */
export interface AzureEstate {
  /** Every cluster of a subscription, from all pages; a list that may be incomplete says why. `getCluster` gives the details. */
  listClusters(subscriptionId: string, abortSignal: AbortSignal): Promise<SubscriptionListing>;
  /**
   * The clusters of many subscriptions, in as few calls as possible. Every subscription is
   * either listed or reported with the reason. `getCluster` gives the details of a cluster.
   */
  listEstate(subscriptionIds: readonly string[], abortSignal: AbortSignal): Promise<EstateListing>;
  /** One cluster; `Fault('not-found')` when it is gone. */
  getCluster(clusterId: string, abortSignal: AbortSignal): Promise<ListedCluster>;
  /** The newest node image offered to a pool (`latestNodeImageVersion` of its upgrade profile). */
  latestNodeImage(listed: ListedCluster, nodePool: string, abortSignal: AbortSignal): Promise<string>;
  /** When Azure may upgrade a cluster automatically; a configuration that cannot be parsed is listed as unreadable. */
  maintenanceConfigurations(listed: ListedCluster, abortSignal: AbortSignal): Promise<readonly MaintenanceConfiguration[]>;
  /** Subscriptions below a management group. */
  listSubscriptions(managementGroup: string, abortSignal: AbortSignal): Promise<readonly string[]>;
}
