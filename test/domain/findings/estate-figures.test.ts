import { describe, expect, it } from 'vitest';
import { openSince } from '../../../shared/domain/findings/due.ts';
import { figuresOf, imageAge, isProven, NONE_OPEN, total } from '../../../shared/domain/findings/estate-figures.ts';
import type { ClusterSummary } from '../../../shared/domain/findings/summary.ts';
import { aFinding, aSummary } from '../../http/estate.ts';

const NOW = new Date('2026-11-23T12:00:00.000Z');
const POLICY = { nodeImages: { graceDays: 14, staleDays: 30, unsupportedDays: 90 }, dueDays: { high: 7 } };
const verdicts = (over: Partial<ClusterSummary['rules'][string]['verdicts']>) => ({
  open: 0,
  verdicts: { pass: 0, fail: 0, unknown: 0, 'not-applicable': 0, ...over },
});
const figures = (...summaries: readonly ClusterSummary[]) => figuresOf(summaries, POLICY, NOW);

describe('the estate in numbers', () => {
  it('sums up the present clusters, and no others', () => {
    const findings = [aFinding(), aFinding({ severity: 'critical' })];
    const of = (pass: number, fail: number, unknown: number) => ({ 'workload-sandboxed': verdicts({ pass, fail, unknown }) });
    const one = aSummary('a', findings, {
      rules: { ...of(1, 2, 3), 'isolation-proven': verdicts({ pass: 1 }) },
      openSince: openSince(findings),
      oldestImage: { nodePool: 'p', nodeImageVersion: 'v', releasedOn: '2026-11-01' },
    });
    const two = aSummary('b', findings, { rules: of(10, 20, 30), assessment: 'partly-assessed', openSince: {} });
    const blind = aSummary('c', [], { rules: {}, assessment: 'not-assessed' });

    expect(figures(one, two, blind, { ...two, status: 'deleted' }, { ...one, status: 'out-of-scope' })).toEqual({
      clusters: 3,
      blind: 2,
      proven: 1,
      openBySeverity: { critical: 2, high: 2, medium: 0, low: 0, info: 0 },
      required: { sandboxed: 11, exposed: 22, unknown: 33 },
      images: { current: 0, aging: 1, stale: 0, unsupported: 0, unknown: 2 },
      overdue: 1,
    });
  });

  it.each([
    [
      'is omitted when one cluster does not count them by day',
      [aSummary('a', [aFinding()]), aSummary('b', [], { openSince: {} })],
      undefined,
    ],
    ['is omitted in any order', [aSummary('b', [], { openSince: {} }), aSummary('a', [aFinding()])], undefined],
    ['counts a cluster without open findings as none', [aSummary('a', [])], 0],
  ] as const)('the number of those that are overdue %s', (_, summaries, overdue) => {
    expect(figures(...summaries).overdue).toBe(overdue);
  });

  it.each([
    ['only a pass', { pass: 1 }, true],
    ['a pass and an unknown', { pass: 1, unknown: 2 }, true],
    ['a pass and a failure', { pass: 1, fail: 1 }, false],
    ['no pass', { unknown: 1 }, false],
  ] as const)('a cluster with %s is proven: %s', (_, over, expected) => {
    expect(isProven({ rules: { 'isolation-proven': verdicts(over) } })).toBe(expected);
    expect(isProven({ rules: { 'workload-sandboxed': verdicts(over) } })).toBe(false);
  });

  it('sums every severity', () => {
    expect(total({ critical: 1, high: 10, medium: 100, low: 1_000, info: 10_000 })).toBe(11_111);
    expect(total(NONE_OPEN)).toBe(0);
  });
});

it.each([
  ['2026-11-23', 'current'],
  ['2026-11-09', 'current'],
  ['2026-11-08', 'aging'],
  ['2026-10-24', 'aging'],
  ['2026-10-23', 'stale'],
  ['2026-08-25', 'stale'],
  ['2026-08-24', 'unsupported'],
  ['odd', 'unknown'],
  [undefined, 'unknown'],
])('an image of %s is %s', (releasedOn, age) => {
  expect(imageAge(releasedOn, POLICY.nodeImages, NOW)).toBe(age);
});
