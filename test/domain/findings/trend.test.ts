import { describe, expect, it } from 'vitest';
import { figuresOf, NONE_OPEN } from '../../../shared/domain/findings/estate-figures.ts';
import { daysFromHistory, estateDay } from '../../../shared/domain/findings/trend.ts';
import { DEFAULT_POLICY } from '../../../shared/domain/policy/policy.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const change = (day: string, kind: 'opened' | 'reopened' | 'changed' | 'resolved', findingId = 'a', severity: 'high' | 'low' = 'high') => ({
  findingId,
  at: `2026-11-${day}T10:00:00.000Z`,
  kind,
  severity,
});
type Change = ReturnType<typeof change>;

describe('days computed from the history', () => {
  it.each<[string, number, readonly Change[], Record<string, number>]>([
    ['nothing changed: today only', 3, [], { '23': 3 }],
    ['one opened today: yesterday is unknown', 1, [change('23', 'opened')], { '23': 1 }],
    ['one opened three days ago: open since', 1, [change('20', 'opened')], { '23': 1, '22': 1, '21': 1, '20': 1 }],
    ['one resolved yesterday: open before', 0, [change('22', 'resolved'), change('20', 'opened')], { '23': 0, '22': 0, '21': 1, '20': 1 }],
    [
      'one that reopened',
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

  it('are read newest first to the end, across months', async () => {
    const days = await daysFromHistory({ ...NONE_OPEN, high: 1 }, new Date('2026-12-01T00:00:00Z'), [change('29', 'opened')]);
    expect(days.map(({ day }) => day)).toEqual(['2026-12-01', '2026-11-30', '2026-11-29']);
  });

  it('do not contain a severity from before the finding reopened', async () => {
    const days = await daysFromHistory({ ...NONE_OPEN, high: 1 }, NOW, [
      change('22', 'changed', 'a', 'high'),
      change('21', 'reopened', 'a', 'high'),
      change('20', 'resolved', 'a', 'low'),
      change('19', 'opened', 'a', 'low'),
      change('17', 'opened', 'b', 'low'),
    ]);
    expect(days.map(({ openBySeverity: { high, low } }) => [high, low])).toEqual([
      [1, 0],
      [1, 0],
      [1, 0],
      [0, 0],
      [0, 1],
      [0, 0],
      [0, 0],
    ]);
  });

  it('use the earlier severity when an older entry contains it', async () => {
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

it('the day of an audit holds what the estate came to, by UTC', () => {
  const figures = { ...figuresOf([], DEFAULT_POLICY, NOW), clusters: 3, blind: 2, proven: 1, openBySeverity: { ...NONE_OPEN, high: 4 } };
  expect(estateDay('2026-11-23T23:59:59.999Z', figures)).toEqual({
    day: '2026-11-23',
    openBySeverity: { ...NONE_OPEN, high: 4 },
    seen: { clusters: 3, blind: 2, proven: 1 },
  });
});
