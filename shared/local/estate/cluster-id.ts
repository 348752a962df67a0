import type { EstateCluster } from './model.ts';

/** The resource id of a simulated cluster, spelled as Azure Resource Manager spells it. */
export function clusterId(subscriptionId: string, { resourceGroup, name }: Pick<EstateCluster, 'resourceGroup' | 'name'>): string {
  return `/subscriptions/${subscriptionId}/resourcegroups/${resourceGroup}/providers/Microsoft.ContainerService/managedClusters/${name}`;
}
