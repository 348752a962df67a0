import { describe, expect, test } from 'vitest';
import { type Plan, wantedPlans } from '../../bench/pods/measure.ts';
import { AUDIT, CLIENT_NODE, FEW_PODS, FLOOR, OURS, targetsOf } from '../../bench/pods/targets.ts';
import type { Row } from '../../bench/report.ts';

const PLANS: readonly Plan[] = [
  { name: OURS, client: 'census' },
  { name: AUDIT, client: 'audit' },
  { name: CLIENT_NODE, client: 'client-node-paged' },
  { name: '@kubernetes/client-node, unpaged', client: 'client-node-unpaged' },
];
const wanted = (rows: readonly string[], skip: readonly string[] = []) => wantedPlans(PLANS, { rows, skip }).map(({ name }) => name);

describe('the measured rows', () => {
  test('are all of them, or those whose names contain a text, including commas, and always the first', () => {
    expect(wanted([])).toEqual(PLANS.map(({ name }) => name));
    expect(wanted([CLIENT_NODE])).toEqual([OURS, CLIENT_NODE]);
    expect(wanted(['audit, built', 'unpaged'])).toEqual([OURS, AUDIT, '@kubernetes/client-node, unpaged']);
  });

  test('do not include skipped ones, except the first', () => {
    expect(wanted([], ['client-node', 'census'])).toEqual([OURS, AUDIT]);
    expect(wanted(['client-node'], ['unpaged'])).toEqual([OURS, CLIENT_NODE]);
  });
});

describe('the targets', () => {
  const row = (name: string, wallMs: number, cpuMs: number, peakRssMiB = 100): Row => ({ name, runs: [{ wallMs, cpuMs, peakRssMiB }] });
  const rows = [row(OURS, 1_000, 500), row(FLOOR, 800, 250), row(CLIENT_NODE, 20_000, 9_000), row(AUDIT, 1_500, 700, 140)];
  const told = (pods: number, basePeak?: number) =>
    targetsOf(rows, pods, basePeak).map(({ goal, measured, isReached }) => [goal, measured, isReached]);

  test('compare times only with many pods', () => {
    expect(told(FEW_PODS)).toEqual([['audit of ten pods: peak RSS ≤ 110 MiB', '140.00', false]]);
    expect(told(9_999)).toEqual([]);
    expect(told(10_000, 100)).toEqual([
      ['≥ 16 × faster than @kubernetes/client-node paged', '20.00 (18.00 of CPU)', true],
      ['≤ 1.25 × the time of draining the same bytes', '1.25 (2.00 of CPU)', true],
      ['audit: peak RSS ≤ 40 MiB above that of ten pods', '40.00', true],
    ]);
  });

  test('of memory need the audit of ten pods for comparison', () => {
    expect(told(100_000).map(([goal]) => goal)).not.toContainEqual(expect.stringContaining('peak RSS'));
  });
});
