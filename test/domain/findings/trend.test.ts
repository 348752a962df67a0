import { describe, expect, it } from 'vitest';
import { NONE_OPEN } from '../../../shared/domain/findings/estate-figures.ts';
import { daysFromHistory } from '../../../shared/domain/findings/trend.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const change = (day: string, kind: 'opened' | 'reopened' | 'changed' | 'resolved', findingId = 'a', severity: 'high' | 'low' = 'high') => ({
  findingId,
  at: `2026-11-${day}T10:00:00.000Z`,
  kind,
  severity,
});
type Change = ReturnType<typeof change>;

describe('days worked out from the history', () => {
  it.each<[string, number, readonly Change[], Record<string, number>]>([
    ['nothing changed: today only', 3, [], { '23': 3 }],
    ['one opened today: none yesterday is not known', 1, [change('23', 'opened')], { '23': 1 }],
    ['one opened three days ago: open since', 1, [change('20', 'opened')], { '23': 1, '22': 1, '21': 1, '20': 1 }],
    ['one resolved yesterday: open before', 0, [change('22', 'resolved'), change('20', 'opened')], { '23': 0, '22': 0, '21': 1, '20': 1 }],
    [
      'one that came back',
      1,
      [change('22', 'reopened'), change('21', 'resolved'), change('20', 'opened')],
      { '23': 1, '22': 1, '21': 0, '20': 1 },
    ],
    [
      'history that was pruned: never below zero',
      0,
      [change('22', 'opened'), change('20', 'opened', 'b')],
      { '23': 0, '22': 0, '21': 0, '20': 0 },
    ],
  ])('%s', async (_, high, changes, expected) => {
    const days = await daysFromHistory({ ...NONE_OPEN, high }, NOW, changes);

    expect(Object.fromEntries(days.map(({ day, openBySeverity }) => [day.slice(8), openBySeverity.high]))).toEqual(expected);
  });

  it('tell the severity of before once an older line tells it', async () => {
    const days = await daysFromHistory({ ...NONE_OPEN, high: 1 }, NOW, [
      change('22', 'changed', 'a', 'high'),
      change('20', 'changed', 'a', 'low'),
      change('18', 'opened', 'a', 'low'),
    ]);
    const of = (day: string) => days.find((one) => one.day === `2026-11-${day}`)?.openBySeverity;

    expect(of('22')).toMatchObject({ high: 1, low: 0 });
    expect(of('19')).toMatchObject({ high: 0, low: 1 });
    expect(of('18')).toMatchObject({ high: 0, low: 1 });
  });
});
