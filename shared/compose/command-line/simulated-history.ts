import { setTimeout as delay } from 'node:timers/promises';
import { dayOf } from '../../domain/findings/day.ts';
import type { EstateDay } from '../../domain/findings/trend.ts';
import { simulatedTrend } from '../../local/estate/history.ts';
import type { LocalRun } from '../container/local.ts';

const POLL_MS = 100;
const POLLS = 300;

/** The part of local mode that keeps the trend. */
type HistoryRun = { readonly storage: Pick<LocalRun['storage'], 'trend'> };

/** Adds a trend of the given number of past days to the simulated estate; an audit must have completed today. */
export async function writeSimulatedHistory(
  run: HistoryRun,
  days: number,
  now: Date,
  wait: (milliseconds: number) => Promise<unknown> = delay,
): Promise<void> {
  const today = await todayOf(run, dayOf(now), wait);
  for (const day of simulatedTrend(today, days)) await run.storage.trend.put(day);
}

/** The day's figures are written a moment after the last cluster has reported. */
async function todayOf({ storage }: HistoryRun, day: string, wait: (milliseconds: number) => Promise<unknown>): Promise<EstateDay> {
  for (let poll = 0; poll < POLLS; poll++) {
    const [today] = await storage.trend.list(day, day);
    if (today !== undefined) return today;
    await wait(POLL_MS);
  }
  throw new Error('No audit has ended today, so no history can be created: run an audit first.');
}
