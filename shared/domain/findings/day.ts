import { DAY_MS } from '../snapshot/day.ts';
/** The UTC day of a moment, `2026-11-23`. */
export function dayOf(at: Date | string): string {
  return (typeof at === 'string' ? at : at.toISOString()).slice(0, 10);
}

/** The day that is this many days after a moment, or before it if the number is negative. */
export function dayAfter(at: Date | string, days: number): string {
  return new Date(Date.parse(`${dayOf(at)}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}
