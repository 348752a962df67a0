import {
  type ClusterPlan,
  KATA_CLASS,
  kataPool,
  LEGACY_KATA_CLASS,
  REQUIRED,
  RUNC_CLASS,
  SYSTEM_POOL,
  sandboxed,
  ubuntuPool,
  type WorkloadPlan,
} from '../build.ts';
import { imageOfAge, latestImage, VARIANTS } from '../images.ts';
import { failsPool, failsWorkload, probed, unknownOfPool, unknownOfWorkload } from '../plant.ts';

/** Rare mistakes, each in its own kind of cluster. The demonstration of a rule plants the fault of that rule. */
export function labClusters(now: Date): ClusterPlan[] {
  return [pools(now), classes(now), goneClasses(now), pods(), probes(), lives(now), races(), hostile()];
}

/** Kata pools in the middle of an upgrade, with an unreadable image, and those that demonstrations add. */
function pools(now: Date): ClusterPlan {
  return {
    name: 'lab-pools-weu',
    pools: [
      SYSTEM_POOL,
      kataPool('kata', 2),
      kataPool('katarolling', 3, {
        provisioningState: 'UpgradingNodeImageVersion',
        nodeImageVersion: imageOfAge(VARIANTS.kata, 45, now),
      }),
      kataPool('katanightly', 0, { nodeImageVersion: 'AKSNightly_kata_build', latestNodeImageVersion: latestImage(VARIANTS.kata, now) }),
    ],
    workloads: ['kata', 'katarolling'].map((pool) => sandboxed({ namespace: 'lab', name: `runner-${pool}`, replicas: 4, nodePool: pool })),
    plantedFaults: [
      ...unknownOfPool('katarolling', 'kata-pool-healthy', 'node-image-current', 'node-image-supported', 'node-image-consistent'),
      ...unknownOfPool('katanightly', 'kata-pool-image', 'node-image-current', 'node-image-supported'),
    ],
  };
}

function classes(now: Date): ClusterPlan {
  return {
    name: 'lab-classes-weu',
    pools: [SYSTEM_POOL, kataPool('kata', 2), ubuntuPool('apps', 2, now)],
    runtimeClasses: [KATA_CLASS, RUNC_CLASS, { ...LEGACY_KATA_CLASS, overheadMemory: '600Mi' }],
    workloads: [sandboxed({ namespace: 'lab', name: 'tenant', replicas: 6 })],
  };
}

/** A class was recreated after its pods, so it is no longer known what started them. Source: kubernetes/enhancements#909. */
function goneClasses(now: Date): ClusterPlan {
  return {
    name: 'lab-gone-weu',
    runtimeClasses: [KATA_CLASS, RUNC_CLASS, { ...KATA_CLASS, name: 'kata-anew', createdAt: now.toISOString() }],
    pools: [SYSTEM_POOL, kataPool('kata', 2)],
    workloads: [
      sandboxed({ namespace: 'lab', name: 'tenant', replicas: 2 }),
      sandboxed({ namespace: 'lab', name: 'elder', replicas: 2, runtimeClassName: 'kata-anew', probe: 'no-tools' }),
    ],
    plantedFaults: [
      ...unknownOfWorkload('lab', 'Deployment/elder', 'workload-sandboxed', 'sandboxed-pod-on-kata-node'),
      { ...failsWorkload('kata-node-tenancy', 'lab', 'Deployment/elder'), verdict: 'unknown', when: 'opted-in' },
      probed('unknown', 'lab', 'Deployment/elder'),
    ],
  };
}

/** Sandboxed pods, of which demonstrations add those that weaken their own sandbox. */
function pods(): ClusterPlan {
  return {
    name: 'lab-pods-weu',
    pools: [SYSTEM_POOL, kataPool('kata', 3)],
    workloads: [sandboxed({ namespace: 'tenants', name: 'tight', replicas: 2 })],
  };
}

/** Cases for the isolation probe. */
function probes(): ClusterPlan {
  const tenant = (name: string, over: Partial<WorkloadPlan> = {}) => sandboxed({ namespace: 'tenants', name, replicas: 2, ...over });
  return {
    name: 'lab-probes-weu',
    pools: [SYSTEM_POOL, kataPool('kata', 3)],
    workloads: [
      tenant('own-kernel'),
      tenant('distroless', { probe: 'no-tools' }),
      tenant('silent', { probe: 'hangs' }),
      tenant('chatty', { probe: 'endless' }),
    ],
    plantedFaults: [
      probed('unknown', 'tenants', 'Deployment/distroless'),
      probed('unknown', 'tenants', 'Deployment/silent'),
      probed('unknown', 'tenants', 'Deployment/chatty'),
    ],
  };
}

/** The life cycle of workloads in real clusters: runs between which a CronJob has no pod, evicted pods, gates, rollouts that wait, closed nodes, odd owners and labels. */
function lives(now: Date): ClusterPlan {
  const tenant = (name: string, over: Partial<WorkloadPlan>) => sandboxed({ namespace: 'tenants', name, replicas: 2, ...over });
  const plain = (name: string, over: Partial<WorkloadPlan>) => ({
    namespace: 'tenants',
    name,
    labels: REQUIRED,
    memoryLimit: '512Mi',
    ...over,
  });
  const yesterday = Math.floor(now.getTime() / 60_000) - 24 * 60;
  return {
    name: 'lab-lives-weu',
    pools: [SYSTEM_POOL, kataPool('kata', 2), kataPool('kataclosed', 1), kataPool('katataint', 1)],
    adjustNode: (node) => {
      if (node.nodePool === 'kataclosed') return { ...node, unschedulable: true };
      return node.nodePool === 'katataint' ? { ...node, taints: [{ key: 'team', value: 'other', effect: 'NoSchedule' }] } : node;
    },
    namespaceLabels: { misspelt: { 'kataudit.io/sandbox': 'Required' } },
    workloads: [
      tenant('steady', { claim: 'disk' }),
      tenant('claims-folder', { claim: 'host-path' }),
      tenant('claims-disk', { claim: 'local' }),
      tenant('evicted', { revision: 1, replicas: 1, state: 'failed', hostPath: '/var/log' }),
      tenant('evicted', { revision: 2 }),
      tenant('queued', { kind: 'Job', state: 'gated' }),
      tenant('meshed', { sidecar: true }),
      tenant('rolled', { revision: 2, replicas: 1 }),
      plain('rolled', { revision: 1, replicas: 2, nodePool: 'system' }),
      plain('payroll', { kind: 'CronJob', run: yesterday, replicas: 1, state: 'succeeded' }),
      plain('weekly', { kind: 'CronJob', replicas: 0 }),
      tenant('monthly', { kind: 'CronJob', replicas: 0 }),
      plain('frozen', { nodePool: 'system', replicas: 2, templateClass: KATA_CLASS.name, held: 'paused' }),
      plain('full', { nodePool: 'system', replicas: 1, templateClass: KATA_CLASS.name, held: 'quota' }),
      plain('once', { kind: 'Job', replicas: 1, state: 'succeeded' }),
      plain('web', { kind: 'StatefulSet', ownerGroup: 'apps.kruise.io', nodePool: 'system' }),
      { namespace: 'misspelt', name: 'pay', memoryLimit: '512Mi', nodePool: 'system' },
    ],
    plantedFaults: [
      failsPool('kata-pool-healthy', 'kataclosed'),
      failsPool('kata-pool-used', 'kataclosed'),
      failsPool('kata-pool-healthy', 'katataint'),
      failsPool('kata-pool-used', 'katataint'),
      failsWorkload('sandboxed-pod-memory-limit', 'tenants', 'Deployment/meshed'),
      failsWorkload('sandboxed-pod-host-path', 'tenants', 'Deployment/claims-folder'),
      failsWorkload('sandboxed-pod-host-path', 'tenants', 'Deployment/claims-disk'),
      failsWorkload('workload-sandboxed', 'tenants', 'Deployment/rolled'),
      failsWorkload('workload-sandboxed', 'tenants', 'CronJob/payroll'),
      failsWorkload('workload-sandboxed', 'tenants', 'CronJob/weekly'),
      failsWorkload('workload-sandboxed', 'tenants', 'Deployment/frozen'),
      failsWorkload('workload-sandboxed', 'tenants', 'Deployment/full'),
      failsWorkload('workload-sandboxed', 'tenants', 'StatefulSet/web', 'apps.kruise.io'),
      ...unknownOfWorkload('misspelt', 'Deployment/pay', 'workload-sandboxed'),
      probed('unknown', 'tenants', 'Job/queued'),
    ],
  };
}

/** A node and a namespace that were created between two lists of one scan, so that results that depend on them are unknown. */
function races(): ClusterPlan {
  return {
    name: 'lab-races-weu',
    pools: [SYSTEM_POOL, kataPool('kata', 3)],
    adjustNode: (node, at) => (at === SYSTEM_POOL.nodes ? { ...node, isLate: true } : node),
    lateNamespaces: ['newcomers'],
    workloads: [
      sandboxed({ namespace: 'tenants', name: 'spread', replicas: 3 }),
      { namespace: 'newcomers', name: 'web', memoryLimit: '512Mi', nodePool: 'system' },
    ],
    plantedFaults: [
      ...unknownOfWorkload('tenants', 'Deployment/spread', 'sandboxed-pod-on-kata-node'),
      ...unknownOfWorkload('newcomers', 'Deployment/web', 'workload-sandboxed'),
    ],
  };
}

/**
 * Labels and owners that people write to be counted elsewhere, and classes that do not come from AKS. An owner reference is free
 * text: the API server checks only that it is not empty. Source: kubernetes pkg/apis/core validation of ownerReferences.
 */
function hostile(): ClusterPlan {
  const bare = (name: string, ownerText: string): WorkloadPlan => ({
    namespace: 'tenants',
    kind: 'Pod',
    name,
    ownerText,
    replicas: 1,
    labels: REQUIRED,
    memoryLimit: '512Mi',
    nodePool: 'system',
  });
  return {
    name: 'lab-hostile-weu',
    runtimeClasses: [KATA_CLASS, RUNC_CLASS, { name: 'kata-qemu', handler: 'kata-qemu', overheadMemory: '160Mi' }],
    pools: [SYSTEM_POOL, kataPool('kata', 2)],
    workloads: [
      sandboxed({ namespace: 'tenants', name: 'web', replicas: 2 }),
      bare('line-feeds', 'web\nkata-vm-isolation\nz'),
      bare('slashes', '../tenants/web'),
      bare('too-long', 'w'.repeat(600)),
      {
        namespace: 'tenants',
        name: 'qemu',
        replicas: 2,
        runtimeClassName: 'kata-qemu',
        labels: REQUIRED,
        memoryLimit: '512Mi',
        nodePool: 'system',
      },
    ],
    plantedFaults: [
      failsWorkload('workload-sandboxed', 'tenants', 'Pod/line-feeds'),
      failsWorkload('workload-sandboxed', 'tenants', 'Pod/slashes'),
      failsWorkload('workload-sandboxed', 'tenants', 'Pod/too-long'),
      failsWorkload('workload-sandboxed', 'tenants', 'Deployment/qemu'),
    ],
  };
}
