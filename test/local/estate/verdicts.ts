import { evaluate } from '../../../shared/domain/evaluate.ts';
import { DEFAULT_POLICY, type Policy } from '../../../shared/domain/policy.ts';
import { subjectKey } from '../../../shared/domain/rule.ts';
import type { Estate } from '../../../shared/local/estate/model.ts';
import { type Extra, plantedFaults } from '../../../shared/local/estate/planted-faults.ts';
import { RULES } from '../../../shared/rules/index.ts';
import { snapshotOf } from './snapshot-of.ts';

/** Everything that an audit may do beyond the default. */
export const EXTRAS: readonly Extra[] = ['probed', 'opted-in'];
const OPT_IN = RULES.filter(({ optIn }) => optIn === true).map(({ id }) => id);
/** The default policy with every opt-in rule on. */
export const OPTED_IN: Policy = { ...DEFAULT_POLICY, rules: Object.fromEntries(OPT_IN.map((id) => [id, 'on'])) };

/** `cluster rule verdict subject`, for every verdict that is neither a pass nor without object. */
export function judged(estate: Estate, policy = DEFAULT_POLICY, probed = false): string[] {
  return estate.subscriptions.flatMap((subscription) =>
    subscription.clusters.flatMap((cluster) =>
      evaluate(snapshotOf(estate, subscription, cluster, probed), RULES, policy).flatMap((run): string[] => {
        const line = (verdict: string, subject: string) => `${cluster.name} ${run.ruleId} ${verdict} ${subject}`;
        if (run.state === 'unavailable') return [line('unknown', 'cluster')];
        if (run.state === 'error') throw new Error(`${run.ruleId}: ${run.message}`);
        if (run.state === 'off') return [];
        return run.judgements.flatMap(({ verdict, subject }) =>
          verdict === 'fail' || verdict === 'unknown' ? [line(verdict, subjectKey(subject))] : [],
        );
      }),
    ),
  );
}

/** The same lines, as the estate has them planted. */
export function planted(estate: Estate, extras: readonly Extra[] = []): string[] {
  return plantedFaults(estate, extras).map(
    ({ clusterName, ruleId, verdict, subject }) => `${clusterName} ${ruleId} ${verdict} ${subjectKey(subject)}`,
  );
}
