import { type ClusterPlan, karpenterNode, kataPool, SYSTEM_POOL, sandboxed, ubuntuPool } from '../build.ts';
import { latestImage, VARIANTS } from '../images.ts';
import { guestOnKataNodes } from '../plant.ts';
import { unknownWithoutKubernetes } from '../unjudged.ts';

/** The data platform: old names, nodes outside of pools, nodes with mixed images, and a stopped cluster. */
export function dataClusters(now: Date): ClusterPlan[] {
  return [legacyNames(now), nodeAutoProvisioning(now), batch(now), stopped(now)];
}

/** Created during the preview: demonstrations add the pool and the class of that time. */
function legacyNames(now: Date): ClusterPlan {
  return {
    name: 'data-prod-eus',
    location: 'eastus',
    kubernetesVersion: '1.31.9',
    pools: [SYSTEM_POOL, ubuntuPool('spark', 6, now)],
    workloads: [
      { namespace: 'spark', name: 'spark-executor', replicas: 220, nodePool: 'spark' },
      { namespace: 'spark', name: 'compaction', kind: 'Job', replicas: 8, nodePool: 'spark', state: 'failed' },
    ],
  };
}

function nodeAutoProvisioning(now: Date): ClusterPlan {
  const name = 'data-ml-eus2';
  return {
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
  };
}

function batch(now: Date): ClusterPlan {
  return {
    name: 'data-batch-cus',
    location: 'centralus',
    pools: [SYSTEM_POOL, ubuntuPool('batch', 20, now), ubuntuPool('spot', 8, now), kataPool('kata', 6)],
    workloads: [
      sandboxed({ namespace: 'ingest', name: 'partner-plugins', replicas: 90 }),
      { namespace: 'ingest', name: 'ingest', replicas: 400, nodePool: 'batch' },
      { namespace: 'etl', name: 'etl-worker', replicas: 520, nodePool: 'batch' },
      { namespace: 'etl', name: 'etl-spot', replicas: 160, nodePool: 'spot' },
      { namespace: 'etl', name: 'debug-shell', kind: 'Pod', replicas: 1, nodePool: 'batch' },
    ],
  };
}

function stopped(now: Date): ClusterPlan {
  const off = { powerState: 'Stopped' } as const;
  return {
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
  };
}
