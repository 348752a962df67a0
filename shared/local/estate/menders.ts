import { KATA_CLASS } from './build.ts';
import {
  addKataPool,
  alignNodes,
  healPool,
  moveToCurrentClass,
  readable,
  renameRuntime,
  setPool,
  settlePool,
  upgradePool,
  usePool,
} from './mend-pools.ts';
import { clarify, restoreClasses, sandbox, setClass, setWorkload } from './mend-workloads.ts';
import { type Mender, nothingElse } from './mender.ts';
import type { EstateCluster, EstatePlantedFault } from './model.ts';

/** What somebody would do about a finding of each rule; `unknown` is for rules that could not be judged. */
export const MENDERS: Readonly<Record<string, Mender>> = {
  unknown: (cluster, subject, now) => {
    if (!isReadable(cluster)) return makeReadable(cluster, subject, now);
    return subject.kind === 'workload' ? clarify(cluster, subject, now) : settlePool(cluster, subject, now);
  },
  'cluster-assessed': makeReadable,
  'kata-pool-present': addKataPool,
  'kata-pool-healthy': healPool,
  'kata-pool-image': upgradePool,
  'kata-pool-used': usePool,
  'kata-pool-features': setPool({ enableFips: false }),
  'confidential-pool-supported': setPool({ workloadRuntime: 'KataVmIsolation', vmSize: 'Standard_D8s_v5' }),
  'workload-runtime-name-current': renameRuntime,
  'node-image-current': upgradePool,
  'node-image-supported': upgradePool,
  'node-image-consistent': alignNodes,
  'node-os-patching': setCluster({ nodeOsUpgradeChannel: 'NodeImage' }),
  'kata-kubernetes-version': setCluster({ kubernetesVersion: '1.34.2' }),
  'runtime-class-present': (cluster) => ({
    mended: { ...cluster, runtimeClasses: [KATA_CLASS, ...cluster.runtimeClasses] },
    takesWithIt: nothingElse,
  }),
  'runtime-class-exists': restoreClasses,
  'runtime-class-handler': setClass({ handler: 'kata' }, 'workload-sandboxed', 'kata-node-tenancy'),
  'runtime-class-schedulable': setClass(
    { nodeSelector: { 'kubernetes.azure.com/kata-vm-isolation': 'true' } },
    'sandboxed-pod-starts',
    'isolation-proven',
  ),
  'runtime-class-name-current': (cluster) => ({ mended: moveToCurrentClass(cluster), takesWithIt: nothingElse }),
  'runtime-class-overhead': setClass({ overheadMemory: '600Mi' }),
  'workload-sandboxed': sandbox,
  'sandboxed-pod-on-kata-node': sandbox,
  'sandboxed-pod-starts': sandbox,
  'sandboxed-pod-host-path': setWorkload(({ hostPath: _, ...workload }) => workload),
  'sandboxed-pod-host-namespaces': setWorkload(({ hostNetwork: _, hostPid: __, hostIpc: ___, ...workload }) => workload),
  'sandboxed-pod-privileged': setWorkload(({ privileged: _, ...workload }) => workload),
  'sandboxed-pod-memory-limit': setWorkload(({ sidecar: _, ...workload }) => ({ ...workload, memoryLimit: '512Mi' })),
};

function isReadable({ powerState, network, entraId, denied = [] }: EstateCluster): boolean {
  return powerState === 'Running' && network === 'public' && entraId && !denied.includes('get managedclusters');
}

function makeReadable(cluster: EstateCluster, _: unknown, now: Date) {
  const takesWithIt = ({ ruleId, verdict }: EstatePlantedFault) => verdict === 'unknown' || ruleId === 'cluster-assessed';
  return { mended: readable(cluster, now), takesWithIt };
}

function setCluster(change: Partial<EstateCluster>): Mender {
  return (cluster) => ({ mended: { ...cluster, ...change }, takesWithIt: nothingElse });
}
