import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MaintenanceSchedule, nextWindow, type Recurrence } from '../../../shared/domain/maintenance/maintenance-window.ts';

type Recurring = Extract<MaintenanceSchedule, { form: 'recurring' }>;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const SPAN = { min: Date.UTC(2020, 0, 1), max: Date.UTC(2040, 0, 1) };

const weekday = fc.integer({ min: 0, max: 6 });
/** Schedules that Azure documents unambiguously: every interval, and no day that some months lack. */
const recurrence: fc.Arbitrary<Recurrence> = fc.oneof(
  fc.constant({ kind: 'daily', every: 1 } as const),
  weekday.map((day) => ({ kind: 'weekly', every: 1, weekday: day }) as const),
  fc.integer({ min: 1, max: 28 }).map((day) => ({ kind: 'monthly-on-day', every: 1, day }) as const),
  fc.record({
    kind: fc.constant('monthly-on-weekday' as const),
    every: fc.constant(1),
    week: fc.constantFrom(1 as const, 2 as const, 3 as const, 4 as const, 'last' as const),
    weekday,
  }),
);
const now = fc.integer(SPAN);
const day = now.map(dateOf);
const schedule: fc.Arbitrary<Recurring> = fc
  .record({
    recurrence,
    startMinute: fc.integer({ min: 0, max: 1439 }),
    durationHours: fc.integer({ min: 1, max: 24 }),
    offsetMinutes: fc.integer({ min: -56, max: 56 }).map((quarters) => quarters * 15),
    startsOn: fc.option(day, { nil: undefined }),
    notAllowed: fc.array(
      fc.tuple(now, fc.integer({ min: 0, max: 90 })).map(([start, days]) => ({ start: dateOf(start), end: dateOf(start + days * DAY) })),
      { maxLength: 4 },
    ),
  })
  .map(({ startsOn, ...rest }) => ({ form: 'recurring', ...rest, ...(startsOn === undefined ? {} : { startsOn }) }));

function dateOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** Whether an unambiguous recurrence includes a day, by the calendar of the platform. */
function falls(date: Date, one: Recurrence): boolean {
  const month = (at: Date) => `${at.getUTCFullYear()}-${at.getUTCMonth()}`;
  const away = (weeks: number) => new Date(date.getTime() + weeks * 7 * DAY);
  switch (one.kind) {
    case 'daily':
      return true;
    case 'weekly':
      return date.getUTCDay() === one.weekday;
    case 'monthly-on-day':
      return date.getUTCDate() === one.day;
    case 'monthly-on-weekday':
      if (date.getUTCDay() !== one.weekday) return false;
      if (one.week === 'last') return month(away(1)) !== month(date);
      return month(away(1 - one.week)) === month(date) && month(away(-one.week)) !== month(date);
  }
}

/** Whether an upgrade may begin at an instant, checked minute by minute without computing the next window. */
function mayBegin(
  at: number,
  { recurrence: one, startMinute, durationHours, offsetMinutes, startsOn = '0000', notAllowed }: Recurring,
): boolean {
  const local = at + offsetMinutes * MINUTE;
  const today = dateOf(local);
  if (notAllowed.some(({ start, end }) => start <= today && today <= end)) return false;
  return [0, 1].some((daysAgo) => {
    const began = new Date(Date.parse(dateOf(local - daysAgo * DAY)));
    const opens = began.getTime() + startMinute * MINUTE;
    return dateOf(began.getTime()) >= startsOn && falls(began, one) && opens <= local && local < opens + durationHours * HOUR;
  });
}

describe('the next maintenance window, whatever the schedule', () => {
  it('has not ended, and allows an upgrade to begin from its first instant to its last', () => {
    fc.assert(
      fc.property(schedule, now, (one, at) => {
        const found = nextWindow(one, new Date(at).toISOString());
        if (found.state === 'none') return;
        if (found.state === 'unknown') throw new Error(found.why);
        const [from, until] = [Date.parse(found.window.from), Date.parse(found.window.until)];

        expect(until).toBeGreaterThan(at);
        expect(from).toBeLessThan(until);
        expect(until - from).toBeLessThanOrEqual(one.durationHours * HOUR);
        expect([mayBegin(from, one), mayBegin((from + until) / 2, one), mayBegin(until - 1, one)]).toEqual([true, true, true]);
      }),
      { numRuns: 500 },
    );
  });

  it('is the first one: no upgrade may begin between now and then', () => {
    fc.assert(
      fc.property(schedule, now, (one, at) => {
        const found = nextWindow(one, new Date(at).toISOString());
        const opens = found.state === 'window' ? Date.parse(found.window.from) : at + 60 * DAY;
        // Every window is at least an hour long, except where dates that are not allowed shorten it.
        const looks = Array.from(
          { length: Math.min(2_000, Math.max(0, Math.floor((opens - at) / (30 * MINUTE)))) },
          (_, step) => at + step * 30 * MINUTE,
        );

        expect(looks.filter((look) => look < opens && mayBegin(look, one))).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it('stays the same while it is open, and is replaced by a later one when it closes', () => {
    fc.assert(
      fc.property(schedule, now, fc.nat({ max: DAY }), (one, at, part) => {
        const found = nextWindow(one, new Date(at).toISOString());
        if (found.state !== 'window') return;
        const [from, until] = [Date.parse(found.window.from), Date.parse(found.window.until)];
        const inside = Math.max(at, from + (part % (until - from)));
        const after = nextWindow(one, found.window.until);

        expect(nextWindow(one, new Date(inside).toISOString())).toEqual(found);
        if (after.state === 'window') expect(Date.parse(after.window.until)).toBeGreaterThan(until);
      }),
      { numRuns: 300 },
    );
  });
});

describe('an interval that begins with its first window', () => {
  const start = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2030, 0, 1) }).map((at) => new Date(Date.parse(dateOf(at))));
  const kind = fc.constantFrom('daily' as const, 'weekly' as const, 'monthly-on-day' as const);

  it('counts from there, and omits none', () => {
    fc.assert(
      fc.property(start, kind, fc.integer({ min: 1, max: 12 }), now, (first, one, every, at) => {
        fc.pre(first.getUTCDate() <= 28 && first.getTime() - at < 3 * 365 * DAY);
        const recurrence: Recurrence = {
          daily: { kind: 'daily', every } as const,
          weekly: { kind: 'weekly', every, weekday: first.getUTCDay() } as const,
          'monthly-on-day': { kind: 'monthly-on-day', every, day: first.getUTCDate() } as const,
        }[one];
        const startsOn = dateOf(first.getTime());
        const schedule = {
          form: 'recurring',
          recurrence,
          startMinute: 0,
          durationHours: 24,
          offsetMinutes: 0,
          startsOn,
          notAllowed: [],
        } as const;
        const found = nextWindow(schedule, new Date(at).toISOString());
        if (found.state !== 'window') throw new Error(found.why);
        const from = new Date(found.window.from);
        const turns = {
          daily: (from.getTime() - first.getTime()) / DAY,
          weekly: (from.getTime() - first.getTime()) / DAY / 7,
          'monthly-on-day': (from.getUTCFullYear() - first.getUTCFullYear()) * 12 + from.getUTCMonth() - first.getUTCMonth(),
        }[one];
        const longest = { daily: DAY, weekly: 7 * DAY, 'monthly-on-day': 31 * DAY }[one] * every;

        expect(turns % every).toBe(0);
        expect(turns).toBeGreaterThanOrEqual(0);
        // The previous one, if any, had closed.
        expect(from.getTime() - Math.max(at, first.getTime())).toBeLessThanOrEqual(longest);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the next of the hours of a week, whatever they are', () => {
  const slots = fc.uniqueArray(fc.record({ weekday, hour: fc.integer({ min: 0, max: 23 }) }), {
    selector: ({ weekday: on, hour }) => on * 24 + hour,
    minLength: 1,
    maxLength: 60,
  });

  it('begins and ends where they do', () => {
    fc.assert(
      fc.property(slots, now, (hours, at) => {
        const found = nextWindow({ form: 'hour-slots', slots: hours, notAllowed: [] }, new Date(at).toISOString());
        if (found.state !== 'window') throw new Error('expected a window');
        const isOpen = (time: number) =>
          hours.some((one) => one.weekday === new Date(time).getUTCDay() && one.hour === new Date(time).getUTCHours());
        const [from, until] = [Date.parse(found.window.from), Date.parse(found.window.until)];

        expect([isOpen(from - 1), isOpen(from), isOpen(until - 1), isOpen(until)]).toEqual([false, true, true, false]);
        expect(until).toBeGreaterThan(at);
        for (let time = at; time < from; time += HOUR) expect(isOpen(time)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});
