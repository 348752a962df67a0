import type { Bucket } from './bucket.ts';

/*
 * The limits that Azure publishes (AKS: "Throttling limits on AKS resource provider APIs"; ARM: "Throttling
 * limits for regions"; Resource Graph: "Guidance for throttled requests"). If a service also reports in its
 * responses what remains, the response takes precedence.
 */

/** One tenth is left to other callers of the same budgets, and to the network, which delivers calls in bursts. */
const OUR_SHARE = 0.9;

/** LIST of the clusters of a subscription. */
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

/** Azure Resource Manager's budget for reads in a subscription. */
export function armReadsBucket(subscriptionId: string): Bucket {
  return published(`arm-reads/${subscriptionId.toLowerCase()}`, 250, 25);
}

/** Azure Resource Manager's budget for POST and PUT in a subscription. */
export function armWritesBucket(subscriptionId: string): Bucket {
  return published(`arm-writes/${subscriptionId.toLowerCase()}`, 200, 10);
}

/** Azure Resource Manager's budget for DELETE in a subscription. */
export function armDeletesBucket(subscriptionId: string): Bucket {
  return published(`arm-deletes/${subscriptionId.toLowerCase()}`, 200, 10);
}

/** A limit of Kataudit, not of Azure: publishing leaves most of a subscription's writes to its owners and to the next audit. */
export function publishingBucket(subscriptionId: string): Bucket {
  return { key: `publishing/${subscriptionId.toLowerCase()}`, burst: 60, perSecond: 4 };
}

/** Azure Resource Manager's budget for reads above subscriptions. */
export const ARM_TENANT_READS: Bucket = published('arm-tenant-reads', 250, 25);

/** Queries of Azure Resource Graph by one identity: 15 in any window of five seconds. */
export const RESOURCE_GRAPH: Bucket = { key: 'resource-graph', burst: 10, perSecond: 1 };

function published(key: string, burst: number, perSecond: number): Bucket {
  return { key, burst: Math.floor(burst * OUR_SHARE), perSecond };
}
