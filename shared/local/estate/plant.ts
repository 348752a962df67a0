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
export function failsWorkload(ruleId: string, namespace: string, owner: `${string}/${string}`): EstatePlantedFault {
  const [ownerKind = '', ownerName = ''] = owner.split('/');
  return { ruleId, verdict: 'fail', subject: { kind: 'workload', namespace, ownerKind, ownerName } };
}

/** Rules that nobody can judge without the cluster's API server. */
const FROM_KUBERNETES = ['runtime-class-present', 'runtime-class-handler', 'workload-sandboxed'];

/** What cannot be judged in a cluster whose API server cannot be read. */
export function unknownWithoutKubernetes(): EstatePlantedFault[] {
  return FROM_KUBERNETES.map((ruleId) => ({ ruleId, verdict: 'unknown', subject: { kind: 'cluster' } }));
}
