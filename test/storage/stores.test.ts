import { describe, expect, it } from 'vitest';
import { NOTHING_HELD } from '../../shared/ports/finding-store.ts';
import { auditStore } from '../../shared/storage/audits.ts';
import { eventStore } from '../../shared/storage/events.ts';
import { exemptionStore } from '../../shared/storage/exemptions.ts';
import { findingStore } from '../../shared/storage/findings/findings.ts';
import { outboxStore } from '../../shared/storage/outbox.ts';
import { parkedStore } from '../../shared/storage/parked.ts';
import { publicationStore } from '../../shared/storage/publications.ts';
import type { Table } from '../../shared/storage/table.ts';
import { trendStore } from '../../shared/storage/trend.ts';
import { aFinding, anExemption, aSummary, clusterIdOf } from '../http/estate.ts';
import { memoryTable, mortalTable, slowTable } from '../support/memory-table.ts';

const AT = '2026-11-20T10:00:00.000Z';
const DAY_MS = 86_400_000;
const AUDIT = { id: 'a', startedAt: AT, cause: 'timer', subscriptions: [] } as const;
const PART = { auditId: 'a', clusterId: clusterIdOf('x'), at: AT, reasons: [], changed: 0 };
const PARKED = { id: 'a', queue: 'scans', body: '{}', reason: 'r', parkedAt: AT, dequeueCount: 5 };
const SETTLED = { how: 'dropped', at: AT } as const;
const MUCH_LATER = '2026-12-31T00:00:00.000Z';

describe('old audits', () => {
  async function aStore(prepare: (table: Table) => Table = (table) => table) {
    const table = memoryTable('audits');
    const store = auditStore(table);
    for (const id of ['a', 'b']) {
      await store.start({ id, startedAt: AT, cause: 'timer', subscriptions: [] });
      for (const name of ['x', 'y']) {
        await store.recordCluster({ auditId: id, clusterId: clusterIdOf(name), at: AT, state: 'assessed', reasons: [], changed: 0 });
      }
    }
    return { store: auditStore(prepare(table)), left: async () => (await store.list(9)).value.map(({ id }) => id), parts: store.get };
  }
  const LATER = '2026-11-21T10:00:00.000Z';

  it('are pruned each with all of its parts, until there are enough', async () => {
    for (const [limit, rows, count] of [[3, 4, 1] as const, [4, 4, 1] as const, [5, 8, 0] as const]) {
      const { store, left } = await aStore();
      expect(await store.prune(LATER, limit)).toBe(rows);
      expect(await left()).toHaveLength(count);
    }
  });

  it('are pruned part by part where another run deletes them too', async () => {
    const { store, left, parts } = await aStore((table) => ({
      ...table,
      transact: async (partition, steps) => {
        const last = steps.at(-1);
        if (last?.kind === 'delete') await table.delete(partition, last.rowKey);
        return table.transact(partition, steps);
      },
    }));
    expect(await store.prune(LATER, 9)).toBe(8);
    expect([await left(), await parts('a'), await parts('b')]).toEqual([[], undefined, undefined]);
  });

  it('are pruned 100 parts at a time, and each entry of the list after its parts', async () => {
    const table = memoryTable('audits');
    await auditStore(table).start(AUDIT);
    for (let at = 1; at < 200; at++)
      await auditStore(table).recordCluster({ ...PART, clusterId: clusterIdOf(`c${at}`), state: 'assessed' });
    const { table: slow, writes } = slowTable(table);
    expect(await auditStore(slow).prune(LATER, 9)).toBe(201);
    expect(writes).toEqual({ begun: 3, open: 0, most: 1 });
  });

  it('end no earlier than their parts where another run deletes them too', async () => {
    const { table, writes } = slowTable(memoryTable('audits'));
    await auditStore(table).start(AUDIT);
    const racing = { ...table, transact: async () => undefined };
    expect(await auditStore(racing).prune(LATER, 9)).toBe(2);
    expect(writes).toEqual({ begun: 4, open: 0, most: 1 });
  });
});

describe('an audit', () => {
  it('is none as long as only parts of it are there', async () => {
    const store = auditStore(memoryTable('audits'));
    await store.recordCluster({ ...PART, state: 'assessed' });
    expect(await store.get('a')).toBeUndefined();
  });

  it('is asked for one cluster that waits, however many do', async () => {
    const table = memoryTable('audits');
    const asked: number[] = [];
    const page: Table['page'] = (filter, top, after) => {
      asked.push(top);
      return table.page(filter, top, after);
    };
    const store = auditStore({ ...table, page });
    for (const name of ['x', 'y']) await store.recordCluster({ ...PART, clusterId: clusterIdOf(name), state: 'planned' });
    expect([await store.isWaiting('a'), asked]).toEqual([true, [1]]);
  });
});

/** A version that wrote other keys would not find the rows of earlier ones. */
describe('the keys and values of every version', () => {
  const subscriptionId = 'ABCDEFAB-2222-4333-8444-555555555555';
  const outcome = { state: 'listed', clusters: 1 } as const;
  it.each<[string, (table: Table) => Promise<unknown>, readonly (readonly [string, string, object])[]]>([
    [
      'an audit',
      (table) => auditStore(table).start(AUDIT),
      [
        ['!audits', '8204831199999-a', AUDIT],
        ['a', '!audit', AUDIT],
      ],
    ],
    [
      'an audited subscription',
      (table) => auditStore(table).recordSubscription({ auditId: 'a', subscriptionId, at: AT, outcome }),
      [['a', 's-abcdefab-2222-4333-8444-555555555555', { auditId: 'a', subscriptionId, at: AT, outcome }]],
    ],
    [
      'an event',
      (table) => eventStore(table).remember('e', AT),
      [['event-3f', '3f79bb7b435b05321651daefd374cdc681dc06faa65e374e38337b88ca046dea', { at: AT }]],
    ],
    [
      'a claim',
      (table) => eventStore(table).tryClaim('k', 'o', MUCH_LATER, AT),
      [['claim-82', '8254c329a92850f6d539dd376f4816ee2764517da5e0235514af433164480d7a', { owner: 'o', until: MUCH_LATER }]],
    ],
    [
      'a notification',
      (table) => outboxStore(table).add('t', { clusterId: 'c', cause: 'a', at: AT }),
      [
        [
          'outbox-e3b98a4da31a127d4bde6e43033f66ba',
          'bd7e75e8f438ddfaec471f2298b6c00bec419247159b13d7be91a011fb28ed83',
          { clusterId: 'c', cause: 'a', at: AT },
        ],
      ],
    ],
    ['the rebuilt trend', (table) => trendStore(table).rebuilt(AT), [['!days', '!rebuilt', { at: AT }]]],
  ])('are those of %s', async (_, write, expected) => {
    const table = memoryTable('table');
    await write(table);
    const rows = await table.all({ odata: '' });
    expect(rows.map(({ partitionKey, rowKey, json0 }) => [partitionKey, rowKey, JSON.parse(String(json0))])).toEqual(expected);
  });
});

describe('what is remembered of events', () => {
  it('is the newest notice, the later heard of two of one time, in whatever order they come', async () => {
    const store = eventStore(memoryTable('events'));
    const note = (kind: 'rolling-started' | 'rolling-succeeded' | 'rolling-failed', at: string) =>
      store.note(clusterIdOf('c'), { matter: 'rolling', kind, at, nodePool: 'kata' }, AT);
    const kinds = async () => (await store.notices(clusterIdOf('c'))).map(({ kind }) => kind);
    await note('rolling-started', '2026-11-20T09:00:00.000Z');
    await note('rolling-succeeded', '2026-11-20T09:30:00.000Z');
    expect(await kinds()).toEqual(['rolling-succeeded']);
    await note('rolling-failed', '2026-11-20T09:30:00.000Z');
    expect(await kinds()).toEqual(['rolling-failed']);
  });

  it.each([
    ['a claim when it has ended', (table: Table) => eventStore(table).tryClaim('k', 'o', AT, '2026-11-20T09:59:00.000Z'), AT],
    [
      'what nobody could be told of when it is a month old',
      (table: Table) => outboxStore(table).add('t', { clusterId: 'c', cause: 'a', at: AT }),
      new Date(Date.parse(AT) + 30 * DAY_MS).toISOString(),
    ],
  ])('is forgotten: %s', async (_, remember, endsAt) => {
    const table = memoryTable('events');
    await remember(table);
    const { prune } = eventStore(table);
    expect(await prune(endsAt, 9)).toBe(0);
    expect(await prune(new Date(Date.parse(endsAt) + 1).toISOString(), 9)).toBe(1);
  });
});

describe('ids from outside', () => {
  it.each(['x/a', 'a/x', 'A', '', 'a'.repeat(101), 'a b'])('that are none of a parked message are not asked for: %j', async (id) => {
    const get = () => expect.unreachable('It is no id.');
    expect(await parkedStore({ ...memoryTable('parked'), get }).get(id)).toBeUndefined();
  });

  it('of subscriptions are the same in any letters, and nothing else is the scope of a publication', async () => {
    const store = publicationStore(memoryTable('events'));
    const id = 'abcdefab-2222-4333-8444-555555555555';
    await store.put({ service: 'defender', scope: `/subscriptions/${id.toUpperCase()}`, items: {} }, undefined);
    expect(await store.get('defender', `/subscriptions/${id}`)).toBeDefined();
    expect(await store.list('defender', id.toUpperCase())).toHaveLength(1);
    await expect(store.get('defender', '/subscriptions/x')).rejects.toMatchObject({ code: 'malformed' });
  });
});

describe('a store whose process dies between two writes', () => {
  it('lists no audit that cannot be read', async () => {
    const table = memoryTable('audits');
    await expect(auditStore(mortalTable(table, 1)).start(AUDIT)).rejects.toThrow('died');
    expect((await auditStore(table).list(9)).value).toEqual([]);
    await auditStore(table).start(AUDIT);
    expect((await auditStore(table).list(9)).value).toEqual([AUDIT]);
  });

  it('still lists an audit of which something is left to delete', async () => {
    const table = memoryTable('audits');
    await auditStore(table).start(AUDIT);
    await expect(auditStore(mortalTable(table, 1)).prune(MUCH_LATER, 9)).rejects.toThrow('died');
    expect((await auditStore(table).list(9)).value).toEqual([AUDIT]);
    await auditStore(table).prune(MUCH_LATER, 9);
    expect((await auditStore(table).list(9)).value).toEqual([]);
  });

  it('loses no parked message, and none is settled without a record', async () => {
    const table = memoryTable('parked');
    await parkedStore(table).park(PARKED);
    await expect(parkedStore(mortalTable(table, 1)).settle('a', SETTLED)).rejects.toThrow('died');
    expect(await parkedStore(table).get('a')).toEqual(PARKED);
    expect((await parkedStore(table).listSettled(9)).value).toEqual([{ ...PARKED, settled: SETTLED }]);
  });
});

describe('a store', () => {
  const finding = aFinding({ status: 'resolved', resolvedAt: AT });
  const { id: findingId, clusterId, ruleId, severity, message } = finding;
  const line = { findingId, clusterId, ruleId, severity, message, at: AT, kind: 'opened', cause: 'a' } as const;
  const write = { clusterId: clusterIdOf('prod'), findings: [finding], history: [line], summary: aSummary('prod', []) };
  const findingsIn = (table: Table) => findingStore({ findings: table, clusters: table, changes: table }, () => new Date(AT));
  const exemption = { exemption: anExemption(), updatedAt: AT };
  const published = { service: 'defender', scope: clusterIdOf('prod'), items: {} } as const;
  const pending = { clusterId: 'c', cause: 'a', at: AT };
  it.each<[string, (table: Table) => Promise<unknown>, (table: Table) => Promise<unknown>]>([
    ['an audit', (table) => auditStore(table).start(AUDIT), (table) => auditStore(table).prune(MUCH_LATER, 9)],
    ['a parked message', (table) => parkedStore(table).park(PARKED), (table) => parkedStore(table).settle('a', SETTLED)],
    [
      'a settled message',
      async (table) => {
        await parkedStore(table).park(PARKED);
        await parkedStore(table).settle('a', SETTLED);
      },
      (table) => parkedStore(table).prune(MUCH_LATER, 9),
    ],
    [
      'a day',
      (table) => trendStore(table).put({ day: '2026-11-20', openBySeverity: aSummary('c', []).openBySeverity }),
      (table) => trendStore(table).prune(MUCH_LATER, 9),
    ],
    ['an event', (table) => eventStore(table).remember('e', AT), (table) => eventStore(table).prune(MUCH_LATER, 9)],
    [
      'a notice',
      (table) => eventStore(table).note('c', { matter: 'rolling', kind: 'rolling-started', at: AT }, AT),
      (table) => eventStore(table).dropNotices('c', AT),
    ],
    [
      'an exemption',
      (table) => exemptionStore(table).put(exemption, undefined),
      async (table) => {
        const { version = '' } = (await exemptionStore(table).get('e1')) ?? {};
        await exemptionStore(table).delete('e1', version);
      },
    ],
    ['a notification', (table) => outboxStore(table).add('t', pending), (table) => outboxStore(table).remove('t', [pending])],
    [
      'a publication',
      (table) => publicationStore(table).put(published, undefined),
      async (table) => {
        const { version = '' } = (await publicationStore(table).get('defender', published.scope)) ?? {};
        await publicationStore(table).forget('defender', published.scope, version);
      },
    ],
    [
      'findings',
      (table) => findingsIn(table).write({ ...write, basedOn: NOTHING_HELD }),
      (table) => findingsIn(table).prune(MUCH_LATER, MUCH_LATER, 9),
    ],
    [
      'a part of an audit',
      (table) => auditStore(table).recordCluster({ ...PART, state: 'planned' }),
      (table) => auditStore(table).recordCluster({ ...PART, state: 'assessed' }),
    ],
  ])('ends the work on %s no earlier than its writes, one after the other', async (_, make, end) => {
    const { table, writes } = slowTable(memoryTable('table'));
    await make(table);
    expect(writes).toEqual({ begun: expect.toSatisfy((begun) => begun > 0), open: 0, most: 1 });
    const before = writes.begun;
    await end(table);
    expect([writes.begun > before, writes.open, writes.most]).toEqual([true, 0, 1]);
  });
});
