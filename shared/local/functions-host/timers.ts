import { Cron } from 'croner';
import { resolveSettings } from './app-settings.ts';
import type { RegisteredFunction } from './core-module.ts';
import { type FunctionLog, invoke, triggerOf } from './invoke.ts';

/** The timers of an app. */
export interface Timers {
  readonly schedules: Readonly<Record<string, string>>;
  /** Runs one now, whatever its schedule; rejects with what it threw. */
  run(name: string): Promise<void>;
  stop(): void;
}

/** Starts each timer on its NCRONTAB schedule, in UTC. */
export function startTimers(
  functions: readonly RegisteredFunction[],
  settings: Readonly<Record<string, string>>,
  log: FunctionLog,
): Timers {
  const schedules = Object.fromEntries(functions.map((one) => [one.name, scheduleOf(one, settings)]));
  const byName = new Map(functions.map((one) => [one.name, one]));
  const run = async (name: string): Promise<void> => {
    const timer = byName.get(name);
    if (timer === undefined) throw new Error(`There is no timer ${name}; the timers are ${[...byName.keys()].join(', ')}.`);
    await invoke(timer, { json: JSON.stringify(timerInfo) }, {}, log);
  };
  const jobs = Object.entries(schedules).map(
    ([name, schedule]) =>
      new Cron(schedule, { timezone: 'UTC', protect: true, catch: (error) => log(`error ${name}: ${String(error)}`) }, () => run(name)),
  );
  return {
    schedules,
    run,
    stop: () => {
      for (const job of jobs) job.stop();
    },
  };
}

const timerInfo = { Schedule: { AdjustForDST: true }, ScheduleStatus: null, IsPastDue: false };

function scheduleOf(timer: RegisteredFunction, settings: Readonly<Record<string, string>>): string {
  const schedule = resolveSettings(String(triggerOf(timer).schedule ?? ''), settings, timer.name);
  if (schedule.trim().split(/\s+/).length === 6) return schedule;
  throw new Error(`The function ${timer.name} has the schedule ${JSON.stringify(schedule)}; expected an NCRONTAB of six fields.`);
}
