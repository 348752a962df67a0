import type { MaintenanceConfiguration } from '../../domain/maintenance/planned-upgrade.ts';
import { Fault } from '../../domain/snapshot/fault.ts';
import { parseClusterId } from '../../domain/snapshot/resource-id.ts';
import type { ListedCluster } from '../../ports/azure-estate.ts';
import { armReadsBucket, otherAksBucket } from '../budget/published-budgets.ts';
import type { AzureOptions } from '../client/options.ts';
import { drain } from '../client/paging.ts';
import { pageOf } from './cluster-row.ts';
import { containerService } from './container-service.ts';
import { MaintenanceRow, toMaintenanceConfiguration } from './maintenance-row.ts';

/** Reads a cluster's maintenance configurations, all pages. */
export async function maintenanceConfigurations(
  options: AzureOptions,
  { cluster }: ListedCluster,
  abortSignal: AbortSignal,
): Promise<readonly MaintenanceConfiguration[]> {
  const parts = parseClusterId(cluster.id);
  if (parts === undefined) throw new Fault('no-azure-access', `${cluster.id} is not known to Azure.`);
  const what = `read the maintenance windows of ${cluster.id}`;
  const { client, answers } = await containerService(options, parts.subscriptionId, {
    what,
    action: 'Microsoft.ContainerService/managedClusters/maintenanceConfigurations/read',
    buckets: [otherAksBucket(parts.subscriptionId, cluster.location), armReadsBucket(parts.subscriptionId)],
    schema: pageOf(MaintenanceRow),
    abortSignal,
  });
  await drain(
    client.maintenanceConfigurations.listByManagedCluster(parts.resourceGroup, parts.name).byPage(),
    () => answers.at(-1)?.nextLink,
    what,
  );
  return answers.flatMap(({ value }) => value.map(toMaintenanceConfiguration));
}
