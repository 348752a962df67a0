import { given } from '../../domain/snapshot/given.ts';
import type { EstatePlantedFault } from './model.ts';

/** A rule that the cluster itself fails. */
export function failsCluster(ruleId: string): EstatePlantedFault {
  return { ruleId, verdict: 'fail', subject: { kind: 'cluster' } };
}

/** A rule that a node pool fails. */
export function failsPool(ruleId: string, name: string): EstatePlantedFault {
  return { ruleId, verdict: 'fail', subject: { kind: 'node-pool', name } };
}

/** A rule that a RuntimeClass fails. */
export function failsClass(ruleId: string, name: string): EstatePlantedFault {
  return { ruleId, verdict: 'fail', subject: { kind: 'runtime-class', name } };
}

/** A rule that a workload fails; `owner` is written `Kind/name`. */
export function failsWorkload(ruleId: string, namespace: string, owner: `${string}/${string}`, ownerGroup?: string): EstatePlantedFault {
  const [ownerKind = '', ownerName = ''] = owner.split('/');
  const subject = { kind: 'workload', namespace, ownerKind, ownerName, ...given({ ownerGroup }) } as const;
  return { ruleId, verdict: 'fail', subject };
}

/** Rules that nobody can judge about a node pool. */
export function unknownOfPool(name: string, ...ruleIds: readonly string[]): EstatePlantedFault[] {
  return ruleIds.map((ruleId) => ({ ruleId, verdict: 'unknown', subject: { kind: 'node-pool', name } }));
}

/** Rules that nobody can judge about a workload. */
export function unknownOfWorkload(namespace: string, owner: `${string}/${string}`, ...ruleIds: readonly string[]): EstatePlantedFault[] {
  return ruleIds.map((ruleId) => ({ ...failsWorkload(ruleId, namespace, owner), verdict: 'unknown' }));
}

/** What a probe by exec finds out about the isolation of a workload. */
export function probed(verdict: 'fail' | 'unknown', namespace: string, owner: `${string}/${string}`): EstatePlantedFault {
  return { ...failsWorkload('isolation-proven', namespace, owner), verdict, when: 'probed' };
}

/** Ordinary pods on Kata nodes, which only a policy that asks for it minds. */
export function guestOnKataNodes(namespace: string, owner: `${string}/${string}`): EstatePlantedFault {
  return { ...failsWorkload('kata-node-tenancy', namespace, owner), when: 'opted-in' };
}

/** Rules that nobody can judge without the cluster's API server. */
const FROM_KUBERNETES = [
  'node-image-consistent',
  'kata-pool-used',
  'runtime-class-present',
  'runtime-class-exists',
  'runtime-class-handler',
  'runtime-class-schedulable',
  'runtime-class-name-current',
  'runtime-class-overhead',
  'workload-sandboxed',
  'sandboxed-pod-on-kata-node',
  'sandboxed-pod-host-path',
  'sandboxed-pod-host-namespaces',
  'sandboxed-pod-privileged',
  'sandboxed-pod-memory-limit',
  'sandboxed-pod-starts',
  'isolation-proven',
];

/** Rules that nobody can judge of a cluster that Azure does not tell of, beside those that need its API server. */
const FROM_AZURE = [
  'kata-pool-present',
  'kata-pool-healthy',
  'kata-pool-image',
  'node-image-current',
  'node-image-supported',
  'node-os-patching',
  'workload-runtime-name-current',
  'kata-pool-features',
  'confidential-pool-supported',
  'kata-kubernetes-version',
];

/** What cannot be judged in a cluster of which Azure tells nothing but that it is there: everything. */
export function unknownWithoutAzure(): EstatePlantedFault[] {
  return [
    ...unknownWithoutKubernetes(),
    ...FROM_AZURE.map((ruleId): EstatePlantedFault => ({ ruleId, verdict: 'unknown', subject: { kind: 'cluster' } })),
  ];
}

/** What cannot be judged in a cluster whose API server cannot be read, and of those of its Kata pools that should run. */
export function unknownWithoutKubernetes(...kataPools: readonly string[]): EstatePlantedFault[] {
  const unknown = (ruleId: string): EstatePlantedFault => ({ ruleId, verdict: 'unknown', subject: { kind: 'cluster' } });
  return [
    ...FROM_KUBERNETES.map(unknown),
    { ...unknown('kata-node-tenancy'), when: 'opted-in' },
    ...kataPools.flatMap((name) => unknownOfPool(name, 'kata-pool-healthy')),
  ];
}
