import { dayAfter } from '../../domain/findings/day.ts';
import type { EstateDay } from '../../domain/findings/trend.ts';
import { SEVERITIES, type Severity } from '../../domain/policy/severity.ts';
import { pick } from './random.ts';

/** How many days ago node pools of the simulated estate were upgraded, and the factor by which more findings were open before. */
const UPGRADES = [
  [6, 1.2],
  [15, 1.5],
  [40, 1.3],
] as const;
/** Interval in days at which scans could not reach some clusters that answer today. */
const BLIND_EVERY = 9;

/**
 * The days before today as the simulated estate might have had them: more was open before each upgrade, and on some days clusters did not
 * answer. No scan ran on these days; they only give a demonstration its trend.
 */
export function simulatedTrend(today: EstateDay, days: number): readonly EstateDay[] {
  return Array.from({ length: days }, (_, at) => dayBefore(today, at + 1));
}

function dayBefore(today: EstateDay, ago: number): EstateDay {
  const factor = UPGRADES.reduce((product, [before, times]) => (ago > before ? product * times : product), 1);
  const open = (severity: Severity) =>
    Math.round(today.openBySeverity[severity] * factor) + pick(2, 'trend', severity, Math.floor(ago / 2));
  const counts = SEVERITIES.map((severity) => [severity, today.openBySeverity[severity] === 0 ? 0 : open(severity)] as const);
  const { seen } = today;
  const missed = ago % BLIND_EVERY === BLIND_EVERY - 1 ? 2 : 0;
  return {
    day: dayAfter(today.day, -ago),
    openBySeverity: { ...today.openBySeverity, ...Object.fromEntries(counts) },
    ...(seen === undefined ? {} : { seen: { ...seen, blind: seen.blind + missed } }),
  };
}
