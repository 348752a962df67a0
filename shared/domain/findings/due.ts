import { SEVERITIES, type Severity } from '../policy/severity.ts';
import { dayAfter, dayOf } from './day.ts';
import type { Finding } from './finding.ts';

/** Days to fix a finding, by severity; a severity without a number has no due date. */
export type DueDays = Readonly<Partial<Record<Severity, number>>>;

/** Number of open findings by severity and by the day on which they were first seen. */
export type OpenSince = Readonly<Partial<Record<Severity, Readonly<Record<string, number>>>>>;

/** Returns the last day on which a finding may still be open; `undefined` if its severity has no due date. */
export function dueOn({ severity, firstSeenAt }: Pick<Finding, 'severity' | 'firstSeenAt'>, dueDays: DueDays): string | undefined {
  const days = dueDays[severity];
  return days === undefined ? undefined : dayAfter(firstSeenAt, days);
}

/** Whether a finding has been open for longer than the policy allows. */
export function isOverdue(finding: Pick<Finding, 'severity' | 'firstSeenAt' | 'status'>, dueDays: DueDays, now: Date): boolean {
  const due = dueOn(finding, dueDays);
  return finding.status === 'open' && due !== undefined && due < dayOf(now);
}

/** Counts open findings by severity and by the day on which they were first seen. */
export function openSince(findings: readonly Pick<Finding, 'severity' | 'firstSeenAt' | 'status'>[]): OpenSince {
  const counts: Partial<Record<Severity, Record<string, number>>> = {};
  for (const { severity, firstSeenAt, status } of findings) {
    if (status !== 'open') continue;
    const days = counts[severity] ?? {};
    counts[severity] = days;
    const day = firstSeenAt.slice(0, 10);
    days[day] = (days[day] ?? 0) + 1;
  }
  return counts;
}

/** Counts the overdue findings. */
export function countOverdue(since: OpenSince, dueDays: DueDays, now: Date): number {
  const today = dayOf(now);
  return SEVERITIES.reduce((all, severity) => {
    const days = dueDays[severity];
    if (days === undefined) return all;
    const late = Object.entries(since[severity] ?? {}).filter(([day]) => dayAfter(day, days) < today);
    return all + late.reduce((sum, [, count]) => sum + count, 0);
  }, 0);
}
