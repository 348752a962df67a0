import type { Finding } from '../domain/findings/finding.ts';
import { subjectLabel } from '../domain/findings/finding-text.ts';
import type { ClusterSummary } from '../domain/findings/summary.ts';
import type { FindingFilter } from './finding-store.ts';

/** Whether a finding passes every member of a filter: what every store of findings must answer with. */
export function passes(finding: Finding, filter: FindingFilter): boolean {
  const { subject } = finding;
  return (
    among(filter.status, finding.status) &&
    among(filter.severity, finding.severity) &&
    among(filter.rule, finding.ruleId) &&
    amongAnyCase(filter.subscription, [finding.subscriptionId]) &&
    amongAnyCase(filter.cluster, [finding.clusterName, finding.clusterId]) &&
    (filter.nodePool === undefined || (subject.kind === 'node-pool' && subject.name === filter.nodePool)) &&
    (filter.namespace === undefined || (subject.kind === 'workload' && subject.namespace === filter.namespace)) &&
    (filter.workload === undefined || (subject.kind === 'workload' && subject.ownerName === filter.workload)) &&
    (filter.since === undefined || finding.lastSeenAt >= filter.since) &&
    (filter.q === undefined || textOf(finding).includes(filter.q.toLowerCase()))
  );
}

/** Whether a cluster may hold a finding that passes: false only when its summary rules it out. */
export function mayHold({ cluster, openBySeverity, rules }: ClusterSummary, filter: FindingFilter): boolean {
  if (!amongAnyCase(filter.subscription, [cluster.subscriptionId])) return false;
  if (!amongAnyCase(filter.cluster, [cluster.name, cluster.id])) return false;
  if (!isOnlyOpen(filter)) return true;
  const severities = filter.severity ?? (['critical', 'high', 'medium', 'low', 'info'] as const);
  if (severities.every((severity) => openBySeverity[severity] === 0)) return false;
  return filter.rule === undefined || filter.rule.some((rule) => (rules[rule]?.open ?? 0) > 0);
}

/** Whether a filter asks for open findings alone. */
export function isOnlyOpen({ status }: FindingFilter): boolean {
  return status?.length === 1 && status[0] === 'open';
}

function among<T>(wanted: readonly T[] | undefined, value: T): boolean {
  return wanted === undefined || wanted.includes(value);
}

function amongAnyCase(wanted: readonly string[] | undefined, values: readonly string[]): boolean {
  if (wanted === undefined) return true;
  const lower = values.map((value) => value.toLowerCase());
  return wanted.some((one) => lower.includes(one.toLowerCase()));
}

function textOf({ message, clusterName, ruleId, subject }: Finding): string {
  return [message, clusterName, ruleId, subjectLabel(subject)].join('\n').toLowerCase();
}
