import { GAP_RULE } from '../domain/findings/finding-text.ts';
import type { Policy } from '../domain/policy/policy.ts';
import { ruleSeverity } from '../domain/policy/rule-setting.ts';
import { SEVERITIES, type Severity } from '../domain/policy/severity.ts';
import type { Rule } from '../domain/rule/rule.ts';
import { evidenceGaps } from '../domain/snapshot/gaps.ts';
import type { ClusterSnapshot } from '../domain/snapshot/snapshot.ts';
import { judgementGaps } from '../usecases/judgement-gaps.ts';
import type { ReportedCluster } from './report.ts';

/** What decides the exit code besides the findings. */
export interface ExitRules {
  readonly rules: readonly Rule[];
  readonly policy: Policy;
  readonly failOn: Severity;
  /** Whether evidence that this kind of audit never asks for counts as not checked. */
  readonly strict: boolean;
}

/**
 * 1 if there is a finding at or above the severity; otherwise 2 if a rule of that severity could not judge something, or nothing
 * of the cluster could be reached; otherwise 0. What a live exemption covers does not count.
 */
export function exitCodeOf({ result, overlaid }: ReportedCluster, { rules, policy, failOn, strict }: ExitRules): 0 | 1 | 2 {
  const counts = (severity: Severity) => SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(failOn);
  const found = overlaid.filter(({ exemption, finding }) => exemption === undefined && counts(finding.severity));
  if (found.some(({ finding }) => finding.ruleId !== GAP_RULE)) return 1;
  if (found.length > 0 || isUnreached(result.snapshot)) return 2;
  const severities = new Map(rules.map((rule) => [rule.id, ruleSeverity(rule, policy)]));
  const gaps = judgementGaps(result.runs).filter(({ byDesign }) => strict || !byDesign);
  return gaps.some(({ ruleId }) => counts(severities.get(ruleId) ?? 'critical')) ? 2 : 0;
}

/** Whether nothing could be read from the API server. A cluster that is stopped on purpose is not a failure. */
function isUnreached({ nodes, runtimeClasses, namespaces, workloads }: ClusterSnapshot): boolean {
  return [nodes, runtimeClasses, namespaces, workloads].every((part) => part.state === 'unavailable' && part.reason.code !== 'stopped');
}

/** Whether a snapshot contains everything that its kind of collection asks for. */
export function isWhole(snapshot: ClusterSnapshot): boolean {
  return evidenceGaps(snapshot).every(({ reason }) => reason.code === 'no-azure-access');
}
