import {
  buildCluster,
  KATA_CLASS,
  karpenterNode,
  kataPool,
  LEGACY_KATA_CLASS,
  RUNC_CLASS,
  SYSTEM_POOL,
  sandboxed,
  ubuntuPool,
} from '../build.ts';
import { FROZEN_KATA_IMAGE, imageOfAge, latestImage, VARIANTS } from '../images.ts';
import type { EstateCluster } from '../model.ts';
import { failsClass, failsPool, guestOnKataNodes, unknownWithoutKubernetes } from '../plant.ts';

/** The data platform: old names, nodes outside any pool, nodes of mixed images, and a cluster at rest. */
export function dataClusters(now: Date): EstateCluster[] {
  return [legacyNames(now), nodeAutoProvisioning(now), mixedImages(now), stopped(now)];
}

/** Made during the preview: its pool's runtime, its class and its image carry names of that time. */
function legacyNames(now: Date): EstateCluster {
  return buildCluster(
    {
      name: 'data-prod-eus',
      location: 'eastus',
      kubernetesVersion: '1.31.9',
      pools: [
        SYSTEM_POOL,
        ubuntuPool('spark', 6, now),
        kataPool('katalegacy', 4, { workloadRuntime: 'KataMshvVmIsolation', nodeImageVersion: FROZEN_KATA_IMAGE }),
      ],
      runtimeClasses: [LEGACY_KATA_CLASS, KATA_CLASS, RUNC_CLASS],
      workloads: [
        sandboxed({ namespace: 'notebooks', name: 'jupyter', replicas: 50, runtimeClassName: LEGACY_KATA_CLASS.name }),
        { namespace: 'spark', name: 'spark-executor', replicas: 220, nodePool: 'spark' },
        { namespace: 'spark', name: 'compaction', kind: 'Job', replicas: 8, nodePool: 'spark', state: 'failed' },
      ],
      plantedFaults: [
        failsPool('workload-runtime-name-current', 'katalegacy'),
        failsPool('node-image-supported', 'katalegacy'),
        failsClass('runtime-class-name-current', LEGACY_KATA_CLASS.name),
        failsClass('runtime-class-overhead', LEGACY_KATA_CLASS.name),
      ],
    },
    now,
  );
}

function nodeAutoProvisioning(now: Date): EstateCluster {
  const name = 'data-ml-eus2';
  return buildCluster(
    {
      name,
      location: 'eastus2',
      nodeProvisioning: 'Auto',
      pools: [SYSTEM_POOL, kataPool('kata', 2), ubuntuPool('serving', 3, now)],
      extraNodes: [
        ...[0, 1, 2].map((at) => karpenterNode(name, 'default', at, latestImage(VARIANTS.ubuntu, now))),
        ...[0, 1].map((at) => karpenterNode(name, 'kata-nap', at, latestImage(VARIANTS.kata, now))),
      ],
      workloads: [
        sandboxed({ namespace: 'agents', name: 'code-runner', replicas: 60 }),
        { namespace: 'serving', name: 'model-server', replicas: 90, nodePool: 'serving' },
        { namespace: 'serving', name: 'feature-store', kind: 'StatefulSet', replicas: 12 },
      ],
      plantedFaults: [guestOnKataNodes('serving', 'StatefulSet/feature-store')],
    },
    now,
  );
}

/** In the middle of a node image upgrade that stalled: the pool says the new image, two nodes still run the old one. */
function mixedImages(now: Date): EstateCluster {
  const old = imageOfAge(VARIANTS.kata, 33, now);
  return buildCluster(
    {
      name: 'data-batch-cus',
      location: 'centralus',
      pools: [SYSTEM_POOL, ubuntuPool('batch', 20, now), ubuntuPool('spot', 8, now), kataPool('kata', 6)],
      adjustNode: (node, at) => (node.nodePool === 'kata' && at % 3 === 0 ? { ...node, nodeImageVersion: old } : node),
      workloads: [
        sandboxed({ namespace: 'ingest', name: 'partner-plugins', replicas: 90 }),
        { namespace: 'ingest', name: 'ingest', replicas: 400, nodePool: 'batch' },
        { namespace: 'etl', name: 'etl-worker', replicas: 520, nodePool: 'batch' },
        { namespace: 'etl', name: 'etl-spot', replicas: 160, nodePool: 'spot' },
        { namespace: 'etl', name: 'debug-shell', kind: 'Pod', replicas: 1, nodePool: 'batch' },
      ],
      plantedFaults: [failsPool('node-image-consistent', 'kata')],
    },
    now,
  );
}

function stopped(now: Date): EstateCluster {
  const off = { powerState: 'Stopped' } as const;
  return buildCluster(
    {
      name: 'data-dev-eus',
      location: 'eastus',
      powerState: 'Stopped',
      tags: { environment: 'development' },
      pools: [
        { ...SYSTEM_POOL, ...off },
        { ...kataPool('kata', 2), ...off },
        { ...ubuntuPool('apps', 2, now), ...off },
      ],
      workloads: [sandboxed({ namespace: 'dev', name: 'playground', replicas: 4 })],
      plantedFaults: unknownWithoutKubernetes(),
    },
    now,
  );
}
