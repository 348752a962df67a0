import { SEVERITIES, type Severity } from '../policy/severity.ts';
import { dayAfter, dayOf } from './day.ts';
import type { BySeverity, EstateFigures } from './estate-figures.ts';
import type { HistoryEntry } from './finding.ts';

/** One point of the trend: the estate as the newest audit of a day left it. */
export interface EstateDay {
  /** `2026-11-23`, UTC. */
  readonly day: string;
  /** Open findings, exempted ones included. */
  readonly openBySeverity: BySeverity;
  /** What else was counted; absent of a day that was worked out from the history of the findings. */
  readonly seen?: Pick<EstateFigures, 'clusters' | 'blind' | 'proven'>;
}

/** The point of the trend that an audit leaves. */
export function estateDay(at: string, { openBySeverity, clusters, blind, proven }: EstateFigures): EstateDay {
  return { day: dayOf(at), openBySeverity, seen: { clusters, blind, proven } };
}

type Change = Pick<HistoryEntry, 'findingId' | 'at' | 'kind' | 'severity'>;

/**
 * Works out the end of today and of each earlier day from what is open now and what changed since, newest
 * change first, down to the day of the oldest change. The totals are exact. A finding whose severity changed
 * counts by the newer severity until an older line tells the one before.
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

/** A count below zero would come from history that was pruned or never written. */
function positive(open: BySeverity): BySeverity {
  const counts = SEVERITIES.map((severity) => [severity, Math.max(0, open[severity])] as const);
  return { ...open, ...Object.fromEntries(counts) };
}
