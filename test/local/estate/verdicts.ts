import { DEFAULT_POLICY, type Policy } from '../../../shared/domain/policy/policy.ts';
import { evaluate } from '../../../shared/domain/rule/evaluate.ts';
import type { ClusterSnapshot } from '../../../shared/domain/snapshot/snapshot.ts';
import { subjectKey } from '../../../shared/domain/snapshot/subject.ts';
import { DEMONSTRATIONS } from '../../../shared/local/estate/demonstrations/index.ts';
import type { Estate, EstateCluster } from '../../../shared/local/estate/model.ts';
import { type Extra, plantedFaults } from '../../../shared/local/estate/planted-faults.ts';
import { RULES } from '../../../shared/rules/index.ts';
import { snapshotOf } from './snapshot-of.ts';

/** The rules that the estate demonstrates; a rule without a demonstration fails only one test of the catalogue. */
export const DEMONSTRATED = RULES.filter(({ id }) => Object.hasOwn(DEMONSTRATIONS, id));

/** All optional features of an audit. */
export const EXTRAS: readonly Extra[] = ['probed', 'opted-in'];
const OPT_IN = RULES.filter(({ optIn }) => optIn === true).map(({ id }) => id);
const OPTED_IN: Policy = { ...DEFAULT_POLICY, rules: Object.fromEntries(OPT_IN.map((id) => [id, 'on'])) };

/** A repair leaves most clusters as the same objects, so their verdicts are reused. */
const known = new WeakMap<Policy, WeakMap<EstateCluster, string[]>>();

/** `cluster rule verdict subject`, for every verdict that is neither a pass nor not applicable. */
export function judged(estate: Estate): string[] {
  return judgedBy(estate, DEFAULT_POLICY, false);
}

/** The same for an audit that probes every pod, with a policy that turns every opt-in rule on. */
export function judgedWithExtras(estate: Estate): string[] {
  return judgedBy(estate, OPTED_IN, true);
}

function judgedBy(estate: Estate, policy: Policy, probed: boolean): string[] {
  const held = known.get(policy) ?? new WeakMap<EstateCluster, string[]>();
  known.set(policy, held);
  return estate.subscriptions.flatMap((subscription) =>
    subscription.clusters.flatMap((cluster) => {
      const lines = held.get(cluster) ?? linesOf(snapshotOf(estate, subscription, cluster, probed), policy);
      held.set(cluster, lines);
      return lines;
    }),
  );
}

function linesOf(snapshot: ClusterSnapshot, policy: Policy): string[] {
  return evaluate(snapshot, DEMONSTRATED, policy).flatMap((run): string[] => {
    const line = (verdict: string, subject: string) => `${snapshot.cluster.name} ${run.ruleId} ${verdict} ${subject}`;
    if (run.state === 'unavailable') return [line('unknown', 'cluster')];
    if (run.state === 'error') throw new Error(`${run.ruleId}: ${run.message}`);
    if (run.state === 'off') return [];
    return run.judgements.flatMap(({ verdict, subject }) =>
      verdict === 'fail' || verdict === 'unknown' ? [line(verdict, subjectKey(subject))] : [],
    );
  });
}

/**
 * `rule verdict` for all verdicts of an audit with all optional features: a rule that could not be judged is unknown,
 * and one that judged and found no subject is not applicable.
 */
export function verdictsByRule(estate: Estate): ReadonlySet<string> {
  const runs = estate.subscriptions.flatMap((subscription) =>
    subscription.clusters.flatMap((cluster) => evaluate(snapshotOf(estate, subscription, cluster, true), DEMONSTRATED, OPTED_IN)),
  );
  return new Set(
    runs.flatMap((run): string[] => {
      if (run.state === 'unavailable') return [`${run.ruleId} unknown`];
      if (run.state !== 'judged') throw new Error(`${run.ruleId} was not judged.`);
      if (run.judgements.length === 0) return [`${run.ruleId} not-applicable`];
      return run.judgements.map(({ verdict }) => `${run.ruleId} ${verdict}`);
    }),
  );
}

/** The same lines for the planted faults of the estate. */
export function planted(estate: Estate, extras: readonly Extra[] = []): string[] {
  return plantedFaults(estate, extras).map(
    ({ clusterName, ruleId, verdict, subject }) => `${clusterName} ${ruleId} ${verdict} ${subjectKey(subject)}`,
  );
}
