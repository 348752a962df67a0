import type { Finding } from '../domain/findings/finding.ts';
import { reconcile } from '../domain/findings/reconcile.ts';
import type { Policy } from '../domain/policy/policy.ts';
import { evaluate } from '../domain/rule/evaluate.ts';
import type { Rule, RuleRun } from '../domain/rule/rule.ts';
import type { ClusterSnapshot } from '../domain/snapshot/snapshot.ts';
import { judgementGaps } from './judgement-gaps.ts';

/** A snapshot judged on the spot, with nothing held from before. */
export interface AuditedSnapshot {
  readonly snapshot: ClusterSnapshot;
  readonly runs: readonly RuleRun[];
  readonly findings: readonly Finding[];
  /** What was to be judged and could not be, and why. */
  readonly unknown: readonly Unjudged[];
  /** What this way of looking never asks for, and so was not judged. */
  readonly notCovered: readonly Unjudged[];
}

/** Something that was not judged. */
export interface Unjudged {
  readonly ruleId: string;
  readonly message: string;
}

/** Judges a snapshot without any store: for the command line and for saved snapshots. Same input, same output. */
export function auditSnapshot(snapshot: ClusterSnapshot, rules: readonly Rule[], policy: Policy): AuditedSnapshot {
  const runs = evaluate(snapshot, rules, policy);
  const scan = { cluster: snapshot.cluster, observedAt: snapshot.observedAt, cause: 'command line' };
  const findings = reconcile([], runs, scan, rules).map(({ finding }) => finding);
  const gaps = judgementGaps(runs);
  const told = (byDesign: boolean) =>
    gaps.filter((gap) => gap.byDesign === byDesign).map(({ ruleId, message }): Unjudged => ({ ruleId, message }));
  return { snapshot, runs, findings, unknown: told(false), notCovered: told(true) };
}
