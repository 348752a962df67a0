import type { MaintenanceWindow } from '../snapshot/planned-upgrade.ts';
import { daysInMonth, firstWeekday, lastWeekday, monthOfDay, weekdayOf } from './calendar.ts';

/** How often a window recurs; weekdays count from Sunday, 0. */
export type Recurrence =
  | { readonly kind: 'daily'; readonly every: number }
  | { readonly kind: 'weekly'; readonly every: number; readonly weekday: number }
  | { readonly kind: 'monthly-on-day'; readonly every: number; readonly day: number }
  | { readonly kind: 'monthly-on-weekday'; readonly every: number; readonly week: 1 | 2 | 3 | 4 | 'last'; readonly weekday: number };

/** When Azure may start upgrades, in either of its two formats. */
export type MaintenanceSchedule =
  | {
      readonly form: 'recurring';
      readonly recurrence: Recurrence;
      /** Minutes after midnight, in the schedule's time zone. */
      readonly startMinute: number;
      readonly durationHours: number;
      /** How far the schedule's time zone is ahead of UTC; it has no daylight saving time. */
      readonly offsetMinutes: number;
      /** The first day, `YYYY-MM-DD`; absent means every day counts. */
      readonly startsOn?: string;
      /** Whole days, both ends included, on which no maintenance starts. */
      readonly notAllowed: readonly { readonly start: string; readonly end: string }[];
    }
  | {
      readonly form: 'hour-slots';
      /** Hours of the week in UTC. */
      readonly slots: readonly { readonly weekday: number; readonly hour: number }[];
      /** Period in which no maintenance starts, RFC 3339. */
      readonly notAllowed: readonly { readonly start: string; readonly end: string }[];
    };

/** The next window of a schedule, or why it is unknown. */
export type NextWindow =
  | { readonly state: 'window'; readonly window: MaintenanceWindow }
  | { readonly state: 'none'; readonly why: string }
  | { readonly state: 'unknown'; readonly why: string };

interface Span {
  readonly from: number;
  readonly until: number;
}

/** One interpretation of what Azure's documentation leaves open. */
interface Reading {
  /** The day or month from which intervals are counted. */
  readonly anchor: number;
  /** How the 31st is treated in a month of 30 days. */
  readonly shortMonth: 'skipped' | 'last-day';
}

type Recurring = Extract<MaintenanceSchedule, { form: 'recurring' }>;
type HourSlots = Extract<MaintenanceSchedule, { form: 'hour-slots' }>;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WEEK_HOURS = 168;
/** A window that is further away than this is ignored. */
const HORIZON_YEARS = 5;
/** Days to search back for the last window, shortest first because most windows are weekly. */
const LOOK_BACK_DAYS = [8, 40, 366];
const HORIZON_MS = HORIZON_YEARS * 366 * DAY_MS;

/**
 * The window that is open at a time, or the next one. If Azure does not document how to interpret a schedule and
 * the interpretations differ, the window is unknown.
 */
export function nextWindow(schedule: MaintenanceSchedule, now: string): NextWindow {
  const at = Date.parse(now);
  if (schedule.form === 'hour-slots') return answer([firstOpen(slotSpans(schedule, at), barred(schedule), at)]);
  const { recurrence, startsOn } = schedule;
  if (recurrence.every > 1 && startsOn === undefined) {
    return {
      state: 'unknown',
      why: `it runs at every ${ordinal(recurrence.every)} occurrence, and has no start date to count from`,
    };
  }
  const readings = readingsOf(recurrence, startsOn === undefined ? undefined : dayOf(startsOn));
  return answer(readings.map((reading) => firstOpen(recurringSpans(schedule, reading, at), barred(schedule), at)));
}

/** The last window that closed before a time; `undefined` if there was none in the last year, or if it is unknown. */
export function lastWindow(schedule: MaintenanceSchedule, now: string): MaintenanceWindow | undefined {
  const at = Date.parse(now);
  for (const days of LOOK_BACK_DAYS) {
    let found = nextWindow(schedule, new Date(at - days * DAY_MS).toISOString());
    let last: MaintenanceWindow | undefined;
    while (found.state === 'window' && Date.parse(found.window.until) <= at) {
      last = found.window;
      found = nextWindow(schedule, last.until);
    }
    if (found.state === 'unknown' || last !== undefined) return last;
  }
  return undefined;
}

function answer(found: readonly (Span | undefined)[]): NextWindow {
  const [first] = found;
  const texts = [...new Set(found.map((span) => (span === undefined ? `never within ${HORIZON_YEARS} years` : stamp(span.from))))];
  if (texts.length > 1) return { state: 'unknown', why: `Azure does not define how to interpret it: it opens ${texts.join(' or ')}` };
  if (first === undefined) return { state: 'none', why: `it does not open within ${HORIZON_YEARS} years` };
  return { state: 'window', window: { from: stamp(first.from), until: stamp(first.until) } };
}

/** The first span that has not ended, without the excluded times. */
function firstOpen(spans: Iterable<Span>, bars: readonly Span[], now: number): Span | undefined {
  for (const span of spans) {
    if (span.until <= now) continue;
    if (span.from > now + HORIZON_MS) return undefined;
    const left = bars.reduce<readonly Span[]>((pieces, bar) => pieces.flatMap((piece) => without(piece, bar)), [span]);
    const open = left.find(({ until }) => until > now);
    if (open !== undefined) return open;
  }
  return undefined;
}

function without({ from, until }: Span, bar: Span): readonly Span[] {
  const before = { from, until: Math.min(until, bar.from) };
  const after = { from: Math.max(from, bar.until), until };
  if (bar.until <= bar.from) return [{ from, until }];
  return [before, after].filter((piece) => piece.from < piece.until);
}

function barred(schedule: MaintenanceSchedule): readonly Span[] {
  if (schedule.form === 'hour-slots') {
    return schedule.notAllowed.map(({ start, end }) => ({ from: Date.parse(start), until: Date.parse(end) }));
  }
  const shift = schedule.offsetMinutes * 60_000;
  return schedule.notAllowed.map(({ start, end }) => ({ from: Date.parse(start) - shift, until: Date.parse(end) + DAY_MS - shift }));
}

/** Windows in order, starting with one that may still be open. */
function* recurringSpans(schedule: Recurring, reading: Reading, now: number): Generator<Span> {
  const shift = schedule.offsetMinutes * 60_000;
  const first = schedule.startsOn === undefined ? Number.NEGATIVE_INFINITY : dayOf(schedule.startsOn);
  // A window is at most a day long, so an open one started today or yesterday.
  const from = Math.max(Math.floor((now + shift) / DAY_MS) - 1, first);
  for (const day of daysOf(schedule.recurrence, reading, from)) {
    const opens = day * DAY_MS + schedule.startMinute * 60_000 - shift;
    yield { from: opens, until: opens + schedule.durationHours * HOUR_MS };
  }
}

/** The days of a recurrence from a given day, without end, each month at most once. */
function* daysOf(recurrence: Recurrence, { anchor, shortMonth }: Reading, from: number): Generator<number> {
  const { every } = recurrence;
  const monthly = recurrence.kind === 'monthly-on-day' || recurrence.kind === 'monthly-on-weekday';
  const unit = recurrence.kind === 'weekly' ? 7 * every : every;
  const start = monthly ? monthOfDay(from) : from;
  const last = start + (monthly ? 12 : 366) * HORIZON_YEARS + unit;
  for (let turn = anchor + Math.max(0, Math.floor((start - anchor) / unit)) * unit; turn <= last; turn += unit) {
    const day = monthly ? dayInMonth(recurrence, turn, shortMonth) : turn;
    if (day !== undefined && day >= from) yield day;
  }
}

function dayInMonth(recurrence: Recurrence, month: number, shortMonth: Reading['shortMonth']): number | undefined {
  if (recurrence.kind === 'monthly-on-weekday') {
    if (recurrence.week === 'last') return lastWeekday(month, recurrence.weekday);
    return firstWeekday(month, recurrence.weekday) + 7 * (recurrence.week - 1);
  }
  if (recurrence.kind !== 'monthly-on-day') return undefined;
  const { first, days } = daysInMonth(month);
  if (recurrence.day <= days) return first + recurrence.day - 1;
  return shortMonth === 'skipped' ? undefined : first + days - 1;
}

/**
 * Azure documents that a schedule counts from its start date. It does not document whether an interval that starts
 * in the middle of a week or month counts from that week or month, or from the first window in it; nor
 * how the 31st is treated in a shorter month.
 */
function readingsOf(recurrence: Recurrence, start: number | undefined): readonly Reading[] {
  const anchors = new Set(anchorsOf(recurrence, start ?? 0));
  return [...anchors].flatMap((anchor) => (['skipped', 'last-day'] as const).map((shortMonth) => ({ anchor, shortMonth })));
}

function anchorsOf(recurrence: Recurrence, start: number): readonly number[] {
  switch (recurrence.kind) {
    case 'daily':
      return [start];
    case 'weekly': {
      const first = start + ((recurrence.weekday - weekdayOf(start) + 7) % 7);
      // The first day of a week is not documented either: Sunday or Monday.
      const sameWeek = [0, 1].some((begin) => (recurrence.weekday - begin + 7) % 7 < (weekdayOf(start) - begin + 7) % 7);
      return sameWeek ? [first, first - 7] : [first];
    }
    case 'monthly-on-day':
    case 'monthly-on-weekday': {
      const month = monthOfDay(start);
      const day = dayInMonth(recurrence, month, 'last-day');
      return day !== undefined && day < start ? [month + 1, month] : [month];
    }
  }
}

/** Runs of consecutive hours, each at most a week long. */
function* slotSpans({ slots }: HourSlots, now: number): Generator<Span> {
  const open = new Set(slots.map(({ weekday, hour }) => weekday * 24 + hour));
  if (open.size === 0) return;
  const first = Math.floor(now / HOUR_MS) - WEEK_HOURS;
  let from: number | undefined;
  for (let hour = first; hour * HOUR_MS <= now + HORIZON_MS + WEEK_HOURS * HOUR_MS; hour++) {
    const isOpen = open.has(weekdayOf(Math.floor(hour / 24)) * 24 + (((hour % 24) + 24) % 24));
    if (from !== undefined && (!isOpen || hour - from >= WEEK_HOURS)) {
      yield { from: from * HOUR_MS, until: hour * HOUR_MS };
      from = undefined;
    }
    if (isOpen) from ??= hour;
  }
}

function dayOf(date: string): number {
  return Math.floor(Date.parse(date) / DAY_MS);
}

function stamp(at: number): string {
  return new Date(at).toISOString().replace('.000Z', 'Z');
}

function ordinal(count: number): string {
  return count === 2 ? 'second' : count === 3 ? 'third' : `${count}th`;
}
