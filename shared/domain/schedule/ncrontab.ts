import { DAY_MS } from '../snapshot/day.ts';
/** A timer schedule that the Functions host accepts, in UTC. */
export interface Schedule {
  /** The first occurrence after a time; `undefined` if there is none within decades, such as on 30 February. */
  next(after: Date): Date | undefined;
}

interface Field {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
const SECONDS: Field = { min: 0, max: 59 };
const MINUTES: Field = { min: 0, max: 59 };
const HOURS: Field = { min: 0, max: 23 };
const DAYS_OF_MONTH: Field = { min: 1, max: 31 };
const MONTHS_OF_YEAR: Field = { min: 1, max: 12, names: MONTHS };
/** Sunday is 0; the host rejects 7. */
const DAYS_OF_WEEK: Field = { min: 0, max: 6, names: DAYS };
/** February 29 falls on each weekday at least once in 40 years, also around 2100. */
const HORIZON_DAYS = 40 * 366;

/**
 * Parses a schedule of six fields, seconds first, with the grammar of the library that the host uses; `undefined` for what the host rejects,
 * such as `L`, `?`, `#`, `W` or a 7 for Sunday. A timer with such a schedule never runs. Source: atifaziz/NCrontab, CrontabFieldImpl.cs and
 * CrontabField.cs.
 */
export function parseNcrontab(text: string): Schedule | undefined {
  const fields = text.split(' ').filter((field) => field !== '');
  const [second, minute, hour, day, month, weekday, more] = fields;
  if (more !== undefined) return undefined;
  const seconds = valuesOf(second, SECONDS);
  const minutes = valuesOf(minute, MINUTES);
  const hours = valuesOf(hour, HOURS);
  const days = valuesOf(day, DAYS_OF_MONTH);
  const months = valuesOf(month, MONTHS_OF_YEAR);
  const weekdays = valuesOf(weekday, DAYS_OF_WEEK);
  if (!seconds || !minutes || !hours || !days || !months || !weekdays) return undefined;
  // A day must satisfy both the day of the month and the day of the week.
  const isDay = (at: Date) => days.has(at.getUTCDate()) && months.has(at.getUTCMonth() + 1) && weekdays.has(at.getUTCDay());
  const times = { hours: sorted(hours), minutes: sorted(minutes), seconds: sorted(seconds) };
  return { next: (after) => nextOf(after, isDay, times) };
}

interface Times {
  readonly hours: readonly number[];
  readonly minutes: readonly number[];
  readonly seconds: readonly number[];
}

function nextOf(after: Date, isDay: (at: Date) => boolean, times: Times): Date | undefined {
  const from = Math.floor(after.getTime() / 1_000) * 1_000 + 1_000;
  const today = Math.floor(from / DAY_MS) * DAY_MS;
  for (let at = 0; at < HORIZON_DAYS; at++) {
    const start = today + at * DAY_MS;
    const time = isDay(new Date(start)) ? firstTime(times, from - start) : undefined;
    if (time !== undefined) return new Date(start + time);
  }
  return undefined;
}

/** The first scheduled time of a day that is not before a given one, in milliseconds since midnight. */
function firstTime({ hours, minutes, seconds }: Times, from: number): number | undefined {
  for (const hour of hours) {
    for (const minute of minutes) {
      for (const second of seconds) {
        const time = hour * 3_600_000 + minute * 60_000 + second * 1_000;
        if (time >= from) return time;
      }
    }
  }
  return undefined;
}

function valuesOf(text: string | undefined, field: Field): ReadonlySet<number> | undefined {
  const values = new Set<number>();
  for (const part of (text ?? '').split(',')) {
    const range = rangeOf(part, field);
    if (range === undefined) return undefined;
    for (let value = range.first; value <= range.last; value += range.step) values.add(value);
  }
  return values;
}

/** `*`, `a` or `a-b`, with an optional step. A single value with a step extends to the end; the ends of a range may be in either order. */
function rangeOf(part: string, field: Field): { readonly first: number; readonly last: number; readonly step: number } | undefined {
  const [span = '', stepText, more] = part.split('/');
  if (more !== undefined || (stepText !== undefined && !/^\d+$/.test(stepText))) return undefined;
  const step = Math.max(1, Number(stepText ?? 1));
  if (span === '*') return { first: field.min, last: field.max, step };
  const [from = '', to, rest] = span.split('-');
  const first = numberOf(from, field);
  const last = to === undefined ? (stepText === undefined ? first : field.max) : numberOf(to, field);
  if (rest !== undefined || first === undefined || last === undefined) return undefined;
  return { first: Math.min(first, last), last: Math.max(first, last), step };
}

/** A number or a prefix of a name: `M` is Monday, `Ma` is March. */
function numberOf(text: string, { min, max, names }: Field): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) >= min && Number(text) <= max ? Number(text) : undefined;
  const at = names?.findIndex((name) => text !== '' && name.toLowerCase().startsWith(text.toLowerCase())) ?? -1;
  return at < 0 ? undefined : at + min;
}

function sorted(values: ReadonlySet<number>): readonly number[] {
  return [...values].sort((a, b) => a - b);
}
