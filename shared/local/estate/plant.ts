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

/** Rules that cannot be judged for a node pool. */
export function unknownOfPool(name: string, ...ruleIds: readonly string[]): EstatePlantedFault[] {
  return ruleIds.map((ruleId) => ({ ruleId, verdict: 'unknown', subject: { kind: 'node-pool', name } }));
}

/** Rules that cannot be judged for a workload. */
export function unknownOfWorkload(namespace: string, owner: `${string}/${string}`, ...ruleIds: readonly string[]): EstatePlantedFault[] {
  return ruleIds.map((ruleId) => ({ ...failsWorkload(ruleId, namespace, owner), verdict: 'unknown' }));
}

/** The result of a probe by exec for the isolation of a workload. */
export function probed(verdict: 'fail' | 'unknown', namespace: string, owner: `${string}/${string}`): EstatePlantedFault {
  return { ...failsWorkload('isolation-proven', namespace, owner), verdict, when: 'probed' };
}

/** Ordinary pods on Kata nodes, which fail only if a policy forbids them. */
export function guestOnKataNodes(namespace: string, owner: `${string}/${string}`): EstatePlantedFault {
  return { ...failsWorkload('kata-node-tenancy', namespace, owner), when: 'opted-in' };
}

/** An admission policy that is missing or does not match the policy; it fails only if the audit's policy turns the rule on. */
export function unguarded(): EstatePlantedFault {
  return { ...failsCluster('admission-guardrail'), when: 'opted-in' };
}
