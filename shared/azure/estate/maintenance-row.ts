import { z } from 'zod';
import type { MaintenanceSchedule, Recurrence } from '../../domain/maintenance/maintenance-window.ts';
import type { MaintenanceConfiguration } from '../../domain/maintenance/planned-upgrade.ts';
import { given } from '../../domain/snapshot/given.ts';
import { oneLine } from '../client/fault.ts';

/*
 * A maintenance configuration as Azure returns it. Each entry of a list is checked on its own, so an
 * invalid one does not invalidate the list, and contains the reason.
 */
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const WEEKS = ['First', 'Second', 'Third', 'Fourth', 'Last'];
const MAX_PROBLEMS = 3;

const every = z.int().min(1).max(366);
const weekday = z.string().transform((name, context) => indexOf(WEEKDAYS, name, context));
/** Azure returns plain dates, and some clients write them with a time. */
const date = z
  .string()
  .transform((text) => text.replace(/T.*/, ''))
  .pipe(z.iso.date());
const instant = z.iso.datetime({ offset: true });
const inOrder = ({ start, end }: { readonly start: string; readonly end: string }) => Date.parse(start) <= Date.parse(end);

const Schedule = z
  .object({
    daily: z.object({ intervalDays: every }).nullish(),
    weekly: z.object({ intervalWeeks: every, dayOfWeek: weekday }).nullish(),
    absoluteMonthly: z.object({ intervalMonths: every, dayOfMonth: z.int().min(1).max(31) }).nullish(),
    relativeMonthly: z
      .object({
        intervalMonths: every,
        weekIndex: z.string().transform((name, context) => indexOf(WEEKS, name, context)),
        dayOfWeek: weekday,
      })
      .nullish(),
  })
  .transform((schedule, context): Recurrence => {
    const found = recurrencesOf(schedule);
    const [first] = found;
    if (first !== undefined && found.length === 1) return first;
    context.addIssue({ code: 'custom', message: `expected one kind of schedule, got ${found.length}` });
    return z.NEVER;
  });

const Window = z.object({
  schedule: Schedule,
  durationHours: z.int().min(1).max(24),
  utcOffset: z
    .string()
    .regex(/^[+-](0\d|1[0-4]):[0-5]\d$/, 'expected an offset such as +05:30')
    .nullish(),
  startDate: date.nullish(),
  startTime: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a time such as 02:00'),
  notAllowedDates: z.array(z.object({ start: date, end: date }).refine(inOrder, 'it ends before it starts')).nullish(),
});

const Hours = z
  .array(z.object({ day: weekday, hourSlots: z.array(z.int().min(0).max(23)) }))
  .transform((days) => days.flatMap(({ day, hourSlots }) => hourSlots.map((hour) => ({ weekday: day, hour }))))
  .refine((slots) => slots.length > 0, 'expected an hour');

const Properties = z
  .object({
    maintenanceWindow: Window.nullish(),
    timeInWeek: Hours.nullish(),
    notAllowedTime: z.array(z.object({ start: instant, end: instant }).refine(inOrder, 'it ends before it starts')).nullish(),
  })
  .transform(({ maintenanceWindow, timeInWeek, notAllowedTime }, context): MaintenanceSchedule => {
    if (maintenanceWindow != null) return toRecurring(maintenanceWindow);
    if (timeInWeek != null) return { form: 'hour-slots', slots: timeInWeek, notAllowed: notAllowedTime ?? [] };
    context.addIssue({ code: 'custom', path: ['maintenanceWindow'], message: 'expected a window' });
    return z.NEVER;
  });

/** One maintenance configuration as Azure returns it; `toMaintenanceConfiguration` parses its properties. */
export const MaintenanceRow = z.object({ name: z.string().min(1), properties: z.unknown().optional() });

/** Converts a row to the domain's type; an invalid one contains the reason. */
export function toMaintenanceConfiguration({ name, properties }: z.output<typeof MaintenanceRow>): MaintenanceConfiguration {
  const read = Properties.safeParse(properties);
  if (read.success) return { name, schedule: read.data };
  const problems = read.error.issues.slice(0, MAX_PROBLEMS).map(({ path, message }) => `${path.join('.') || 'properties'}: ${message}`);
  return { name, schedule: { form: 'unreadable', problem: oneLine(problems.join('; ')) } };
}

function toRecurring({
  schedule,
  durationHours,
  utcOffset,
  startDate,
  startTime,
  notAllowedDates,
}: z.output<typeof Window>): MaintenanceSchedule {
  return {
    form: 'recurring',
    recurrence: schedule,
    startMinute: minutesOf(startTime),
    durationHours,
    offsetMinutes: utcOffset == null ? 0 : (utcOffset.startsWith('-') ? -1 : 1) * minutesOf(utcOffset.slice(1)),
    ...given({ startsOn: startDate }),
    notAllowed: notAllowedDates ?? [],
  };
}

function recurrencesOf({
  daily,
  weekly,
  absoluteMonthly,
  relativeMonthly,
}: {
  readonly daily?: { readonly intervalDays: number } | null | undefined;
  readonly weekly?: { readonly intervalWeeks: number; readonly dayOfWeek: number } | null | undefined;
  readonly absoluteMonthly?: { readonly intervalMonths: number; readonly dayOfMonth: number } | null | undefined;
  readonly relativeMonthly?: { readonly intervalMonths: number; readonly weekIndex: number; readonly dayOfWeek: number } | null | undefined;
}): readonly Recurrence[] {
  const found: Recurrence[] = [];
  if (daily != null) found.push({ kind: 'daily', every: daily.intervalDays });
  if (weekly != null) found.push({ kind: 'weekly', every: weekly.intervalWeeks, weekday: weekly.dayOfWeek });
  if (absoluteMonthly != null) {
    found.push({ kind: 'monthly-on-day', every: absoluteMonthly.intervalMonths, day: absoluteMonthly.dayOfMonth });
  }
  if (relativeMonthly != null) {
    const { intervalMonths, weekIndex, dayOfWeek } = relativeMonthly;
    found.push({
      kind: 'monthly-on-weekday',
      every: intervalMonths,
      week: ([1, 2, 3, 4] as const)[weekIndex] ?? 'last',
      weekday: dayOfWeek,
    });
  }
  return found;
}

function indexOf(names: readonly string[], name: string, context: z.RefinementCtx): number {
  const index = names.findIndex((one) => one.toLowerCase() === name.toLowerCase());
  if (index >= 0) return index;
  context.addIssue({ code: 'custom', message: `expected one of ${names.join(', ')}` });
  return z.NEVER;
}

function minutesOf(time: string): number {
  const [hours = '0', minutes = '0'] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}
