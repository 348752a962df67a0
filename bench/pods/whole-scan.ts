import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import { observed } from '../../shared/domain/snapshot/observation.ts';
import { openCluster } from '../../shared/kubernetes/open-cluster.ts';
import type { ListedCluster } from '../../shared/ports/azure-estate.ts';
import { RULES } from '../../shared/rules/index.ts';
import { createStorage } from '../../shared/storage/storage.ts';
import { scanCluster } from '../../shared/usecases/scan-cluster.ts';
import { benchAccess } from './access.ts';
import type { Seen } from './measured-client.ts';

const CLUSTER_ID =
  '/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/bench/providers/microsoft.containerservice/managedclusters/bench';

const LISTED: ListedCluster = {
  cluster: {
    id: CLUSTER_ID,
    name: 'bench',
    subscriptionId: '00000000-0000-4000-8000-000000000001',
    resourceGroup: 'bench',
    location: 'westeurope',
    tags: {},
  },
  settings: {
    kubernetesVersion: '1.34.2',
    powerState: 'Running',
    provisioningState: 'Succeeded',
    privateCluster: false,
    entraIntegrated: true,
    azureRbac: true,
    localAccountsDisabled: true,
  },
  nodePools: observed([]),
};

/** A scan as the queue would start it: nodes, classes, namespaces and pods are read, judged and stored. */
export async function wholeScan(url: string): Promise<() => Promise<Seen>> {
  const connectionString = process.env.BENCH_STORAGE;
  if (connectionString === undefined) throw new Error('BENCH_STORAGE is not set.');
  const clock = () => new Date();
  const storage = createStorage({ connectionString, prefix: `run${process.pid}` }, clock);
  await storage.ensure();
  const deps = {
    ...storage,
    azure: { getCluster: async () => LISTED, latestNodeImage: () => Promise.reject(new Error('There are no pools.')) },
    maintenance: { maintenanceConfigurations: () => Promise.reject(new Error('There are no pools.')) },
    connect: () => openCluster(benchAccess(url), { clock }),
    probe: { mode: 'off' as const, open: () => Promise.reject(new Error('The probe is off.')) },
    policy: async () => ({ policy: DEFAULT_POLICY, hash: '0'.repeat(64), source: 'built-in' }),
    rules: RULES,
    clock,
  };
  return async () => {
    const message = { clusterId: CLUSTER_ID, cause: 'event:bench', requestedAt: clock().toISOString() };
    const { assessment, changes } = await scanCluster(deps, message, true, new AbortController().signal);
    return { pods: 0, note: `${assessment}, ${changes.length} findings` };
  };
}
