import type { Schedule } from './ncrontab.ts';

/** A timer may fire late: after a cold start, or while an instance is replaced. */
export const GRACE_MS = 15 * 60_000;

/** When the next audit is due, and whether it is overdue. */
export interface Dueness {
  readonly state: 'on-time' | 'overdue';
  /** When the next audit is or was due; absent if the schedule has no further occurrence. */
  readonly due?: Date;
}

/** When the audit after the last one is due, and whether it is overdue; `since` replaces the last audit if there was none. */
export function dueness(schedule: Schedule, lastBegan: Date | undefined, since: Date, now: Date): Dueness {
  const due = schedule.next(lastBegan ?? since);
  if (due === undefined) return { state: 'overdue' };
  if (now.getTime() - due.getTime() > GRACE_MS) return { state: 'overdue', due };
  return { state: 'on-time', due };
}
