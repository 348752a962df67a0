import { Cron } from 'croner';
import { resolveSettings } from './app-settings.ts';
import type { RegisteredFunction } from './core-module.ts';
import { type FunctionLog, invoke, triggerOf } from './invoke.ts';

/** The timers of an app. */
export interface Timers {
  readonly names: readonly string[];
  /** Runs one now, whatever its schedule; rejects with what it threw. */
  run(name: string): Promise<void>;
  /** Starts none any more and waits for those that run. */
  stop(): Promise<void>;
}

interface Timer {
  readonly called: RegisteredFunction;
  readonly job: Cron;
}

const FIRST_RUN = { Schedule: { AdjustForDST: true }, ScheduleStatus: null, IsPastDue: false };

/** Starts each timer on its NCRONTAB schedule, in UTC; one that still runs when its time comes is left out. */
export function startTimers(
  functions: readonly RegisteredFunction[],
  settings: Readonly<Record<string, string>>,
  log: FunctionLog,
): Timers {
  const inHand = new Set<Promise<void>>();
  // Every schedule is read before any is started: a wrong one leaves nothing behind.
  const timers = new Map(functions.map((called) => [called.name, { called, job: jobOf(called, settings, log) }] as const));
  const run = async ({ called }: Timer): Promise<void> => {
    const work = invoke(called, { json: JSON.stringify(FIRST_RUN) }, {}, log).then(() => undefined);
    inHand.add(work);
    try {
      await work;
    } finally {
      inHand.delete(work);
    }
  };
  for (const timer of timers.values()) {
    timer.job.schedule(() => run(timer));
    if (triggerOf(timer.called).runOnStartup === true) void timer.job.trigger();
  }
  return {
    names: [...timers.keys()],
    run: async (name) => {
      const timer = timers.get(name);
      if (timer === undefined) throw new Error(`There is no timer ${name}; the timers are ${[...timers.keys()].join(', ')}.`);
      await run(timer);
    },
    stop: async () => {
      for (const { job } of timers.values()) job.stop();
      await Promise.allSettled(inHand);
    },
  };
}

/** NCRONTAB asks for both a day of the month and a day of the week where both are given. */
function jobOf(called: RegisteredFunction, settings: Readonly<Record<string, string>>, log: FunctionLog): Cron {
  const schedule = resolveSettings(String(triggerOf(called).schedule ?? ''), settings, called.name);
  const report = (error: unknown) =>
    log(`error ${called.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  try {
    return new Cron(schedule, { timezone: 'UTC', mode: '6-part', domAndDow: true, protect: true, catch: report });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `The function ${called.name} has the schedule ${JSON.stringify(schedule)}; expected an NCRONTAB of six fields, such as 0 0 */6 * * * (${why}).`,
      { cause },
    );
  }
}
