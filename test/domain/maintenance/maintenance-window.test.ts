import { describe, expect, it } from 'vitest';
import {
  lastWindow,
  type MaintenanceSchedule,
  nextWindow,
  type Recurrence,
} from '../../../shared/domain/maintenance/maintenance-window.ts';

type Recurring = Extract<MaintenanceSchedule, { form: 'recurring' }>;

const SUNDAY = 0;
const FRIDAY = 5;
/** Four hours from 02:00 UTC. */
const window = (recurrence: Recurrence, over: Partial<Recurring> = {}): MaintenanceSchedule => ({
  form: 'recurring',
  recurrence,
  startMinute: 120,
  durationHours: 4,
  offsetMinutes: 0,
  notAllowed: [],
  ...over,
});
const daily = (every = 1): Recurrence => ({ kind: 'daily', every });
const weekly = (weekday: number, every = 1): Recurrence => ({ kind: 'weekly', every, weekday });
const onDay = (day: number, every = 1): Recurrence => ({ kind: 'monthly-on-day', every, day });
const onWeekday = (week: 1 | 2 | 3 | 4 | 'last', weekday: number, every = 1): Recurrence => ({
  kind: 'monthly-on-weekday',
  every,
  week,
  weekday,
});

/** The next window in short: `from/until`, or the state with its reason. */
function next(schedule: MaintenanceSchedule, now: string): string {
  const found = nextWindow(schedule, now);
  return found.state === 'window' ? `${found.window.from}/${found.window.until}` : `${found.state}: ${found.why}`;
}

// 1 September 2026 is a Tuesday.
describe('the next maintenance window', () => {
  it.each([
    ['one second before it opens', '2026-09-06T01:59:59.000Z', '2026-09-06T02:00:00Z/2026-09-06T06:00:00Z'],
    ['when it opens', '2026-09-06T02:00:00.000Z', '2026-09-06T02:00:00Z/2026-09-06T06:00:00Z'],
    ['one second before it closes', '2026-09-06T05:59:59.000Z', '2026-09-06T02:00:00Z/2026-09-06T06:00:00Z'],
    ['when it closes', '2026-09-06T06:00:00.000Z', '2026-09-13T02:00:00Z/2026-09-13T06:00:00Z'],
  ])('of every Sunday, asked %s', (_, now, expected) => {
    expect(next(window(weekly(SUNDAY)), now)).toBe(expected);
  });

  it('is still open when it began on the previous day', () => {
    const late = window(weekly(SUNDAY), { startMinute: 22 * 60, durationHours: 8 });

    expect(next(late, '2026-09-07T05:59:59.000Z')).toBe('2026-09-06T22:00:00Z/2026-09-07T06:00:00Z');
    expect(next(late, '2026-09-07T06:00:00.000Z')).toBe('2026-09-13T22:00:00Z/2026-09-14T06:00:00Z');
  });

  it('follows an offset ahead of UTC, where it is Sunday while it is still Saturday in UTC', () => {
    const india = window(weekly(SUNDAY), { startMinute: 0, offsetMinutes: 330 });

    expect(next(india, '2026-09-05T12:00:00.000Z')).toBe('2026-09-05T18:30:00Z/2026-09-05T22:30:00Z');
  });

  it('follows an offset behind UTC, where it is Sunday while it is already Monday in UTC', () => {
    const west = window(weekly(SUNDAY), { startMinute: 20 * 60, offsetMinutes: -480 });

    expect(next(west, '2026-09-06T12:00:00.000Z')).toBe('2026-09-07T04:00:00Z/2026-09-07T08:00:00Z');
  });

  it('keeps its offset when daylight saving time ends', () => {
    const berlin = window(weekly(SUNDAY), { offsetMinutes: 120 });

    expect(next(berlin, '2026-10-20T00:00:00.000Z')).toBe('2026-10-25T00:00:00Z/2026-10-25T04:00:00Z');
    expect(next(berlin, '2026-10-26T00:00:00.000Z')).toBe('2026-11-01T00:00:00Z/2026-11-01T04:00:00Z');
  });

  it('follows immediately after one that lasts a whole day', () => {
    const always = window(daily(), { startMinute: 0, durationHours: 24 });

    expect(next(always, '2026-09-01T23:59:59.000Z')).toBe('2026-09-01T00:00:00Z/2026-09-02T00:00:00Z');
    expect(next(always, '2026-09-02T00:00:00.000Z')).toBe('2026-09-02T00:00:00Z/2026-09-03T00:00:00Z');
  });
});

describe('intervals', () => {
  it.each([
    ['2026-09-01T00:00:00.000Z', '2026-09-01T02:00:00Z'],
    ['2026-09-01T06:00:00.000Z', '2026-09-04T02:00:00Z'],
    ['2026-09-04T06:00:00.000Z', '2026-09-07T02:00:00Z'],
  ])('of three days count from the start date, asked at %s', (now, from) => {
    expect(next(window(daily(3), { startsOn: '2026-08-29' }), now)).toMatch(`${from}/`);
  });

  it.each([
    ['2026-09-04T05:59:59.000Z', '2026-09-04T02:00:00Z'],
    ['2026-09-04T06:00:00.000Z', '2026-09-18T02:00:00Z'],
  ])('of two weeks count from the start date, asked at %s', (now, from) => {
    // A Tuesday, so that the first Friday is in the same week in every way of counting weeks.
    expect(next(window(weekly(FRIDAY, 2), { startsOn: '2026-09-01' }), now)).toMatch(`${from}/`);
  });

  it('of two weeks that begin after their weekday are unknown, because Azure does not document which week is the first', () => {
    const schedule = window(weekly(FRIDAY, 2), { startsOn: '2026-09-05' });

    expect(next(schedule, '2026-09-05T00:00:00.000Z')).toMatch(/^unknown: .*2026-09-11T02:00:00Z or 2026-09-18T02:00:00Z/);
  });

  it('of two weeks that begin between a Sunday and the Monday of its week are unknown, because that depends on the first day of a week', () => {
    expect(next(window(weekly(SUNDAY, 2), { startsOn: '2026-09-07' }), '2026-09-07T00:00:00.000Z')).toMatch(
      /^unknown: .*2026-09-13T02:00:00Z or 2026-09-20T02:00:00Z/,
    );
  });

  it('of four years are known until the next one', () => {
    expect(next(window(onDay(15, 48), { startsOn: '2026-09-15' }), '2026-09-15T06:00:00.000Z')).toMatch('2030-09-15T02:00:00Z/');
  });

  it.each([
    ['2026-09-15T06:00:00.000Z', '2026-12-15T02:00:00Z'],
    ['2026-12-15T05:59:59.000Z', '2026-12-15T02:00:00Z'],
    ['2026-12-15T06:00:00.000Z', '2027-03-15T02:00:00Z'],
  ])('of three months count from the start date, asked at %s', (now, from) => {
    expect(next(window(onDay(15, 3), { startsOn: '2026-09-15' }), now)).toMatch(`${from}/`);
  });

  it('of three months that begin after their day are unknown', () => {
    const schedule = window(onDay(1, 3), { startsOn: '2026-01-20' });

    expect(next(schedule, '2026-01-20T00:00:00.000Z')).toMatch(/^unknown: .*2026-02-01T02:00:00Z or 2026-04-01T02:00:00Z/);
  });

  it.each([
    [daily(2), 'second'],
    [weekly(SUNDAY, 2), 'second'],
    [onDay(1, 4), '4th'],
    [onWeekday(1, SUNDAY, 3), 'third'],
  ])('without a start date to count from are unknown (%o)', (every, ordinal) => {
    expect(next(window(every), '2026-09-01T00:00:00.000Z')).toMatch(`unknown: it runs at every ${ordinal} occurrence`);
  });
});

describe('monthly windows', () => {
  it('open on their day, also at both ends of the year', () => {
    expect(next(window(onDay(1)), '2026-12-01T06:00:00.000Z')).toMatch(/^2027-01-01T02:00:00Z/);
    expect(next(window(onDay(28)), '2027-02-01T00:00:00.000Z')).toMatch(/^2027-02-28T02:00:00Z/);
  });

  it('of the 31st are known in a month with 31 days, and unknown before a shorter month', () => {
    expect(next(window(onDay(31)), '2026-10-01T00:00:00.000Z')).toMatch(/^2026-10-31T02:00:00Z/);
    expect(next(window(onDay(31)), '2026-09-01T00:00:00.000Z')).toMatch(/^unknown: .*2026-10-31T02:00:00Z or 2026-09-30T02:00:00Z/);
  });

  it('of the 29th are known in February only in a leap year', () => {
    expect(next(window(onDay(29)), '2028-02-01T00:00:00.000Z')).toMatch(/^2028-02-29T02:00:00Z/);
    expect(next(window(onDay(29)), '2027-02-01T00:00:00.000Z')).toMatch(/^unknown: /);
  });

  it.each([
    ['first', 1, '2026-09-01T00:00:00.000Z', '2026-09-04T02:00:00Z'],
    ['second', 2, '2026-09-01T00:00:00.000Z', '2026-09-11T02:00:00Z'],
    ['fourth', 4, '2026-09-01T00:00:00.000Z', '2026-09-25T02:00:00Z'],
    ['last, of four', 'last', '2026-09-01T00:00:00.000Z', '2026-09-25T02:00:00Z'],
    ['last, of five', 'last', '2026-10-01T00:00:00.000Z', '2026-10-30T02:00:00Z'],
    ['fourth, of five', 4, '2026-10-01T00:00:00.000Z', '2026-10-23T02:00:00Z'],
    ['first, once it is over', 1, '2026-09-04T06:00:00.000Z', '2026-10-02T02:00:00Z'],
  ] as const)('come on the %s Friday', (_, week, now, from) => {
    expect(next(window(onWeekday(week, FRIDAY)), now)).toMatch(`${from}/`);
  });
});

describe('a start date', () => {
  it('in the future keeps the window closed until that day, inclusive', () => {
    const schedule = window(weekly(SUNDAY), { startsOn: '2026-10-04' });

    expect(next(schedule, '2026-09-01T00:00:00.000Z')).toMatch(/^2026-10-04T02:00:00Z/);
    expect(next(window(weekly(SUNDAY), { startsOn: '2026-10-05' }), '2026-09-01T00:00:00.000Z')).toMatch(/^2026-10-11T02:00:00Z/);
  });

  it('that is further away than five years is no window', () => {
    expect(next(window(weekly(SUNDAY), { startsOn: '2040-01-01' }), '2026-09-01T00:00:00.000Z')).toMatch(/^none: /);
  });

  it('is a day in the schedule’s own time zone', () => {
    const schedule = window(daily(), { startsOn: '2026-10-04', startMinute: 0, offsetMinutes: 720 });

    expect(next(schedule, '2026-10-01T00:00:00.000Z')).toMatch(/^2026-10-03T12:00:00Z/);
  });
});

describe('dates that are not allowed', () => {
  const shut = (start: string, end: string, over: Partial<Recurring> = {}) =>
    window(weekly(SUNDAY), { notAllowed: [{ start, end }], ...over });

  it.each([
    ['the day before', '2026-09-05', '2026-09-05', '2026-09-06T02:00:00Z'],
    ['only that day', '2026-09-06', '2026-09-06', '2026-09-13T02:00:00Z'],
    ['a span that ends on it', '2026-08-20', '2026-09-06', '2026-09-13T02:00:00Z'],
    ['a span over two windows', '2026-09-01', '2026-09-14', '2026-09-20T02:00:00Z'],
    ['the day after', '2026-09-07', '2026-09-30', '2026-09-06T02:00:00Z'],
  ])('close the windows of the days that they name: %s', (_, start, end, from) => {
    expect(next(shut(start, end), '2026-09-01T00:00:00.000Z')).toMatch(`${from}/`);
  });

  it('close the part of a window that overlaps them', () => {
    const overnight = { startMinute: 22 * 60, durationHours: 8 };

    expect(next(shut('2026-09-07', '2026-09-07', overnight), '2026-09-01T00:00:00.000Z')).toBe('2026-09-06T22:00:00Z/2026-09-07T00:00:00Z');
    expect(next(shut('2026-09-06', '2026-09-06', overnight), '2026-09-01T00:00:00.000Z')).toBe('2026-09-07T00:00:00Z/2026-09-07T06:00:00Z');
  });

  it('are days in the schedule’s own time zone', () => {
    // Until the end of 3 January there, which is 22:00 UTC.
    const schedule = window(daily(), {
      startMinute: 0,
      durationHours: 24,
      offsetMinutes: 120,
      notAllowed: [{ start: '2022-12-23', end: '2023-01-03' }],
    });

    expect(next(schedule, '2022-12-22T21:59:59.000Z')).toBe('2022-12-21T22:00:00Z/2022-12-22T22:00:00Z');
    expect(next(schedule, '2022-12-22T22:00:00.000Z')).toBe('2023-01-03T22:00:00Z/2023-01-04T22:00:00Z');
  });

  it('of years leave the window after them', () => {
    expect(next(shut('2026-01-01', '2030-12-31'), '2026-09-01T00:00:00.000Z')).toMatch('2031-01-05T02:00:00Z/');
    const monthly = window(onDay(15), { notAllowed: [{ start: '2026-01-01', end: '2030-12-31' }] });
    expect(next(monthly, '2026-09-01T00:00:00.000Z')).toMatch('2031-01-15T02:00:00Z/');
  });

  it('that never end leave no window', () => {
    expect(next(shut('2026-01-01', '2099-12-31'), '2026-09-01T00:00:00.000Z')).toBe('none: it does not open within 5 years');
  });
});

describe('the previous window', () => {
  const last = (schedule: MaintenanceSchedule, now: string) => lastWindow(schedule, now)?.from;

  it.each([
    ['2026-09-06T06:00:00.000Z', '2026-09-06T02:00:00Z'],
    ['2026-09-06T05:59:59.000Z', '2026-08-30T02:00:00Z'],
    ['2026-09-13T05:59:59.000Z', '2026-09-06T02:00:00Z'],
  ])('is one that has closed, asked at %s', (now, from) => {
    expect(last(window(weekly(SUNDAY)), now)).toBe(from);
  });

  it('is found up to a month and a quarter back, and not before the start date', () => {
    expect(last(window(onDay(15)), '2026-09-15T05:59:59.000Z')).toBe('2026-08-15T02:00:00Z');
    expect(last(window(onDay(15, 3), { startsOn: '2026-03-15' }), '2026-09-14T00:00:00.000Z')).toBe('2026-06-15T02:00:00Z');
    expect(last(window(weekly(SUNDAY), { startsOn: '2026-09-06' }), '2026-09-06T05:00:00.000Z')).toBeUndefined();
  });

  it('is not in a time that was not allowed', () => {
    const shut = window(weekly(SUNDAY), { notAllowed: [{ start: '2026-08-01', end: '2026-09-06' }] });

    expect(last(shut, '2026-09-10T00:00:00.000Z')).toBe('2026-07-26T02:00:00Z');
  });

  it('is unknown when the next one is unknown', () => {
    // Whether the 31st opened on the 30th of September is not known, though the one of August did.
    expect(last(window(onDay(31)), '2026-09-30T12:00:00.000Z')).toBeUndefined();
    expect(last(window(weekly(SUNDAY, 2)), '2026-09-10T00:00:00.000Z')).toBeUndefined();
  });
});

describe('hours of the week', () => {
  const slots = (
    hours: readonly (readonly [number, number])[],
    notAllowed: { start: string; end: string }[] = [],
  ): MaintenanceSchedule => ({
    form: 'hour-slots',
    slots: hours.map(([weekday, hour]) => ({ weekday, hour })),
    notAllowed,
  });
  const saturdayNight = slots([
    [6, 22],
    [6, 23],
    [0, 0],
    [0, 1],
    [3, 4],
  ]);

  it.each([
    ['2026-09-01T00:00:00.000Z', '2026-09-02T04:00:00Z/2026-09-02T05:00:00Z'],
    ['2026-09-02T05:00:00.000Z', '2026-09-05T22:00:00Z/2026-09-06T02:00:00Z'],
    ['2026-09-06T01:59:59.000Z', '2026-09-05T22:00:00Z/2026-09-06T02:00:00Z'],
    ['2026-09-06T02:00:00.000Z', '2026-09-09T04:00:00Z/2026-09-09T05:00:00Z'],
  ])('are one window while they follow each other, asked at %s', (now, expected) => {
    expect(next(saturdayNight, now)).toBe(expected);
  });

  it('are closed in the times that are not allowed', () => {
    const shut = slots([[3, 4]], [{ start: '2026-09-02T00:00:00Z', end: '2026-09-09T04:30:00Z' }]);

    expect(next(shut, '2026-09-01T00:00:00.000Z')).toBe('2026-09-09T04:30:00Z/2026-09-09T05:00:00Z');
  });

  it('are none when they are never allowed', () => {
    const shut = slots([[3, 4]], [{ start: '2026-01-01T00:00:00Z', end: '2099-01-01T00:00:00Z' }]);
    expect(next(shut, '2026-09-01T00:00:00.000Z')).toMatch(/^none: /);
  });

  // Open from 04:00 to 06:00 on Wednesday, 2 September.
  it.each([
    ['that ends when it opens', '2026-09-02T03:00:00Z', '2026-09-02T04:00:00Z', '04:00:00Z/2026-09-02T06:00:00Z'],
    ['that begins when it closes', '2026-09-02T06:00:00Z', '2026-09-02T07:00:00Z', '04:00:00Z/2026-09-02T06:00:00Z'],
    ['in its middle', '2026-09-02T04:30:00Z', '2026-09-02T05:00:00Z', '04:00:00Z/2026-09-02T04:30:00Z'],
    ['at its beginning', '2026-09-02T04:00:00Z', '2026-09-02T05:00:00Z', '05:00:00Z/2026-09-02T06:00:00Z'],
    ['at its end', '2026-09-02T05:00:00Z', '2026-09-02T06:00:00Z', '04:00:00Z/2026-09-02T05:00:00Z'],
    ['that lasts no time', '2026-09-02T05:00:00Z', '2026-09-02T05:00:00Z', '04:00:00Z/2026-09-02T06:00:00Z'],
    ['that ends before it begins', '2026-09-02T05:30:00Z', '2026-09-02T05:00:00Z', '04:00:00Z/2026-09-02T06:00:00Z'],
  ])('lose no more than a time %s', (_, start, end, expected) => {
    const open = [
      [3, 4],
      [3, 5],
    ] as const;
    expect(next(slots(open, [{ start, end }]), '2026-09-01T00:00:00.000Z')).toBe(`2026-09-02T${expected}`);
  });

  it('are the rest of a window that a time cuts in two', () => {
    const shut = slots([[3, 4]], [{ start: '2026-09-02T04:20:00Z', end: '2026-09-02T04:40:00Z' }]);
    expect(next(shut, '2026-09-02T04:20:00.000Z')).toBe('2026-09-02T04:40:00Z/2026-09-02T05:00:00Z');
  });

  it('are open now when they are all hours', () => {
    const all = slots(Array.from({ length: 168 }, (_, at) => [Math.floor(at / 24), at % 24] as const));
    const found = nextWindow(all, '2026-09-01T12:34:56.000Z');

    expect(found).toMatchObject({ state: 'window', window: { from: '2026-09-01T12:00:00Z' } });
  });
});
