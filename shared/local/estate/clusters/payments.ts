import { type ClusterPlan, kataPool, REQUIRED, SYSTEM_POOL, sandboxed, ubuntuPool } from '../build.ts';

/** The payment platform: one healthy cluster, and clusters in which demonstrations plant the most important mistakes. */
export function paymentsClusters(now: Date): ClusterPlan[] {
  return [healthy(now), stale(now), withoutKataPool(now), edge(now)];
}

function healthy(now: Date): ClusterPlan {
  return {
    name: 'pay-prod-weu',
    tags: { environment: 'production', 'cost-center': '4711' },
    pools: [SYSTEM_POOL, ubuntuPool('apps', 6, now), ubuntuPool('batch', 3, now), kataPool('kata', 6), kataPool('kata2', 4)],
    namespaceLabels: { checkout: REQUIRED },
    workloads: [
      sandboxed({ namespace: 'checkout', name: 'payments-api', replicas: 80 }),
      sandboxed({ namespace: 'checkout', name: 'card-tokenizer', replicas: 40, labels: { team: 'cards' } }),
      sandboxed({ namespace: 'ledger', name: 'ledger', kind: 'StatefulSet', replicas: 9, nodePool: 'kata2' }),
      { namespace: 'storefront', name: 'web', replicas: 160, nodePool: 'apps', memoryLimit: '256Mi' },
      { namespace: 'storefront', name: 'search', replicas: 60, nodePool: 'apps' },
      { namespace: 'reports', name: 'nightly-settlement', kind: 'Job', replicas: 12, nodePool: 'batch', state: 'succeeded' },
      { namespace: 'reports', name: 'statements', replicas: 120, nodePool: 'batch' },
    ],
  };
}

/** Its Kata pools, which demonstrations add, have old images; it has maintenance windows. */
function stale(now: Date): ClusterPlan {
  return {
    name: 'pay-prod-neu',
    location: 'northeurope',
    tags: { environment: 'production' },
    pools: [SYSTEM_POOL, ubuntuPool('apps', 4, now)],
    maintenanceConfigurations: [weekly('default', 'Wednesday'), weekly('aksManagedNodeOSUpgradeSchedule', 'Sunday')],
    workloads: [{ namespace: 'storefront', name: 'web', replicas: 140, nodePool: 'apps' }],
  };
}

function withoutKataPool(now: Date): ClusterPlan {
  return {
    name: 'pay-stage-weu',
    tags: { environment: 'staging' },
    pools: [SYSTEM_POOL, ubuntuPool('apps', 3, now), ubuntuPool('tools', 2, now)],
    workloads: [
      { namespace: 'storefront', name: 'web', replicas: 80, nodePool: 'apps' },
      { namespace: 'ci', name: 'runner', replicas: 40, nodePool: 'tools' },
    ],
  };
}

function edge(now: Date): ClusterPlan {
  return {
    name: 'pay-edge-uks',
    location: 'uksouth',
    tags: { environment: 'production' },
    pools: [SYSTEM_POOL, ubuntuPool('apps', 2, now), kataPool('kata', 3)],
    workloads: [
      sandboxed({ namespace: 'edge', name: 'edge-auth', replicas: 12 }),
      { namespace: 'edge', name: 'edge-static', replicas: 60, nodePool: 'apps' },
    ],
  };
}

/** Four hours every week, from 01:00 UTC. */
function weekly(name: string, dayOfWeek: string) {
  const schedule = { weekly: { intervalWeeks: 1, dayOfWeek } };
  const window = { schedule, durationHours: 4, utcOffset: '+00:00', startDate: '2026-01-01', startTime: '01:00' };
  return { name, properties: { maintenanceWindow: window } };
}
