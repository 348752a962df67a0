import { describe, expect, it } from 'vitest';
import type { HistoryEntry } from '../../../shared/domain/findings/finding.ts';
import { eventStore } from '../../../shared/storage/events.ts';
import { changeRow } from '../../../shared/storage/findings/finding-rows.ts';
import { findingStore } from '../../../shared/storage/findings/findings.ts';
import { encodeRow, type HeldRow, type Row } from '../../../shared/storage/row.ts';
import type { Filter, Table } from '../../../shared/storage/table.ts';
import { aFinding } from '../../http/estate.ts';

/** A table whose service returns an empty page first and then few rows at a time, as the real one may. */
function shortPaged(rows: readonly Row[]): Table & { readonly left: () => number } {
  const held = new Map(rows.map((row): [string, HeldRow] => [`${row.partitionKey}/${row.rowKey}`, { ...row, etag: 'e' }]));
  const refuse = () => Promise.reject(new Error('This test only reads pages and deletes.'));
  return {
    name: 'short',
    left: () => held.size,
    get: refuse,
    create: refuse,
    put: refuse,
    update: refuse,
    transact: refuse,
    putAll: refuse,
    all: refuse,
    delete: async (partitionKey, rowKey) => held.delete(`${partitionKey}/${rowKey}`),
    page: async ({ odata }: Filter, top, after) => {
      const day = /PartitionKey eq '([^']*)'/.exec(odata)?.[1];
      const found = [...held.values()]
        .filter(({ partitionKey }) => day === undefined || partitionKey === day)
        .toSorted((a, b) => (a.rowKey < b.rowKey ? -1 : 1));
      if (found.length === 0) return { value: [] };
      if (after === undefined) return { value: [], next: '0' };
      const from = Number(after);
      const value = found.slice(from, from + Math.min(top, 3));
      return from + value.length < found.length ? { value, next: String(from + value.length) } : { value };
    },
  };
}

const line = (at: number): HistoryEntry => ({
  findingId: aFinding({ subject: { kind: 'node', name: `n${at}` } }).id,
  clusterId: 'c',
  ruleId: 'r',
  at: new Date(Date.parse('2026-11-20T10:00:00Z') + at * 1000).toISOString(),
  kind: 'opened',
  cause: 'a',
  severity: 'high',
  message: 'm',
});

describe('a service that answers with short and empty pages', () => {
  it('loses no change of a day', async () => {
    const changes = shortPaged(Array.from({ length: 20 }, (_, at) => changeRow(line(at))));
    const none = shortPaged([]);
    const store = findingStore({ findings: none, clusters: none, changes }, () => new Date('2026-11-21T00:00:00Z'));

    expect((await store.changes({ since: '2026-11-20T00:00:00.000Z' }, 50)).value).toHaveLength(20);
    expect((await store.changes({ since: '2026-11-20T00:00:00.000Z' }, 7)).value).toHaveLength(7);
  });

  it('does not end pruning before all old rows are deleted', async () => {
    const table = shortPaged(Array.from({ length: 10 }, (_, at) => encodeRow('event-aa', `k${at}`, {}, { expiresAt: '2026-01-01' })));
    const store = eventStore(table);

    expect(await store.prune('2026-06-01', 4)).toBe(4);
    expect(await store.prune('2026-06-01', 100)).toBe(6);
    expect(table.left()).toBe(0);
  });
});
