import { overlayOf } from '../policy/exemption.ts';
import { matchesGlobs } from '../policy/glob.ts';
import type { NotificationTarget } from '../policy/notification-target.ts';
import type { Exemption } from '../policy/policy.ts';
import { SEVERITIES, type Severity } from '../policy/severity.ts';
import type { Finding, HistoryEntry } from './finding.ts';

/** A change of a finding, as sent to notification targets. */
export interface NotifiedChange {
  /** The same id each time the change is sent. */
  readonly id: string;
  readonly kind: 'opened' | 'reopened' | 'resolved';
  /** RFC 3339. */
  readonly at: string;
  /** The severity at the time of the change. */
  readonly severity: Severity;
  readonly message: string;
  readonly finding: Finding;
}

/** The changes of one scan in one cluster that are to be notified. */
export interface Notification {
  readonly clusterId: string;
  readonly clusterName: string;
  /** The audit's id, or `event:<id>`. */
  readonly cause: string;
  readonly changes: readonly NotifiedChange[];
}

/**
 * Selects from the history entries of one scan those to notify: no live exemption covers their finding. The most severe come
 * first.
 */
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

/** Whether a target subscribes to a change. */
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
