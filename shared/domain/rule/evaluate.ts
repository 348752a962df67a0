import type { Policy } from '../policy/policy.ts';
import { isRuleOn } from '../policy/rule-setting.ts';
import type { ClusterSnapshot } from '../snapshot/snapshot.ts';
import { asFarAsRead } from './partly-read.ts';
import type { Rule, RuleRun } from './rule.ts';

/** Judges one snapshot by every rule. A rule that throws becomes an `error` run; the other rules still run. */
export function evaluate(snapshot: ClusterSnapshot, rules: readonly Rule[], policy: Policy): readonly RuleRun[] {
  return rules.map((rule): RuleRun => {
    if (!isRuleOn(rule, policy)) return { ruleId: rule.id, state: 'off' };
    try {
      return withPolicySeverity(asFarAsPodsWereRead(rule, rule.run(snapshot, policy), snapshot), policy);
    } catch (error) {
      return { ruleId: rule.id, state: 'error', message: error instanceof Error ? error.message : String(error) };
    }
  });
}

/** A rule judges the pods that were read as if they were all pods. This corrects its verdicts where others may exist. */
function asFarAsPodsWereRead({ requires }: Rule, run: RuleRun, { workloads }: ClusterSnapshot): RuleRun {
  if (run.state !== 'judged' || workloads.state === 'unavailable' || !requires.includes('workloads')) return run;
  return { ...run, judgements: run.judgements.map((one) => asFarAsRead(one, workloads.coverage)) };
}

function withPolicySeverity(run: RuleRun, policy: Policy): RuleRun {
  const severity = policy.rules[run.ruleId];
  if (run.state !== 'judged' || severity === undefined || severity === 'off' || severity === 'on') return run;
  return { ...run, judgements: run.judgements.map((one) => (one.verdict === 'fail' ? { ...one, severity } : one)) };
}
