import { describe, expect, it } from 'vitest';
import { dayAfter } from '../../../shared/domain/findings/day.ts';
import { total } from '../../../shared/domain/findings/estate-figures.ts';
import { simulatedTrend } from '../../../shared/local/estate/history.ts';

const today = {
  day: '2026-11-23',
  openBySeverity: { critical: 14, high: 20, medium: 10, low: 12, info: 0 },
  seen: { clusters: 21, blind: 4, proven: 0 },
};

describe('the simulated history', () => {
  it('has every day before today once, the same in each run', () => {
    const days = simulatedTrend(today, 90);
    expect(days.map(({ day }) => day)).toEqual(Array.from({ length: 90 }, (_, at) => dayAfter(today.day, -at - 1)));
    expect(simulatedTrend(today, 90)).toEqual(days);
  });

  it('has more open findings before each upgrade, none of an absent severity, and days with more unscanned clusters', () => {
    const days = simulatedTrend(today, 30);
    const open = days.map(({ openBySeverity }) => total(openBySeverity));
    expect(Math.min(...open.slice(6))).toBeGreaterThan(Math.max(...open.slice(0, 6)));
    expect(days.every(({ openBySeverity }) => openBySeverity.info === 0)).toBe(true);
    expect(new Set(days.map(({ seen }) => seen?.blind))).toEqual(new Set([4, 6]));
  });
});
