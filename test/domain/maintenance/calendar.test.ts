import { expect, it } from 'vitest';
import { daysInMonth, firstWeekday, lastWeekday, monthOfDay, weekdayOf } from '../../../shared/domain/maintenance/calendar.ts';

const day = (date: string) => Date.parse(date) / 86_400_000;
const month = (date: string) => monthOfDay(day(date));

it.each([
  ['1970-01-01', 4],
  ['1969-12-31', 3],
  ['1969-12-27', 6],
  ['1969-12-20', 6],
  ['2026-09-01', 2],
  ['2026-09-06', 0],
])('%s is the weekday %i', (date, weekday) => expect(weekdayOf(day(date))).toBe(weekday));

it.each([
  ['1970-01-31', 0],
  ['1969-12-31', -1],
  ['2026-09-01', 680],
])('%s is in the month %i', (date, expected) => expect(month(date)).toBe(expected));

it.each([
  ['2026-02-11', '2026-02-01', 28],
  ['2028-02-11', '2028-02-01', 29],
  ['2026-12-31', '2026-12-01', 31],
  ['1969-11-30', '1969-11-01', 30],
])('the month of %s begins on %s and has %i days', (date, first, days) => {
  expect(daysInMonth(month(date))).toEqual({ first: day(first), days });
});

it.each([
  ['2026-09-01', 2, '2026-09-01', '2026-09-29'],
  ['2026-09-01', 1, '2026-09-07', '2026-09-28'],
  ['2026-09-01', 0, '2026-09-06', '2026-09-27'],
  ['2026-10-01', 5, '2026-10-02', '2026-10-30'],
])('in the month of %s the weekday %i is first on %s and last on %s', (date, weekday, first, last) => {
  expect([firstWeekday(month(date), weekday), lastWeekday(month(date), weekday)]).toEqual([day(first), day(last)]);
});
