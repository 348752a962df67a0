import { dayOf } from '../../domain/findings/day.ts';
import { simulatedTrend } from '../../local/estate/history.ts';
import type { LocalRun } from '../container/local.ts';

/** Gives the simulated estate a trend of so many days before today; asks that an audit has ended today. */
export async function writeSimulatedHistory({ storage }: Pick<LocalRun, 'storage'>, days: number, now: Date): Promise<void> {
  const [today] = await storage.trend.list(dayOf(now), dayOf(now));
  if (today === undefined) throw new Error('No audit has ended today: there is nothing to make a history of.');
  for (const day of simulatedTrend(today, days)) await storage.trend.put(day);
}
