import type { Policy } from '../domain/policy/policy.ts';
import { ruleSeverity } from '../domain/policy/rule-setting.ts';
import { SEVERITIES, type Severity } from '../domain/policy/severity.ts';
import type { Rule } from '../domain/rule/rule.ts';
import { evidenceGaps } from '../domain/snapshot/gaps.ts';
import type { ClusterSnapshot } from '../domain/snapshot/snapshot.ts';
import { judgementGaps } from '../usecases/judgement-gaps.ts';
import type { ReportedCluster } from './report.ts';

/** Its failures say what could not be looked at: a gap, which is no finding about the cluster. */
const GAP_RULE = 'cluster-assessed';

/** What decides about an exit code beside what was found. */
export interface ExitRules {
  readonly rules: readonly Rule[];
  readonly policy: Policy;
  readonly failOn: Severity;
  /** Whether what this way of looking never asks for counts as not looked at. */
  readonly strict: boolean;
}

/**
 * 1 when something at or above the severity was found; else 2 when a rule of that severity was to judge something and could not,
 * or nothing of the cluster could be reached; else 0. What a live exemption covers counts as neither.
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

/** Whether the API server showed nothing at all; a cluster that is switched off on purpose is no failure of the look. */
function isUnreached({ nodes, runtimeClasses, namespaces, workloads }: ClusterSnapshot): boolean {
  return [nodes, runtimeClasses, namespaces, workloads].every((part) => part.state === 'unavailable' && part.reason.code !== 'stopped');
}

/** Whether a look holds all that its way of looking asks for. */
export function isWhole(snapshot: ClusterSnapshot): boolean {
  return evidenceGaps(snapshot).every(({ reason }) => reason.code === 'no-azure-access');
}
