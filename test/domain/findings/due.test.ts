import { describe, expect, it } from 'vitest';
import { dayAfter, dayOf } from '../../../shared/domain/findings/day.ts';
import { countOverdue, dueOn, isOverdue, openSince } from '../../../shared/domain/findings/due.ts';
import { aFinding } from '../../http/estate.ts';

const dueDays = { critical: 7, high: 0 };
const seen = (firstSeenAt: string, severity: 'critical' | 'high' | 'low' = 'critical', status: 'open' | 'resolved' = 'open') =>
  aFinding({ firstSeenAt, severity, status });

describe('due dates', () => {
  it.each([
    ['seven days', '2026-11-01T23:59:59.000Z', 'critical', '2026-11-08'],
    ['no day at all', '2026-11-01T00:00:00.000Z', 'high', '2026-11-01'],
    ['a severity without a number', '2026-11-01T00:00:00.000Z', 'low', undefined],
  ] as const)('%s', (_, firstSeenAt, severity, due) => {
    expect(dueOn(seen(firstSeenAt, severity), dueDays)).toBe(due);
  });

  it.each([
    ['on the due day itself', '2026-11-08T23:59:59Z', seen('2026-11-01T10:00:00.000Z'), false],
    ['the day after', '2026-11-09T00:00:00Z', seen('2026-11-01T10:00:00.000Z'), true],
    ['resolved', '2026-12-09T00:00:00Z', seen('2026-11-01T10:00:00.000Z', 'critical', 'resolved'), false],
    ['without a due date', '2026-12-09T00:00:00Z', seen('2026-11-01T10:00:00.000Z', 'low'), false],
  ] as const)('overdue %s, counted one by one and from the counts by day', (_, now, finding, expected) => {
    expect(isOverdue(finding, dueDays, new Date(now))).toBe(expected);
    expect(countOverdue(openSince([finding]), dueDays, new Date(now))).toBe(expected ? 1 : 0);
  });

  it('are counted of every severity and day together', () => {
    const [first, second] = ['2026-11-01T10:00:00.000Z', '2026-11-02T10:00:00.000Z'];
    const since = openSince([
      seen(first),
      seen(first),
      seen(second),
      seen(second, 'high'),
      seen(first, 'low'),
      seen(first, 'low', 'resolved'),
    ]);
    expect(since).toEqual({ critical: { '2026-11-01': 2, '2026-11-02': 1 }, high: { '2026-11-02': 1 }, low: { '2026-11-01': 1 } });
    expect(countOverdue(since, dueDays, new Date('2026-11-09T00:00:00Z'))).toBe(3);
    expect(countOverdue(since, dueDays, new Date('2026-11-10T00:00:00Z'))).toBe(4);
  });
});

it('days are those of UTC, and are counted over the ends of months and years', () => {
  expect([dayOf('2026-11-23T23:59:59.999Z'), dayOf(new Date('2026-11-23T00:00:00Z'))]).toEqual(['2026-11-23', '2026-11-23']);
  expect([dayAfter('2026-12-31T23:59:59Z', 1), dayAfter('2024-03-01', -1), dayAfter(new Date('2026-11-23T12:00:00Z'), 0)]).toEqual([
    '2027-01-01',
    '2024-02-29',
    '2026-11-23',
  ]);
});
