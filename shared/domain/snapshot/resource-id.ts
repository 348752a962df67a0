import { createHash } from 'node:crypto';

/** The parts of an AKS cluster's ARM id; ARM compares ids without regard to case. */
export interface ClusterIdParts {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
}

const CLUSTER_ID =
  /^\/subscriptions\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/resourcegroups\/([^/]+)\/providers\/microsoft\.containerservice\/managedclusters\/([^/]+)(?:\/agentpools\/([^/]+))?(?:\/.*)?$/i;
const SUBSCRIPTION_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Reads a cluster's ARM id, or the id of anything below it; `undefined` when it is not one. */
export function parseClusterId(id: string): (ClusterIdParts & { readonly nodePool?: string }) | undefined {
  const match = CLUSTER_ID.exec(id);
  const [, subscriptionId, resourceGroup, name, nodePool] = match ?? [];
  if (subscriptionId === undefined || resourceGroup === undefined || name === undefined) return undefined;
  return { subscriptionId: subscriptionId.toLowerCase(), resourceGroup, name, ...(nodePool === undefined ? {} : { nodePool }) };
}

/** The canonical lower-case ARM id of a cluster: equal for every spelling of the same cluster. */
export function formatClusterId({ subscriptionId, resourceGroup, name }: ClusterIdParts): string {
  return `/subscriptions/${subscriptionId}/resourcegroups/${resourceGroup}/providers/microsoft.containerservice/managedclusters/${name}`.toLowerCase();
}

/** Whether a text is a subscription's GUID. */
export function isSubscriptionId(text: string): boolean {
  return SUBSCRIPTION_ID.test(text);
}

/** The 16 hexadecimal digits that stand for a cluster in table keys and finding ids. */
export function clusterKey(clusterId: string): string {
  return createHash('sha256').update(clusterId.toLowerCase()).digest('hex').slice(0, 16);
}
