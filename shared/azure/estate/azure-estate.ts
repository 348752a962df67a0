import { z } from 'zod';
import type { MaintenanceConfiguration } from '../../domain/maintenance/planned-upgrade.ts';
import { Fault } from '../../domain/snapshot/fault.ts';
import { type ClusterIdParts, formatClusterId, parseClusterId } from '../../domain/snapshot/resource-id.ts';
import type { Cluster } from '../../domain/snapshot/snapshot.ts';
import type { AzureEstate, ListedCluster, SubscriptionListing } from '../../ports/azure-estate.ts';
import { armReadsBucket, getClusterBucket, listClustersBucket } from '../budget/published-budgets.ts';
import { advised } from '../client/advice.ts';
import { oneLine } from '../client/fault.ts';
import type { AzureEstateOptions, AzureOptions } from '../client/options.ts';
import { drain, only } from '../client/paging.ts';
import { ClusterRow, pageOf, toCluster, toListedCluster } from './cluster-row.ts';
import { containerService } from './container-service.ts';
import { latestImages } from './latest-images.ts';
import { listEstate } from './list-estate.ts';
import { maintenanceConfigurations } from './maintenance.ts';
import { remembering } from './remembered.ts';
import { subscriptionsBelow } from './subscriptions.ts';

/** Maintenance windows rarely change, so a burst of events on a cluster does not read them each time. */
const WINDOWS_HOLD_MS = 15 * 60_000;
const MAX_WINDOWS = 5_000;

const READ = 'Microsoft.ContainerService/managedClusters/read';

/** Creates a reader of the estate from Azure Resource Manager and Resource Graph, with the identity's own permissions. */
export function createAzureEstate(options: AzureEstateOptions): AzureEstate {
  const list: AzureEstate['listClusters'] = (subscriptionId, abortSignal) => advised(listClusters(options, subscriptionId, abortSignal));
  const latestImage = latestImages(options);
  const windowsOf = remembering<readonly MaintenanceConfiguration[]>(options.clock, WINDOWS_HOLD_MS, MAX_WINDOWS);
  return {
    listClusters: list,
    listEstate: (subscriptionIds, abortSignal) => listEstate({ ...options, list }, subscriptionIds, abortSignal),
    getCluster: (clusterId, abortSignal) => advised(getCluster(options, clusterId, abortSignal)),
    latestNodeImage: (listed, nodePool, abortSignal) => advised(latestImage(listed, nodePool, abortSignal)),
    maintenanceConfigurations: (listed, abortSignal) =>
      windowsOf(listed.cluster.id, () => advised(maintenanceConfigurations(options, listed, abortSignal))),
    listSubscriptions: (managementGroup, abortSignal) => advised(subscriptionsBelow(options, managementGroup, abortSignal)),
  };
}

/** Parses a cluster id; an invalid id is a mistake of the caller and needs no call to Azure. */
function partsOf(clusterId: string): ClusterIdParts {
  const parts = parseClusterId(clusterId);
  if (parts === undefined) throw new Fault('malformed', `Not the id of an AKS cluster: ${clusterId}`);
  return parts;
}

/** Lists the clusters of a subscription. Only the id of each entry must be valid, because each cluster is read separately. */
async function listClusters(options: AzureOptions, subscriptionId: string, abortSignal: AbortSignal): Promise<SubscriptionListing> {
  const what = `list the clusters of subscription ${subscriptionId}`;
  const { client, answers } = await containerService(options, subscriptionId, {
    what,
    action: READ,
    buckets: [listClustersBucket(subscriptionId), armReadsBucket(subscriptionId)],
    schema: pageOf(z.unknown()),
    abortSignal,
  });
  await drain(client.managedClusters.list().byPage(), () => answers.at(-1)?.nextLink, what);
  const clusters = new Map<string, Cluster>();
  const odd: string[] = [];
  for (const cluster of answers.flatMap(({ value }) => value.map(toCluster))) {
    if (typeof cluster === 'string') odd.push(cluster);
    else if (cluster.subscriptionId !== subscriptionId.toLowerCase()) odd.push(`an entry with the id ${cluster.id}`);
    // A list that changes while it is paged can return a row twice; the later row is newer.
    else clusters.set(cluster.id, cluster);
  }
  const listed = [...clusters.values()];
  if (odd[0] === undefined) return { clusters: listed };
  const message = `Cannot ${what} completely: the list contains ${oneLine(odd[0])}, which is not a cluster of the subscription (such entries: ${odd.length}).`;
  return { clusters: listed, incomplete: { code: 'malformed', message } };
}

async function getCluster(options: AzureOptions, id: string, abortSignal: AbortSignal): Promise<ListedCluster> {
  const parts = partsOf(id);
  const clusterId = formatClusterId(parts);
  const what = `read the cluster ${clusterId}`;
  const { client, answers } = await containerService(options, parts.subscriptionId, {
    what,
    action: READ,
    buckets: [getClusterBucket(clusterId), armReadsBucket(parts.subscriptionId)],
    schema: ClusterRow,
    abortSignal,
  });
  await client.managedClusters.get(parts.resourceGroup, parts.name);
  const listed = toListedCluster(only(answers));
  if (listed.cluster.id === clusterId) return listed;
  throw new Fault('malformed', `Cannot ${what}: the response is malformed: it is about ${listed.cluster.id}.`);
}
