import { describe, expect, it } from 'vitest';
import type { HistoryEntry } from '../../../shared/domain/findings/finding.ts';
import type { AuditedCluster, AuditRecord, AuditReport } from '../../../shared/ports/audit-store.ts';
import type { FindingStore } from '../../../shared/ports/finding-store.ts';
import { auditBefore, changesOfAudit, differenceOf, timeOf } from '../../../shared/usecases/queries/audit-changes.ts';

const at = (hour: number, minute = 0) => new Date(Date.UTC(2026, 10, 23, hour, minute)).toISOString();
const NOW = new Date(at(12));

const audit = (id: string, startedAt: string, over: Partial<AuditRecord> = {}): AuditRecord => ({
  id,
  startedAt,
  cause: 'timer',
  subscriptions: [],
  ...over,
});
const looked = (clusterId: string, state: AuditedCluster['state'], when: string): AuditedCluster => ({
  auditId: 'x',
  clusterId,
  at: when,
  state,
  reasons: [],
  changed: 0,
});
const report = (id: string, startedAt: string, ...clusters: readonly AuditedCluster[]): AuditReport => ({
  audit: audit(id, startedAt),
  subscriptions: [],
  clusters,
});
const line = (findingId: string, kind: HistoryEntry['kind'], when: string, cause = 'a2'): HistoryEntry => ({
  findingId,
  clusterId: 'c',
  ruleId: 'r',
  at: when,
  kind,
  cause,
  severity: 'high',
  message: kind,
});

/** A history that is read page by page, newest first, including both ends of the time range. */
function sources(lines: readonly HistoryEntry[], pageSize = 2) {
  const changes: FindingStore['changes'] = async ({ since, until = '9' }, top, after = '0') => {
    const found = lines.filter((one) => one.at >= since && one.at <= until).toSorted((a, b) => (a.at < b.at ? 1 : -1));
    const from = Number(after);
    const value = found.slice(from, from + Math.min(top, pageSize));
    return from + value.length < found.length ? { value, next: String(from + value.length) } : { value };
  };
  return { audits: { get: async () => undefined }, findings: { changes }, clock: () => NOW };
}

const first = report(
  'a1',
  at(0),
  looked('one', 'assessed', at(0, 10)),
  looked('two', 'not-assessed', at(0, 20)),
  looked('three', 'assessed', at(0, 5)),
);
const second = report(
  'a2',
  at(6),
  looked('ONE', 'partly-assessed', at(6, 10)),
  looked('two', 'assessed', at(6, 20)),
  looked('three', 'assessed', at(6, 1)),
);

describe('the time of an audit', () => {
  it.each([
    ['one that ended', first, at(0, 20)],
    ['one that is running', report('a3', at(11, 30), looked('one', 'planned', at(11, 30))), NOW.toISOString()],
    ['one that never ended', report('a3', at(1), looked('one', 'planned', at(1))), at(1)],
    ['one whose scan reported long after its limit', report('a3', at(1), looked('one', 'assessed', at(9))), at(3)],
  ])('of %s', (_, of, until) => {
    expect(timeOf(of, NOW)).toEqual({ since: of.audit.startedAt, until });
  });
});

describe('the changes of an audit', () => {
  it('are those that it caused, over all pages, without those of an event meanwhile', async () => {
    const lines = [
      line('a', 'opened', at(6, 1)),
      line('b', 'opened', at(6, 2), 'event'),
      line('c', 'resolved', at(6, 3)),
      line('d', 'opened', at(7)),
    ];
    expect(await changesOfAudit(sources(lines, 1), second)).toEqual({ entries: [lines[2], lines[0]], complete: true });
  });

  it('report that there are more when there are too many', async () => {
    const lines = Array.from({ length: 10_001 }, (_, n) => line(`f${n}`, 'opened', at(6, 1)));
    for (const pageSize of [5_000, 6_000]) {
      const { entries, complete } = await changesOfAudit(sources(lines, pageSize), second);
      expect([entries.length, complete]).toEqual([10_000, false]);
    }
    expect((await changesOfAudit(sources(lines.slice(1), 5_000), second)).complete).toBe(true);
  });
});

describe('the difference of two audits', () => {
  it('begins after the end of the earlier one, and counts only what lasted', async () => {
    const lines = [
      line('before', 'opened', at(0, 20)),
      line('event', 'opened', at(3), 'event'),
      line('gone', 'opened', at(3)),
      line('gone', 'resolved', at(6, 5)),
      line('new', 'opened', at(6, 20)),
      line('after', 'opened', at(6, 21)),
    ];
    const { changes, complete } = await differenceOf(sources(lines), first, second);
    expect(changes.map(({ kind, entry }) => [entry.findingId, kind])).toEqual([
      ['new', 'opened'],
      ['event', 'opened'],
    ]);
    expect(complete).toBe(true);
  });

  it('names clusters that can no longer be scanned, and those that can be scanned again, whatever the case of their ids', async () => {
    expect(await differenceOf(sources([]), first, second)).toMatchObject({ newlyBlind: ['one'], seenAgain: ['two'] });
  });

  it('names no cluster that could be scanned by both, or by neither', async () => {
    const of = (id: string, hour: number) => report(id, at(hour), looked('a', 'assessed', at(hour)), looked('b', 'not-assessed', at(hour)));
    expect(await differenceOf(sources([]), of('a1', 0), of('a2', 6))).toMatchObject({ newlyBlind: [], seenAgain: [] });
  });

  it('contains nothing about a cluster that one of them did not scan', async () => {
    const alone = report('a2', at(6), looked('new', 'not-assessed', at(6, 1)), looked('one', 'planned', at(6)));
    expect(await differenceOf(sources([]), first, alone)).toMatchObject({ newlyBlind: [], seenAgain: [] });
  });
});

describe('the previous audit', () => {
  const newestFirst = [
    audit('a4', at(9)),
    audit('chosen', at(8), { clusters: ['one'] }),
    audit('a3', at(6)),
    audit('a2', at(6)),
    audit('a1', at(0)),
  ];
  const before = (id: string) =>
    auditBefore(
      { audits: { list: async () => ({ value: newestFirst }) } },
      newestFirst.find((one) => one.id === id) ?? expect.unreachable(),
    );

  it.each([
    ['a4', 'a3'],
    ['chosen', 'a3'],
    ['a3', 'a2'],
    ['a1', undefined],
  ])('%s is %s: the newest one of the whole estate', async (id, expected) => {
    expect((await before(id))?.id).toBe(expected);
  });
});
