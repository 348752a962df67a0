import type { Bucket } from './bucket.ts';

/*
 * What Azure publishes (AKS: "Throttling limits on AKS resource provider APIs"; ARM: "Throttling limits
 * for regions"; Resource Graph: "Guidance for throttled requests"). Where a service also says in its
 * answers what remains, the answer wins.
 */

/** A tenth is left to others who spend from the same budgets, and to the network, which delivers calls in bunches. */
const OUR_SHARE = 0.9;

/** LIST of a subscription's clusters. */
export function listClustersBucket(subscriptionId: string): Bucket {
  return published(`aks-list/${subscriptionId.toLowerCase()}`, 500, 1);
}

/** GET of one cluster. */
export function getClusterBucket(clusterId: string): Bucket {
  return published(`aks-get/${clusterId.toLowerCase()}`, 60, 1);
}

/** Every other call to AKS: upgrade profiles, maintenance windows, credentials. */
export function otherAksBucket(subscriptionId: string, location: string): Bucket {
  return published(`aks-other/${subscriptionId.toLowerCase()}/${location.toLowerCase()}`, 60, 1);
}

/** Azure Resource Manager's own budget for reads in a subscription. */
export function armReadsBucket(subscriptionId: string): Bucket {
  return published(`arm-reads/${subscriptionId.toLowerCase()}`, 250, 25);
}

/** Azure Resource Manager's own budget for POST and PUT in a subscription. */
export function armWritesBucket(subscriptionId: string): Bucket {
  return published(`arm-writes/${subscriptionId.toLowerCase()}`, 200, 10);
}

/** Azure Resource Manager's own budget for DELETE in a subscription. */
export function armDeletesBucket(subscriptionId: string): Bucket {
  return published(`arm-deletes/${subscriptionId.toLowerCase()}`, 200, 10);
}

/** Ours, not Azure's: what is told to other services leaves most of a subscription's writes to its owners and to the next audit. */
export function publishingBucket(subscriptionId: string): Bucket {
  return { key: `publishing/${subscriptionId.toLowerCase()}`, burst: 60, perSecond: 4 };
}

/** Azure Resource Manager's own budget for reads above subscriptions. */
export const ARM_TENANT_READS: Bucket = published('arm-tenant-reads', 250, 25);

/** Queries of Azure Resource Graph by one identity: 15 in any five seconds, wherever those five begin. */
export const RESOURCE_GRAPH: Bucket = { key: 'resource-graph', burst: 10, perSecond: 1 };

function published(key: string, burst: number, perSecond: number): Bucket {
  return { key, burst: Math.floor(burst * OUR_SHARE), perSecond };
}
