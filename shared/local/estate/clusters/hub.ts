import { type ClusterPlan, kataPool, RUNC_CLASS, SYSTEM_POOL, sandboxed, ubuntuPool } from '../build.ts';
import { failsCluster } from '../plant.ts';
import { unknownWithoutAzure, unknownWithoutKubernetes } from '../unjudged.ts';

/** Shared services: clusters that are hard to read, and two that are misconfigured. */
export function hubClusters(now: Date): ClusterPlan[] {
  return [privateNetwork(now), withoutEntraId(now), withoutRights(), throttling(now), plain(now), old(now)];
}

/**
 * Its demonstration makes the network private. The rules that are then unknown are listed here, because each new demonstration
 * extends this list.
 */
function privateNetwork(now: Date): ClusterPlan {
  return {
    name: 'hub-priv-weu',
    pools: [SYSTEM_POOL, ubuntuPool('apps', 3, now), kataPool('kata', 3)],
    workloads: [
      sandboxed({ namespace: 'hsm', name: 'signer', replicas: 6 }),
      { namespace: 'registry', name: 'registry', replicas: 10, nodePool: 'apps' },
    ],
    plantedFaults: unknownWithoutKubernetes('kata'),
  };
}

function withoutEntraId(now: Date): ClusterPlan {
  return {
    name: 'hub-local-weu',
    entraId: false,
    pools: [SYSTEM_POOL, ubuntuPool('apps', 2, now), kataPool('kata', 2)],
    workloads: [
      sandboxed({ namespace: 'build', name: 'builder', replicas: 10 }),
      { namespace: 'build', name: 'cache', replicas: 6, nodePool: 'apps' },
    ],
    plantedFaults: [failsCluster('cluster-assessed'), ...unknownWithoutKubernetes('kata')],
  };
}

/** The estate's list contains it, but the identity may no longer read it. */
function withoutRights(): ClusterPlan {
  return {
    name: 'hub-denied-weu',
    denied: ['get managedclusters'],
    pools: [SYSTEM_POOL, kataPool('kata', 2)],
    workloads: [sandboxed({ namespace: 'keys', name: 'key-broker', replicas: 4 })],
    plantedFaults: [failsCluster('cluster-assessed'), ...unknownWithoutAzure()],
  };
}

/** Its tag says that it has no sandboxed workloads, so it needs no Kata pool or class; its API server is busy. */
function throttling(now: Date): ClusterPlan {
  return {
    name: 'hub-busy-weu',
    tags: { 'kataudit.io/sandbox': 'none' },
    throttle: { requests: 2, retryAfterSeconds: 1 },
    runtimeClasses: [RUNC_CLASS],
    pools: [SYSTEM_POOL, ubuntuPool('apps', 6, now), ubuntuPool('monitoring', 3, now)],
    workloads: [
      { namespace: 'monitoring', name: 'prometheus', kind: 'StatefulSet', replicas: 6, nodePool: 'monitoring' },
      { namespace: 'monitoring', name: 'loki', replicas: 40, nodePool: 'monitoring' },
      { namespace: 'portal', name: 'portal', replicas: 180, nodePool: 'apps' },
    ],
  };
}

function plain(now: Date): ClusterPlan {
  return {
    name: 'hub-plain-weu',
    pools: [SYSTEM_POOL, ubuntuPool('apps', 3, now), kataPool('kata', 2)],
    workloads: [
      sandboxed({ namespace: 'scan', name: 'file-scanner', replicas: 30, nodePool: 'kata' }),
      { namespace: 'mail', name: 'mailer', replicas: 60, nodePool: 'apps' },
    ],
  };
}

function old(now: Date): ClusterPlan {
  return {
    name: 'hub-old-weu',
    pools: [SYSTEM_POOL, ubuntuPool('apps', 3, now), kataPool('kata', 2)],
    workloads: [{ namespace: 'wiki', name: 'wiki', replicas: 40, nodePool: 'apps' }],
  };
}
