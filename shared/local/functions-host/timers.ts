import { parseNcrontab, type Schedule } from '../../domain/schedule/ncrontab.ts';
import { resolveSettings } from './app-settings.ts';
import type { RegisteredFunction } from './core-module.ts';
import { type FunctionLog, invoke, triggerOf } from './invoke.ts';

/** The timers of an app. */
export interface Timers {
  readonly names: readonly string[];
  /** Why a timer never runs, by its name; the others still run, as in the real host. */
  readonly errors: ReadonlyMap<string, string>;
  /** Runs a timer now, regardless of its schedule; rejects with its error, or with the reason why it cannot run. */
  run(name: string): Promise<void>;
  /** Starts no more timers, and waits for running ones. */
  stop(): Promise<void>;
}

interface Timer {
  readonly called: RegisteredFunction;
  readonly schedule: Schedule;
}

const FIRST_RUN = { Schedule: { AdjustForDST: true }, ScheduleStatus: null, IsPastDue: false };
/** The longest delay of a Node timer, about 24 days. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** Starts each timer on its schedule, in UTC; a timer that is still running is skipped. */
export function startTimers(
  functions: readonly RegisteredFunction[],
  settings: Readonly<Record<string, string>>,
  log: FunctionLog,
): Timers {
  const inHand = new Map<string, Promise<void>>();
  const waiting = new Set<NodeJS.Timeout>();
  const { timers, errors } = readTimers(functions, settings);
  for (const [name, reason] of errors) log(`error ${name}: the function is in error and never runs: ${reason}`);
  const run = async ({ called }: Timer): Promise<void> => {
    const work = invoke(called, { json: JSON.stringify(FIRST_RUN) }, {}, log).then(() => undefined);
    inHand.set(called.name, work);
    try {
      await work;
    } finally {
      inHand.delete(called.name);
    }
  };
  const runLogged = (timer: Timer) => {
    if (inHand.has(timer.called.name)) return;
    run(timer).catch((error: unknown) =>
      log(`error ${timer.called.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
    );
  };
  const wait = (timer: Timer, due: Date | undefined) => {
    if (due === undefined) return;
    const left = due.getTime() - Date.now();
    const handle = setTimeout(
      () => {
        waiting.delete(handle);
        if (left <= LONGEST_WAIT_MS) runLogged(timer);
        wait(timer, left <= LONGEST_WAIT_MS ? timer.schedule.next(new Date(Math.max(Date.now(), due.getTime()))) : due);
      },
      Math.min(Math.max(0, left), LONGEST_WAIT_MS),
    );
    waiting.add(handle);
  };
  for (const timer of timers.values()) {
    wait(timer, timer.schedule.next(new Date()));
    if (triggerOf(timer.called).runOnStartup === true) runLogged(timer);
  }
  return {
    names: functions.map(({ name }) => name),
    errors,
    run: async (name) => {
      const reason = errors.get(name);
      if (reason !== undefined) throw new Error(`The function ${name} is in error: ${reason}`);
      const timer = timers.get(name);
      if (timer === undefined) throw new Error(`There is no timer ${name}; the timers are ${functions.map((one) => one.name).join(', ')}.`);
      await run(timer);
    },
    stop: async () => {
      for (const handle of waiting) clearTimeout(handle);
      await Promise.allSettled(inHand.values());
    },
  };
}

/** Each timer with its schedule; an unreadable schedule affects only its own timer. */
function readTimers(functions: readonly RegisteredFunction[], settings: Readonly<Record<string, string>>) {
  const timers = new Map<string, Timer>();
  const errors = new Map<string, string>();
  for (const called of functions) {
    const found = scheduleOf(called, settings);
    if (typeof found === 'string') errors.set(called.name, found);
    else timers.set(called.name, { called, schedule: found });
  }
  return { timers, errors };
}

/** A schedule, or why there is none. The host also accepts five fields, and a time span. */
function scheduleOf(called: RegisteredFunction, settings: Readonly<Record<string, string>>): Schedule | string {
  const { text, missing } = resolveSettings(String(triggerOf(called).schedule ?? ''), settings);
  if (missing !== undefined) return `the setting ${missing} is not set.`;
  const span = /^(\d{2}):(\d{2}):(\d{2})$/.exec(text);
  if (span !== null) {
    const [hours = 0, minutes = 0, seconds = 0] = span.slice(1).map(Number);
    return { next: (after) => new Date(after.getTime() + ((hours * 60 + minutes) * 60 + seconds) * 1_000) };
  }
  const fields = text.split(' ').filter((field) => field !== '').length;
  return (
    parseNcrontab(fields === 5 ? `0 ${text}` : text) ??
    `The schedule expression '${text}' was not recognized as a valid cron expression or timespan string.`
  );
}
