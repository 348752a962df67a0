import { DEFAULT_POLICY, type Policy } from '../../shared/domain/policy/policy.ts';
import type { Judgement, Rule, RuleRun } from '../../shared/domain/rule/rule.ts';
import { subjectKey } from '../../shared/domain/snapshot/subject.ts';
import { aSnapshot, type SnapshotParts } from './a-snapshot.ts';

/** Runs one rule over a healthy snapshot with some parts replaced. */
export function judge(rule: Rule, over: SnapshotParts = {}, policy: Partial<Policy> = {}): RuleRun {
  return rule.run(aSnapshot(over), { ...DEFAULT_POLICY, ...policy });
}

/** The judgements of a run; none when it was not judged. */
export function judgements(run: RuleRun): readonly Judgement[] {
  return run.state === 'judged' ? run.judgements : [];
}

/** The judgement of a rule on one subject, named as `cluster`, `node-pool/kata1`, `workload/shop/Deployment/cart`, … */
export function judgementOf(run: RuleRun, subject: string): Judgement | undefined {
  return judgements(run).find((one) => subjectKey(one.subject) === subject);
}

/** Verdicts by subject. */
export function verdicts(run: RuleRun): Readonly<Record<string, string>> {
  return Object.fromEntries(judgements(run).map((one) => [subjectKey(one.subject), one.verdict]));
}
