import type { Finding } from '../domain/findings/finding.ts';
import { reconcile } from '../domain/findings/reconcile.ts';
import type { Policy } from '../domain/policy/policy.ts';
import { evaluate } from '../domain/rule/evaluate.ts';
import type { Rule, RuleRun } from '../domain/rule/rule.ts';
import type { ClusterSnapshot } from '../domain/snapshot/snapshot.ts';
import { judgementGaps } from './judgement-gaps.ts';

/** A snapshot with its verdicts, judged without stored findings. */
export interface AuditedSnapshot {
  readonly snapshot: ClusterSnapshot;
  readonly runs: readonly RuleRun[];
  readonly findings: readonly Finding[];
  /** Evidence and subjects that could not be judged, and why. */
  readonly unknown: readonly Unjudged[];
  /** Evidence that this mode never reads, so rules that need it were not judged. */
  readonly notCovered: readonly Unjudged[];
}

/** Something that was not judged. */
export interface Unjudged {
  readonly ruleId: string;
  readonly message: string;
}

/** Judges a snapshot without a store, for the command line and saved snapshots. The same input gives the same output. */
export function auditSnapshot(snapshot: ClusterSnapshot, rules: readonly Rule[], policy: Policy): AuditedSnapshot {
  const runs = evaluate(snapshot, rules, policy);
  const scan = { cluster: snapshot.cluster, observedAt: snapshot.observedAt, cause: 'command line' };
  const findings = reconcile([], runs, scan, rules).map(({ finding }) => finding);
  const gaps = judgementGaps(runs);
  const told = (byDesign: boolean) =>
    gaps.filter((gap) => gap.byDesign === byDesign).map(({ ruleId, message }): Unjudged => ({ ruleId, message }));
  return { snapshot, runs, findings, unknown: told(false), notCovered: told(true) };
}
