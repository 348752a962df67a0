import { describe, expect, test } from 'vitest';
import { printReport, type Row, spread } from '../../bench/report.ts';

const row = (name: string, ...seconds: readonly number[]): Row => ({
  name,
  runs: seconds.map((one) => ({ wallMs: one * 1000, cpuMs: 10, peakRssMiB: 100, mebibytes: 5 })),
});

describe('the spread of some runs', () => {
  test.each([
    [[3, 1, 2], { median: 2_000, min: 1_000, max: 3_000 }],
    [[4, 1, 2, 3], { median: 2_500, min: 1_000, max: 4_000 }],
    [[7], { median: 7_000, min: 7_000, max: 7_000 }],
  ])('of %j consists of median, minimum and maximum', (seconds, expected) => {
    expect(spread(row('r', ...seconds), 'wallMs')).toEqual(expected);
  });

  test('is undefined without runs', () => {
    expect(spread(row('r'), 'wallMs')).toBeUndefined();
    expect(spread(undefined, 'wallMs')).toBeUndefined();
  });
});

test('a printed report compares every row with the first, and lists the missed targets', () => {
  let text = '';
  const targets = [
    { goal: 'fast', measured: '3', isReached: true },
    { goal: 'small', measured: '9', isReached: false },
  ];
  const rows = [row('ours', 2), row('theirs', 5), { name: 'broken', runs: [], note: 'failed' }];
  printReport({ title: 'Pods', rows, targets }, (more) => {
    text += more;
  });
  expect(text).toMatch(/theirs\s+5\.00 \(5\.00–5\.00\)\s+2\.50/);
  expect(text).toMatch(/broken\s+–.*failed/);
  expect(text).toContain('reached  fast: 3\n');
  expect(text).toContain('MISSED   small: 9\n');
});
