import { overlayOf } from '../policy/exemption.ts';
import { matchesGlobs } from '../policy/glob.ts';
import type { NotificationTarget } from '../policy/notification-target.ts';
import type { Exemption } from '../policy/policy.ts';
import { SEVERITIES, type Severity } from '../policy/severity.ts';
import type { Finding, HistoryEntry } from './finding.ts';

/** What became of a finding, for those who want to be told. */
export interface NotifiedChange {
  /** The same however often the change is told. */
  readonly id: string;
  readonly kind: 'opened' | 'reopened' | 'resolved';
  /** RFC 3339. */
  readonly at: string;
  /** As it was at the change. */
  readonly severity: Severity;
  readonly message: string;
  readonly finding: Finding;
}

/** What one scan changed in one cluster, as far as it is to be told. */
export interface Notification {
  readonly clusterId: string;
  readonly clusterName: string;
  /** The audit's id, or `event:<id>`. */
  readonly cause: string;
  readonly changes: readonly NotifiedChange[];
}

/** Among the lines of history of one scan, those to tell: of findings that no live exemption covers, the worst first. */
export function notifiedChanges(
  lines: readonly HistoryEntry[],
  findings: readonly Finding[],
  live: readonly Exemption[],
): readonly NotifiedChange[] {
  const byId = new Map(findings.map((finding) => [finding.id, finding]));
  const exemptionOf = overlayOf(live);
  const told = lines.flatMap(({ findingId, kind, at, severity, message }): readonly NotifiedChange[] => {
    const finding = byId.get(findingId);
    if (finding === undefined || kind === 'changed' || exemptionOf(finding) !== undefined) return [];
    return [{ id: `${findingId}/${at}/${kind}`, kind, at, severity, message, finding }];
  });
  return told.toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || (a.id < b.id ? -1 : 1));
}

/** Whether a target wants to be told of a change. */
export function isFor({ severity, rules = ['*'], clusters = ['*'], owners }: NotificationTarget, change: NotifiedChange): boolean {
  const { ruleId, clusterName, subject } = change.finding;
  const owner = subject.kind === 'workload' ? `${subject.namespace}/${subject.ownerName}` : undefined;
  return (
    SEVERITIES.indexOf(change.severity) <= SEVERITIES.indexOf(severity) &&
    matchesGlobs(ruleId, rules) &&
    matchesGlobs(clusterName, clusters) &&
    (owners === undefined || (owner !== undefined && matchesGlobs(owner, owners)))
  );
}
