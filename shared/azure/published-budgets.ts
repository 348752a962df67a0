import type { Bucket } from './budget.ts';

/*
 * What Azure publishes (AKS: "Throttling limits on AKS resource provider APIs"; ARM: "Throttling limits
 * for regions"; Resource Graph: "Guidance for throttled requests"). Where a service also says in its
 * answers what remains, the answer wins.
 */

/** LIST of a subscription's clusters. */
export function listClustersBucket(subscriptionId: string): Bucket {
  return { key: `aks-list/${subscriptionId.toLowerCase()}`, burst: 500, perSecond: 1 };
}

/** GET of one cluster. */
export function getClusterBucket(clusterId: string): Bucket {
  return { key: `aks-get/${clusterId.toLowerCase()}`, burst: 60, perSecond: 1 };
}

/** Every other call to AKS: upgrade profiles, credentials. */
export function otherAksBucket(subscriptionId: string, location: string): Bucket {
  return { key: `aks-other/${subscriptionId.toLowerCase()}/${location.toLowerCase()}`, burst: 60, perSecond: 1 };
}

/** Azure Resource Manager's own budget for reads in a subscription. */
export function armReadsBucket(subscriptionId: string): Bucket {
  return { key: `arm-reads/${subscriptionId.toLowerCase()}`, burst: 250, perSecond: 25 };
}

/** Azure Resource Manager's own budget for POST in a subscription. */
export function armWritesBucket(subscriptionId: string): Bucket {
  return { key: `arm-writes/${subscriptionId.toLowerCase()}`, burst: 200, perSecond: 10 };
}

/** Azure Resource Manager's own budget for reads above subscriptions. */
export const ARM_TENANT_READS: Bucket = { key: 'arm-tenant-reads', burst: 250, perSecond: 25 };

/** Queries of Azure Resource Graph by one identity: 15 in any five seconds, wherever those five begin. */
export const RESOURCE_GRAPH: Bucket = { key: 'resource-graph', burst: 10, perSecond: 1 };
