import { createHash } from 'node:crypto';
import { given } from './given.ts';

/** The parts of an AKS cluster's ARM id. Case does not matter in ARM ids. */
export interface ClusterIdParts {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
}

/**
 * Names that ARM allows; an id with other characters was made up. Sources:
 * learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules (resource groups, managedClusters).
 */
const GROUP = String.raw`[-\p{L}\p{M}\p{Nd}\p{Pc}.()]{0,89}[-\p{L}\p{M}\p{Nd}\p{Pc}()]`;
const CLUSTER = '[a-z0-9](?:[-_a-z0-9]{0,61}[a-z0-9])?';
const POOL = '[a-z0-9](?:[-a-z0-9]{0,62})';
const CLUSTER_ID = new RegExp(
  String.raw`^/subscriptions/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/resourcegroups/(${GROUP})/providers/microsoft\.containerservice/managedclusters/(${CLUSTER})(?:/agentpools/(${POOL}))?(?:/[-\w./]*)?$`,
  'iu',
);
const SUBSCRIPTION_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Parses the ARM id of a cluster, or of a resource below it; `undefined` for any other text. */
export function parseClusterId(id: string): (ClusterIdParts & { readonly nodePool?: string }) | undefined {
  const match = CLUSTER_ID.exec(id);
  const [, subscriptionId, resourceGroup, name, nodePool] = match ?? [];
  if (subscriptionId === undefined || resourceGroup === undefined || name === undefined) return undefined;
  return { subscriptionId: subscriptionId.toLowerCase(), resourceGroup, name, ...given({ nodePool }) };
}

/** The canonical lower-case ARM id of a cluster, the same for every spelling. */
export function formatClusterId({ subscriptionId, resourceGroup, name }: ClusterIdParts): string {
  return `/subscriptions/${subscriptionId}/resourcegroups/${resourceGroup}/providers/microsoft.containerservice/managedclusters/${name}`.toLowerCase();
}

/** Whether a text is a subscription's GUID. */
export function isSubscriptionId(text: string): boolean {
  return SUBSCRIPTION_ID.test(text);
}

/** The 16 hexadecimal digits that identify a cluster in table keys and finding ids. */
export function clusterKey(clusterId: string): string {
  return createHash('sha256').update(clusterId.toLowerCase()).digest('hex').slice(0, 16);
}
