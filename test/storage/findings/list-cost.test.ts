import { setImmediate } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { clusterKey } from '../../../shared/domain/snapshot/resource-id.ts';
import { type FindingFilter, type FindingStore, NOTHING_HELD } from '../../../shared/ports/finding-store.ts';
import { CLUSTERS as PARTITION } from '../../../shared/storage/findings/finding-tables.ts';
import { findingStore } from '../../../shared/storage/findings/findings.ts';
import { findingColumns, packedRow } from '../../../shared/storage/findings/packed-findings.ts';
import { TABLES } from '../../../shared/storage/names.ts';
import { encodeRow } from '../../../shared/storage/row.ts';
import type { Table } from '../../../shared/storage/table.ts';
import { aFinding, aSummary, clusterIdOf, NOW } from '../../http/estate.ts';
import { countedTable, memoryTable } from '../../support/memory-table.ts';

const CLUSTERS = 230;
const nameOf = (index: number) => `Cluster-${index}`;

let store: FindingStore;
let reads = 0;

/** A table that counts what is read. */
function counted(table: Table): Table {
  return countedTable(table, () => {
    reads += 1;
  });
}

const tables = [TABLES.findings, TABLES.clusters, TABLES.changes].map((name) => memoryTable(name));

function openStore(): FindingStore {
  const [findings, clusters, changes] = tables.map(counted);
  if (findings === undefined || clusters === undefined || changes === undefined) return expect.unreachable();
  return findingStore({ findings, clusters, changes }, () => new Date(NOW));
}

beforeAll(async () => {
  store = openStore();
  let next = 0;
  const write = async () => {
    for (let index = next++; index < CLUSTERS; index = next++) {
      const clusterName = nameOf(index);
      const severity = index === 7 ? 'critical' : 'low';
      const findings = Array.from({ length: 3 }, (_, at) => aFinding({ clusterName, severity, subject: { kind: 'node', name: `n${at}` } }));
      await store.write({
        clusterId: clusterIdOf(clusterName),
        findings,
        history: [],
        summary: aSummary(clusterName, findings),
        basedOn: NOTHING_HELD,
      });
    }
  };
  await Promise.all(Array.from({ length: 12 }, write));
});

async function cost(filter: FindingFilter, top: number): Promise<{ readonly found: number; readonly reads: number }> {
  reads = 0;
  const { value } = await store.list(filter, top);
  return { found: value.length, reads };
}

describe('the cost of a page of findings', () => {
  it.each<[string, FindingFilter, number, number, number]>([
    ['all findings, resolved or not', {}, 10, 10, 1],
    ['one cluster by its name', { cluster: ['cluster-100'] }, 100, 3, 1],
    ['one cluster by its ARM id, in capitals', { cluster: [clusterIdOf(nameOf(100)).toUpperCase()] }, 100, 3, 2],
    ['all open findings', { status: ['open'] }, 200, 200, 1],
    ['the only cluster with a critical finding', { status: ['open'], severity: ['critical'] }, 100, 3, 1],
    ['a rule without findings', { status: ['open'], rule: ['workload-sandboxed'] }, 100, 0, 1],
    ['an unknown name', { cluster: ['nothing'] }, 100, 0, 1],
  ])('depends on its result, not on the size of the table: %s', async (_, filter, top, found, limit) => {
    await store.clusters(1);
    const { found: given, reads: made } = await cost(filter, top);
    expect(given).toBe(found);
    expect(made).toBeLessThanOrEqual(limit);
  });

  it('of the next page is not higher than that of the first', async () => {
    const first = await store.list({}, 30);
    reads = 0;
    const second = await store.list({}, 30, first.next);
    expect(second.value).toHaveLength(30);
    expect(reads).toBeLessThanOrEqual(1 + 16);
  });

  it('does not hide a write by another instance, and shows only the newest one', async () => {
    const other = openStore();
    const clusterName = nameOf(3);
    const clusterId = clusterIdOf(clusterName);
    await store.list({ status: ['open'] }, 1);
    for (const message of ['first', 'second']) {
      const finding = aFinding({ clusterName, severity: 'low', subject: { kind: 'node', name: 'n0' }, message });
      const basedOn = await other.ofCluster(clusterId);
      await other.write({ clusterId, findings: [finding], history: [], summary: aSummary(clusterName, [finding]), basedOn });
    }

    const { value } = await store.list({ status: ['open'], cluster: [clusterName] }, 10);

    expect(value.map(({ message }) => message).filter((message) => message.length < 10)).toEqual(['second']);
  });
});

const keyOf = (name: string) => clusterKey(clusterIdOf(name));
const inOrder = (count: number) => Array.from({ length: count }, (_, at) => `c${at}`).toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));

/** The findings of each page, in number. */
async function pagesOf({ list }: FindingStore, top: number, eachPage: () => void = () => undefined): Promise<readonly number[]> {
  const counts: number[] = [];
  const found = new Set<string>();
  for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
    const page = await list({ status: ['open'] }, top, after);
    for (const { id } of page.value) found.add(id);
    counts.push(page.value.length);
    after = page.next;
    eachPage();
  }
  expect(found.size).toBe(counts.reduce((sum, count) => sum + count, 0));
  return counts;
}

describe('clusters whose findings are in rows of their own', () => {
  /** A store with so many such clusters, which all seem to have findings, and how many were read together. */
  async function anOwnEstate(count: number, findingsAt: (at: number) => number) {
    const [findings, clusters, changes] = [memoryTable('findings'), memoryTable('clusters'), memoryTable('changes')];
    for (const [at, clusterName] of inOrder(count).entries()) {
      await clusters.put(encodeRow(PARTITION, keyOf(clusterName), aSummary(clusterName, [aFinding()]), { sequence: 1 }));
      const nodes = Array.from({ length: findingsAt(at) }, (_, node) => ({ kind: 'node', name: `n${node}` }) as const);
      const some = nodes.map((subject) => aFinding({ clusterName, subject }));
      if (some.length > 0) await findings.put(packedRow(keyOf(clusterName), 1, some));
    }
    const together: number[] = [];
    let isOpen = false;
    const counted: Table = {
      ...findings,
      get: async (...key) => {
        if (isOpen) together.push((together.pop() ?? 0) + 1);
        else together.push(1);
        isOpen = true;
        await setImmediate();
        isOpen = false;
        return findings.get(...key);
      },
    };
    return { store: findingStore({ findings: counted, clusters, changes }, () => new Date(NOW)), together };
  }

  it.each([
    ['all have some', () => 3, 20, [8]],
    ['all have some, and more are needed', () => 3, 40, [8, 6]],
    ['half have some', (at: number) => (at % 2 === 0 ? 3 : 0), 20, [8, 6]],
    ['few have some', (at: number) => (at % 8 === 0 ? 3 : 0), 20, [8, 16, 16, 16]],
    ['only later ones have', (at: number) => (at >= 8 ? 3 : 0), 20, [8, 16]],
  ])('are read in as many steps as are likely to fill the page: %s', async (_, findingsAt, top, expected) => {
    const { store, together } = await anOwnEstate(80, findingsAt);
    expect((await store.list({ status: ['open'] }, top)).value).toHaveLength(top);
    expect(together).toEqual(expected);
  });

  it.each([
    ['as many', 408, { 8: 3, 407: 3 }, 100, [[408], [6]]],
    [
      'one more',
      409,
      { 8: 3, 408: 3 },
      100,
      [
        [408, 1],
        [3, 3],
      ],
    ],
    [
      'two more',
      410,
      { 8: 3, 409: 3 },
      100,
      [
        [408, 2],
        [3, 3],
      ],
    ],
    [
      'one more, with a page full by chance',
      409,
      { 407: 3, 408: 3 },
      3,
      [
        [408, 1],
        [3, 3],
      ],
    ],
    [
      'two more, with a page full in the last step',
      410,
      { 8: 3, 407: 9 },
      4,
      [
        [408, 3, 3],
        [4, 4, 4],
      ],
    ],
    [
      'two more than 400',
      402,
      { 380: 98 },
      99,
      [
        [400, 2],
        [98, 0],
      ],
    ],
  ])('are read up to about 400 for one page, which is short then: %s', async (_, count, findingsAt, top, expected) => {
    const { store, together } = await anOwnEstate(count, (at) => new Map(Object.entries(findingsAt)).get(String(at)) ?? 0);
    const counts: number[] = [];
    const pages = await pagesOf(store, top, () => counts.push(together.splice(0).reduce((sum, some) => sum + some, 0)));
    expect([counts, pages]).toEqual(expected);
  });
});

describe('clusters whose findings are in memory', () => {
  it('are looked through up to 5,000 for one page', async () => {
    const clusters = memoryTable('clusters');
    const row = encodeRow(PARTITION, 'any', aSummary('any', [aFinding()]), { ...findingColumns([]) });
    for (let at = 0; at <= 5_000; at++) await clusters.put({ ...row, rowKey: String(at).padStart(16, '0') });
    const store = findingStore({ findings: memoryTable('findings'), clusters, changes: memoryTable('changes') }, () => new Date(NOW));
    expect(await pagesOf(store, 10)).toEqual([0, 0]);
  });
});
