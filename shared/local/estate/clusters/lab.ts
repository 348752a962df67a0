import {
  buildCluster,
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
import type { EstateCluster } from '../model.ts';
import {
  failsClass,
  failsCluster,
  failsPool,
  failsWorkload,
  guestOnKataNodes,
  probed,
  unknownOfPool,
  unknownOfWorkload,
} from '../plant.ts';

/** A laboratory: the mistakes that are rarer, each in a cluster of its kind. */
export function labClusters(now: Date): EstateCluster[] {
  return [pools(now), classes(now), goneClasses(now), pods(now), probes(now), lives(now), hostile(now)];
}

/** Kata pools that are broken, unused, in the middle of an upgrade, or claim what Kata cannot do. */
function pools(now: Date): EstateCluster {
  return buildCluster(
    {
      name: 'lab-pools-weu',
      nodeOsUpgradeChannel: 'Unmanaged',
      pools: [
        SYSTEM_POOL,
        kataPool('kata', 2),
        kataPool('katafailed', 2, { provisioningState: 'Failed' }),
        kataPool('katadown', 2),
        kataPool('katafips', 2, { enableFips: true }),
        kataPool('katacc', 1, { workloadRuntime: 'KataCcIsolation', vmSize: 'Standard_DC8as_cc_v5' }),
        kataPool('kataidle', 1),
        kataPool('katarolling', 3, {
          provisioningState: 'UpgradingNodeImageVersion',
          nodeImageVersion: imageOfAge(VARIANTS.kata, 45, now),
        }),
        kataPool('katanightly', 0, { nodeImageVersion: 'AKSNightly_kata_build', latestNodeImageVersion: latestImage(VARIANTS.kata, now) }),
      ],
      adjustNode: (node) => (node.nodePool === 'katadown' ? { ...node, ready: false } : node),
      workloads: ['kata', 'katafailed', 'katafips', 'katacc', 'katarolling'].map((pool) =>
        sandboxed({ namespace: 'lab', name: `runner-${pool}`, replicas: 4, nodePool: pool }),
      ),
      plantedFaults: [
        failsCluster('node-os-patching'),
        failsPool('kata-pool-healthy', 'katafailed'),
        failsPool('kata-pool-healthy', 'katadown'),
        failsPool('kata-pool-used', 'katadown'),
        failsPool('kata-pool-features', 'katafips'),
        failsPool('confidential-pool-supported', 'katacc'),
        failsPool('kata-pool-used', 'kataidle'),
        ...unknownOfPool('katarolling', 'kata-pool-healthy', 'node-image-current', 'node-image-supported', 'node-image-consistent'),
        ...unknownOfPool('katanightly', 'kata-pool-image', 'node-image-current', 'node-image-supported'),
      ],
    },
    now,
  );
}

/** Classes that ask for nodes that are not there, or charge nothing for the pod VM. */
function classes(now: Date): EstateCluster {
  return buildCluster(
    {
      name: 'lab-classes-weu',
      pools: [SYSTEM_POOL, kataPool('kata', 2), ubuntuPool('apps', 2, now)],
      runtimeClasses: [
        KATA_CLASS,
        RUNC_CLASS,
        { name: 'kata-gpu', handler: 'kata', nodeSelector: { 'example.com/gpu': 'true' }, overheadMemory: '600Mi' },
        { name: 'kata-free', handler: 'kata', nodeSelector: { 'kubernetes.azure.com/kata-vm-isolation': 'true' } },
        { name: 'kata-anywhere', handler: 'kata', overheadMemory: '600Mi' },
        { ...LEGACY_KATA_CLASS, overheadMemory: '600Mi' },
      ],
      workloads: [
        sandboxed({ namespace: 'lab', name: 'tenant', replicas: 6 }),
        sandboxed({ namespace: 'lab', name: 'gpu-tenant', replicas: 3, runtimeClassName: 'kata-gpu' }),
        sandboxed({ namespace: 'lab', name: 'lost-tenant', replicas: 4, runtimeClassName: 'kata-anywhere', nodePool: 'apps' }),
      ],
      plantedFaults: [
        failsClass('runtime-class-schedulable', 'kata-gpu'),
        failsWorkload('sandboxed-pod-starts', 'lab', 'Deployment/gpu-tenant'),
        failsClass('runtime-class-overhead', 'kata-free'),
        failsWorkload('sandboxed-pod-on-kata-node', 'lab', 'Deployment/lost-tenant'),
        failsWorkload('sandboxed-pod-starts', 'lab', 'Deployment/lost-tenant'),
        probed('unknown', 'lab', 'Deployment/gpu-tenant'),
        probed('unknown', 'lab', 'Deployment/lost-tenant'),
      ],
    },
    now,
  );
}

/** A class was deleted while its pods live: what started them is not known any more. Source: kubernetes/enhancements#909. */
function goneClasses(now: Date): EstateCluster {
  return buildCluster(
    {
      name: 'lab-gone-weu',
      runtimeClasses: [KATA_CLASS, RUNC_CLASS, { ...KATA_CLASS, name: 'kata-anew', createdAt: now.toISOString() }],
      pools: [SYSTEM_POOL, kataPool('kata', 2)],
      workloads: [
        sandboxed({ namespace: 'lab', name: 'tenant', replicas: 2 }),
        sandboxed({ namespace: 'lab', name: 'elder', replicas: 2, runtimeClassName: 'kata-anew', probe: 'no-tools' }),
        sandboxed({
          namespace: 'lab',
          name: 'survivor',
          replicas: 3,
          runtimeClassName: 'kata-old',
          hostPath: '/var/log',
          nodePool: 'kata',
        }),
      ],
      plantedFaults: [
        failsClass('runtime-class-exists', 'kata-old'),
        ...unknownOfWorkload('lab', 'Deployment/elder', 'workload-sandboxed', 'sandboxed-pod-on-kata-node'),
        { ...failsWorkload('kata-node-tenancy', 'lab', 'Deployment/elder'), verdict: 'unknown', when: 'opted-in' },
        probed('unknown', 'lab', 'Deployment/elder'),
        ...unknownOfWorkload('lab', 'Deployment/survivor', 'workload-sandboxed', 'sandboxed-pod-on-kata-node', 'sandboxed-pod-host-path'),
        { ...failsWorkload('kata-node-tenancy', 'lab', 'Deployment/survivor'), verdict: 'unknown', when: 'opted-in' },
        probed('unknown', 'lab', 'Deployment/survivor'),
      ],
    },
    now,
  );
}

/** Pods that make a hole into their own sandbox, or starve in it. */
function pods(now: Date): EstateCluster {
  const tenant = (name: string, over: Partial<WorkloadPlan>) => sandboxed({ namespace: 'tenants', name, replicas: 2, ...over });
  return buildCluster(
    {
      name: 'lab-pods-weu',
      pools: [SYSTEM_POOL, kataPool('kata', 3)],
      workloads: [
        tenant('tight', {}),
        tenant('mounts-host', { hostPath: '/var/log' }),
        tenant('shares-network', { hostNetwork: true }),
        tenant('shares-processes', { hostPid: true }),
        tenant('privileged', { privileged: true }),
        tenant('broken-image', { state: 'image-pull' }),
        { namespace: 'tenants', name: 'unlimited', replicas: 2, runtimeClassName: KATA_CLASS.name, labels: REQUIRED },
      ],
      plantedFaults: [
        failsWorkload('sandboxed-pod-host-path', 'tenants', 'Deployment/mounts-host'),
        failsWorkload('sandboxed-pod-host-namespaces', 'tenants', 'Deployment/shares-network'),
        failsWorkload('sandboxed-pod-host-namespaces', 'tenants', 'Deployment/shares-processes'),
        failsWorkload('sandboxed-pod-privileged', 'tenants', 'Deployment/privileged'),
        failsWorkload('sandboxed-pod-starts', 'tenants', 'Deployment/broken-image'),
        probed('unknown', 'tenants', 'Deployment/broken-image'),
        failsWorkload('sandboxed-pod-memory-limit', 'tenants', 'Deployment/unlimited'),
      ],
    },
    now,
  );
}

/** What an isolation probe may meet. */
function probes(now: Date): EstateCluster {
  const tenant = (name: string, over: Partial<WorkloadPlan> = {}) => sandboxed({ namespace: 'tenants', name, replicas: 2, ...over });
  return buildCluster(
    {
      name: 'lab-probes-weu',
      pools: [SYSTEM_POOL, kataPool('kata', 3)],
      workloads: [
        tenant('own-kernel'),
        tenant('shared-kernel', { probe: 'shares-kernel' }),
        tenant('distroless', { probe: 'no-tools' }),
        tenant('silent', { probe: 'hangs' }),
        tenant('chatty', { probe: 'endless' }),
        { namespace: 'tools', name: 'dashboard', replicas: 6 },
      ],
      plantedFaults: [
        probed('fail', 'tenants', 'Deployment/shared-kernel'),
        probed('unknown', 'tenants', 'Deployment/distroless'),
        probed('unknown', 'tenants', 'Deployment/silent'),
        probed('unknown', 'tenants', 'Deployment/chatty'),
        guestOnKataNodes('tools', 'Deployment/dashboard'),
      ],
    },
    now,
  );
}

/** What lives and ends in real clusters: runs between which a CronJob has no pod, evicted pods, gates, rollouts, closed nodes, odd owners and labels. */
function lives(now: Date): EstateCluster {
  const tenant = (name: string, over: Partial<WorkloadPlan>) => sandboxed({ namespace: 'tenants', name, replicas: 2, ...over });
  const plain = (name: string, over: Partial<WorkloadPlan>) => ({
    namespace: 'tenants',
    name,
    labels: REQUIRED,
    memoryLimit: '512Mi',
    ...over,
  });
  const yesterday = Math.floor(now.getTime() / 60_000) - 24 * 60;
  return buildCluster(
    {
      name: 'lab-lives-weu',
      pools: [SYSTEM_POOL, kataPool('kata', 2), kataPool('kataclosed', 1), kataPool('katataint', 1)],
      adjustNode: (node) => {
        if (node.nodePool === 'kataclosed') return { ...node, unschedulable: true };
        return node.nodePool === 'katataint' ? { ...node, taints: [{ key: 'team', value: 'other', effect: 'NoSchedule' }] } : node;
      },
      namespaceLabels: { misspelt: { 'kataudit.io/sandbox': 'Required' } },
      workloads: [
        tenant('steady', { claim: true }),
        tenant('evicted', { revision: 1, replicas: 1, state: 'failed', hostPath: '/var/log' }),
        tenant('evicted', { revision: 2 }),
        tenant('queued', { kind: 'Job', state: 'gated' }),
        tenant('meshed', { sidecar: true }),
        tenant('rolled', { revision: 2, replicas: 1 }),
        plain('rolled', { revision: 1, replicas: 2, nodePool: 'system' }),
        plain('payroll', { kind: 'CronJob', run: yesterday, replicas: 1, state: 'succeeded' }),
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
        failsWorkload('workload-sandboxed', 'tenants', 'Deployment/rolled'),
        failsWorkload('workload-sandboxed', 'tenants', 'CronJob/payroll'),
        failsWorkload('workload-sandboxed', 'tenants', 'StatefulSet/web', 'apps.kruise.io'),
        ...unknownOfWorkload('misspelt', 'Deployment/pay', 'workload-sandboxed'),
        probed('unknown', 'tenants', 'Job/queued'),
      ],
    },
    now,
  );
}

/**
 * What people write to be counted elsewhere, and classes that others than AKS bring. An owner reference is free text: the API server
 * checks only that it is not empty. Source: kubernetes pkg/apis/core validation of ownerReferences.
 */
function hostile(now: Date): EstateCluster {
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
  return buildCluster(
    {
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
    },
    now,
  );
}
