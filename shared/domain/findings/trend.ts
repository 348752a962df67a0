import { SEVERITIES, type Severity } from '../policy/severity.ts';
import { dayAfter, dayOf } from './day.ts';
import type { BySeverity, EstateFigures } from './estate-figures.ts';
import type { HistoryEntry } from './finding.ts';

/** One point of the trend: the estate after the newest audit of a day. */
export interface EstateDay {
  /** `2026-11-23`, UTC. */
  readonly day: string;
  /** Open findings, exempted ones included. */
  readonly openBySeverity: BySeverity;
  /** Further counts; absent for a day that was computed from the history of the findings. */
  readonly seen?: Pick<EstateFigures, 'clusters' | 'blind' | 'proven'>;
}

/** Returns the point of the trend for an audit. */
export function estateDay(at: string, { openBySeverity, clusters, blind, proven }: EstateFigures): EstateDay {
  return { day: dayOf(at), openBySeverity, seen: { clusters, blind, proven } };
}

type Change = Pick<HistoryEntry, 'findingId' | 'at' | 'kind' | 'severity'>;

/**
 * Computes the end of today and of each earlier day from the open findings and the changes since, newest change first, back to the day of
 * the oldest change. The totals are exact. A finding whose severity changed counts with the newer severity until an older entry gives the
 * previous one.
 */
export async function daysFromHistory(
  openNow: BySeverity,
  now: Date,
  changes: AsyncIterable<Change> | Iterable<Change>,
): Promise<readonly EstateDay[]> {
  const open: Record<Severity, number> = { ...openNow };
  const current = new Map<string, Severity>();
  let day = dayOf(now);
  const days: EstateDay[] = [{ day, openBySeverity: positive(open) }];
  for await (const { findingId, at, kind, severity } of changes) {
    while (day > dayOf(at)) {
      day = dayAfter(day, -1);
      days.push({ day, openBySeverity: positive(open) });
    }
    const newer = current.get(findingId);
    if (newer !== undefined) {
      open[newer] -= 1;
      open[severity] += 1;
    }
    if (kind === 'resolved') open[severity] += 1;
    if (kind === 'opened' || kind === 'reopened') open[severity] -= 1;
    if (kind === 'changed') current.set(findingId, severity);
    else current.delete(findingId);
  }
  return days;
}

/** Clamp at zero: the history may have been pruned or never written. */
function positive(open: BySeverity): BySeverity {
  const counts = SEVERITIES.map((severity) => [severity, Math.max(0, open[severity])] as const);
  return { ...open, ...Object.fromEntries(counts) };
}
