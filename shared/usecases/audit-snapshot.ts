import type { Finding } from '../domain/findings/finding.ts';
import { reconcile } from '../domain/findings/reconcile.ts';
import type { Policy } from '../domain/policy/policy.ts';
import { evaluate } from '../domain/rule/evaluate.ts';
import type { Rule, RuleRun } from '../domain/rule/rule.ts';
import type { ClusterSnapshot } from '../domain/snapshot/snapshot.ts';

/** A snapshot judged on the spot, with nothing held from before. */
export interface AuditedSnapshot {
  readonly snapshot: ClusterSnapshot;
  readonly runs: readonly RuleRun[];
  readonly findings: readonly Finding[];
  /** What could not be judged, and why. */
  readonly unknown: readonly { readonly ruleId: string; readonly message: string }[];
}

/** Judges a snapshot without any store: for the command line and for saved snapshots. Same input, same output. */
export function auditSnapshot(snapshot: ClusterSnapshot, rules: readonly Rule[], policy: Policy): AuditedSnapshot {
  const runs = evaluate(snapshot, rules, policy);
  const scan = { cluster: snapshot.cluster, observedAt: snapshot.observedAt, cause: 'command line' };
  const findings = reconcile([], runs, scan, rules).map(({ finding }) => finding);
  return { snapshot, runs, findings, unknown: runs.flatMap(unknownOf) };
}

function unknownOf(run: RuleRun): readonly { readonly ruleId: string; readonly message: string }[] {
  const { ruleId } = run;
  switch (run.state) {
    case 'off':
      return [];
    case 'error':
      return [{ ruleId, message: run.message }];
    case 'unavailable':
      return [{ ruleId, message: run.missing.map(({ evidence, reason }) => `${evidence}: ${reason.message}`).join('; ') }];
    case 'judged':
      return run.judgements.flatMap((one) => (one.verdict === 'unknown' ? [{ ruleId, message: one.message }] : []));
  }
}
