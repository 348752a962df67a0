import { buildCluster, KATA_CLASS, kataPool, REQUIRED, RUNC_CLASS, SYSTEM_POOL, sandboxed, ubuntuPool } from '../build.ts';
import { EQUAL_KERNELS_IMAGE, imageOfAge, VARIANTS } from '../images.ts';
import type { EstateCluster } from '../model.ts';
import { failsClass, failsCluster, failsPool, failsWorkload, guestOnKataNodes } from '../plant.ts';

const SNAPSHOT =
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-images/providers/Microsoft.ContainerService/snapshots/kata-202605';

/** The payment platform: one healthy cluster, and the mistakes that matter most. */
export function paymentsClusters(now: Date): EstateCluster[] {
  return [healthy(now), stale(now), withoutKataPool(now), runcBehindKataName(now)];
}

function healthy(now: Date): EstateCluster {
  return buildCluster(
    {
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
    },
    now,
  );
}

/** Its Kata pools lag: one waits for the next window, the other is pinned to a node pool snapshot. */
function stale(now: Date): EstateCluster {
  return buildCluster(
    {
      name: 'pay-prod-neu',
      location: 'northeurope',
      tags: { environment: 'production' },
      pools: [
        SYSTEM_POOL,
        ubuntuPool('apps', 4, now),
        kataPool('kata', 4, { nodeImageVersion: imageOfAge(VARIANTS.kata, 45, now) }),
        kataPool('kataold', 2, { nodeImageVersion: EQUAL_KERNELS_IMAGE, snapshotId: SNAPSHOT }),
      ],
      maintenanceConfigurations: [weekly('default', 'Wednesday'), weekly('aksManagedNodeOSUpgradeSchedule', 'Sunday')],
      namespaceLabels: { ledger: REQUIRED },
      workloads: [
        sandboxed({ namespace: 'checkout', name: 'payments-api', replicas: 60, nodePool: 'kata' }),
        { namespace: 'vault', name: 'card-vault', replicas: 24, labels: REQUIRED, nodePool: 'apps' },
        sandboxed({ namespace: 'ledger', name: 'ledger', kind: 'StatefulSet', replicas: 6, nodePool: 'kataold' }),
        { namespace: 'ledger', name: 'ledger-export', replicas: 3, nodePool: 'apps' },
        { namespace: 'storefront', name: 'web', replicas: 140, nodePool: 'apps' },
      ],
      plantedFaults: [
        failsPool('node-image-current', 'kata'),
        failsPool('node-image-current', 'kataold'),
        failsPool('node-image-supported', 'kataold'),
        failsWorkload('workload-sandboxed', 'vault', 'Deployment/card-vault'),
        failsWorkload('workload-sandboxed', 'ledger', 'Deployment/ledger-export'),
      ],
    },
    now,
  );
}

function withoutKataPool(now: Date): EstateCluster {
  return buildCluster(
    {
      name: 'pay-stage-weu',
      tags: { environment: 'staging' },
      pools: [SYSTEM_POOL, ubuntuPool('apps', 3, now), ubuntuPool('tools', 2, now)],
      workloads: [
        { namespace: 'risk', name: 'risk-engine', replicas: 20, labels: REQUIRED, nodePool: 'apps' },
        { namespace: 'storefront', name: 'web', replicas: 80, nodePool: 'apps' },
        { namespace: 'ci', name: 'runner', replicas: 40, nodePool: 'tools' },
      ],
      plantedFaults: [failsCluster('kata-pool-present'), failsWorkload('workload-sandboxed', 'risk', 'Deployment/risk-engine')],
    },
    now,
  );
}

/** Its class `kata-fast` sounds like a sandbox and starts ordinary containers. */
function runcBehindKataName(now: Date): EstateCluster {
  return buildCluster(
    {
      name: 'pay-edge-uks',
      location: 'uksouth',
      tags: { environment: 'production' },
      pools: [SYSTEM_POOL, ubuntuPool('apps', 2, now), kataPool('kata', 3)],
      runtimeClasses: [KATA_CLASS, RUNC_CLASS, { ...KATA_CLASS, name: 'kata-fast', handler: 'untrusted' }],
      workloads: [
        sandboxed({ namespace: 'edge', name: 'edge-gateway', replicas: 18, runtimeClassName: 'kata-fast' }),
        sandboxed({ namespace: 'edge', name: 'edge-auth', replicas: 12 }),
        { namespace: 'edge', name: 'edge-static', replicas: 60, nodePool: 'apps' },
      ],
      plantedFaults: [
        failsClass('runtime-class-handler', 'kata-fast'),
        failsWorkload('workload-sandboxed', 'edge', 'Deployment/edge-gateway'),
        guestOnKataNodes('edge', 'Deployment/edge-gateway'),
      ],
    },
    now,
  );
}

/** Four hours every week, from 01:00 UTC. */
function weekly(name: string, dayOfWeek: string) {
  const schedule = { weekly: { intervalWeeks: 1, dayOfWeek } };
  const window = { schedule, durationHours: 4, utcOffset: '+00:00', startDate: '2026-01-01', startTime: '01:00' };
  return { name, properties: { maintenanceWindow: window } };
}
