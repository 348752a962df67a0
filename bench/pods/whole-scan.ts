import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import { observed } from '../../shared/domain/snapshot/observation.ts';
import { openCluster } from '../../shared/kubernetes/open-cluster.ts';
import type { ListedCluster } from '../../shared/ports/azure-estate.ts';
import { RULES } from '../../shared/rules/index.ts';
import { createStorage } from '../../shared/storage/storage.ts';
import { scanCluster } from '../../shared/usecases/scan-cluster.ts';
import { benchAccess } from './access.ts';
import type { Seen } from './measured-client.ts';

/** The id of one of the benchmark's clusters, all of which are the same API server. */
export function clusterId(number: number): string {
  return `/subscriptions/${SUBSCRIPTION}/resourcegroups/bench/providers/microsoft.containerservice/managedclusters/bench-${number}`;
}

const SUBSCRIPTION = '00000000-0000-4000-8000-000000000001';

function listed(id: string): ListedCluster {
  return {
    cluster: {
      id,
      name: id.split('/').at(-1) ?? '',
      subscriptionId: SUBSCRIPTION,
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
}

/** A scan as the queue would start it: nodes, classes, namespaces and pods are read, judged and stored. */
export async function wholeScan(url: string): Promise<() => Promise<Seen>> {
  const scan = await scanner(url);
  return async () => ({ pods: 0, note: await scan(clusterId(0)) });
}

/** Scans clusters by their ids, repeatedly; returns the result in a few words. */
export async function scanner(url: string): Promise<(id: string) => Promise<string>> {
  const connectionString = process.env.BENCH_STORAGE;
  if (connectionString === undefined) throw new Error('BENCH_STORAGE is not set.');
  const clock = () => new Date();
  const storage = createStorage({ connectionString, prefix: `run${process.pid}` }, clock);
  await storage.ensure();
  const deps = {
    ...storage,
    azure: { getCluster: async (id: string) => listed(id), latestNodeImage: () => Promise.reject(new Error('There are no pools.')) },
    maintenance: { maintenanceConfigurations: () => Promise.reject(new Error('There are no pools.')) },
    connect: () => openCluster(benchAccess(url), { clock }),
    probe: { mode: 'off' as const, open: () => Promise.reject(new Error('The probe is off.')) },
    policy: async () => ({ policy: DEFAULT_POLICY, hash: '0'.repeat(64), source: 'built-in' }),
    rules: RULES,
    clock,
  };
  return async (id) => {
    const message = { clusterId: id, cause: 'event:bench', requestedAt: clock().toISOString() };
    const { assessment, changes } = await scanCluster(deps, message, true, new AbortController().signal);
    return `${assessment}, ${changes.length} findings`;
  };
}
