import { buildCluster, kataPool, RUNC_CLASS, SYSTEM_POOL, sandboxed, ubuntuPool } from '../build.ts';
import { latestImage, VARIANTS } from '../images.ts';
import type { EstateCluster } from '../model.ts';
import { failsClass, failsCluster, failsPool, unknownWithoutAzure, unknownWithoutKubernetes } from '../plant.ts';

/** Shared services: clusters that are hard to read, and two that are set up wrong. */
export function hubClusters(now: Date): EstateCluster[] {
  return [privateNetwork(now), withoutEntraId(now), withoutRights(now), throttling(now), plainImage(now), withoutClass(now)];
}

function privateNetwork(now: Date): EstateCluster {
  return buildCluster(
    {
      name: 'hub-priv-weu',
      network: 'private',
      pools: [SYSTEM_POOL, ubuntuPool('apps', 3, now), kataPool('kata', 3)],
      workloads: [
        sandboxed({ namespace: 'hsm', name: 'signer', replicas: 6 }),
        { namespace: 'registry', name: 'registry', replicas: 10, nodePool: 'apps' },
      ],
      plantedFaults: [failsCluster('cluster-assessed'), ...unknownWithoutKubernetes('kata')],
    },
    now,
  );
}

function withoutEntraId(now: Date): EstateCluster {
  return buildCluster(
    {
      name: 'hub-local-weu',
      entraId: false,
      pools: [SYSTEM_POOL, ubuntuPool('apps', 2, now), kataPool('kata', 2)],
      workloads: [
        sandboxed({ namespace: 'build', name: 'builder', replicas: 10 }),
        { namespace: 'build', name: 'cache', replicas: 6, nodePool: 'apps' },
      ],
      plantedFaults: [failsCluster('cluster-assessed'), ...unknownWithoutKubernetes('kata')],
    },
    now,
  );
}

/** The estate's listing knows of it, and the identity may not read it any more. */
function withoutRights(now: Date): EstateCluster {
  return buildCluster(
    {
      name: 'hub-denied-weu',
      denied: ['get managedclusters'],
      pools: [SYSTEM_POOL, kataPool('kata', 2)],
      workloads: [sandboxed({ namespace: 'keys', name: 'key-broker', replicas: 4 })],
      plantedFaults: [failsCluster('cluster-assessed'), ...unknownWithoutAzure()],
    },
    now,
  );
}

/** Its tag says that it sandboxes nothing, so it needs no Kata pool and has no class for one; its API server is busy. */
function throttling(now: Date): EstateCluster {
  return buildCluster(
    {
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
    },
    now,
  );
}

/** One of its Kata pools was given an image without Kata by a node pool snapshot. */
function plainImage(now: Date): EstateCluster {
  return buildCluster(
    {
      name: 'hub-plain-weu',
      pools: [
        SYSTEM_POOL,
        ubuntuPool('apps', 3, now),
        kataPool('katablank', 2, { nodeImageVersion: latestImage(VARIANTS.azureLinux, now) }),
        kataPool('kata', 2),
      ],
      workloads: [
        sandboxed({ namespace: 'scan', name: 'file-scanner', replicas: 30, nodePool: 'kata' }),
        { namespace: 'mail', name: 'mailer', replicas: 60, nodePool: 'apps' },
      ],
      plantedFaults: [
        failsPool('kata-pool-image', 'katablank'),
        failsPool('kata-pool-healthy', 'katablank'),
        failsPool('kata-pool-used', 'katablank'),
      ],
    },
    now,
  );
}

/** Too old for Kata and for its nodes to list their handlers, and without the class that its Kata pool is for. */
function withoutClass(now: Date): EstateCluster {
  return buildCluster(
    {
      name: 'hub-old-weu',
      kubernetesVersion: '1.26.12',
      runtimeClasses: [RUNC_CLASS],
      pools: [SYSTEM_POOL, ubuntuPool('apps', 3, now), kataPool('kata', 2)],
      workloads: [{ namespace: 'wiki', name: 'wiki', replicas: 40, nodePool: 'apps' }],
      plantedFaults: [
        failsCluster('kata-kubernetes-version'),
        failsPool('kata-pool-used', 'kata'),
        failsClass('runtime-class-present', 'kata-vm-isolation'),
      ],
    },
    now,
  );
}
