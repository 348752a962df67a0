import { describe, expect, it } from 'vitest';
import { auditStore } from '../../shared/storage/audits.ts';
import { eventStore } from '../../shared/storage/events.ts';
import { outboxStore } from '../../shared/storage/outbox.ts';
import { parkedStore } from '../../shared/storage/parked.ts';
import { publicationStore } from '../../shared/storage/publications.ts';
import type { Table } from '../../shared/storage/table.ts';
import { clusterIdOf } from '../http/estate.ts';
import { memoryTable } from '../support/memory-table.ts';

const AT = '2026-11-20T10:00:00.000Z';
const DAY_MS = 86_400_000;

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
