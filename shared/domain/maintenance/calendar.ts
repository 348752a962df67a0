import { DAY_MS } from '../snapshot/day.ts';
/*
 * Days are counted from 1 January 1970 and months from January 1970, without a time zone.
 */

/** Returns the weekday of a day; Sunday is 0. */
export function weekdayOf(day: number): number {
  // 1 January 1970 was a Thursday.
  return (((day + 4) % 7) + 7) % 7;
}

/** The month of a day. */
export function monthOfDay(day: number): number {
  const date = new Date(day * DAY_MS);
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
}

/** The first day of a month, and its number of days. */
export function daysInMonth(month: number): { readonly first: number; readonly days: number } {
  const first = startOf(month);
  return { first, days: startOf(month + 1) - first };
}

/** The first of this weekday in a month. */
export function firstWeekday(month: number, weekday: number): number {
  const first = startOf(month);
  return first + ((weekday - weekdayOf(first) + 7) % 7);
}

/** The last of this weekday in a month, which is the fourth or the fifth. */
export function lastWeekday(month: number, weekday: number): number {
  return firstWeekday(month + 1, weekday) - 7;
}

function startOf(month: number): number {
  return Date.UTC(1970, month, 1) / DAY_MS;
}
