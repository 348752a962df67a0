import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Finding, HistoryEntry } from '../../../shared/domain/findings/finding.ts';
import { type FindingFilter, type FindingStore, NOTHING_HELD, type TimeRange } from '../../../shared/ports/finding-store.ts';
import { findingStore } from '../../../shared/storage/findings/findings.ts';
import { TABLES } from '../../../shared/storage/names.ts';
import type { Filter, Table } from '../../../shared/storage/table.ts';
import { aFinding, aSummary, clusterIdOf, NOW } from '../../http/estate.ts';
import { countedTable, memoryTable } from '../../support/memory-table.ts';

/** Hexadecimal digits that no packing makes much smaller. */
const noise = (seed: string, length: number) =>
  Array.from({ length: Math.ceil(length / 128) }, (_, at) => createHash('sha512').update(`${seed} ${at}`).digest('hex')).join('');
const findingsOf = (clusterName: string, count: number, textLength: number, over: Partial<Finding> = {}) =>
  Array.from({ length: count }, (_, at) => {
    const subject = { kind: 'node', name: `n${at}` } as const;
    return aFinding({ clusterName, subject, facts: { text: noise(`${clusterName}${at}`, textLength) }, ...over });
  });
const RESOLVED = { status: 'resolved', resolvedAt: NOW } as const;
/** Clusters by where their findings fit: the row among the clusters, its open ones alone, the packed row, their own rows only. */
const ESTATE: Readonly<Record<string, readonly Finding[]>> = {
  small: findingsOf('small', 5, 10),
  open: [...findingsOf('open', 9, 12_000, RESOLVED), aFinding({ clusterName: 'open', subject: { kind: 'node', name: 'still' } })],
  packed: findingsOf('packed', 9, 12_000),
  rows: findingsOf('rows', 40, 25_000),
};
const ids = (findings: readonly Finding[]) => findings.map(({ id }) => id).toSorted();
const ALL = Object.values(ESTATE).flat();

let store: FindingStore;
let reads = 0;
/** The number of rows that each look at a day asked for. */
const days: number[] = [];
beforeAll(async () => {
  const counted = (table: Table) =>
    countedTable(table, () => {
      reads += 1;
    });
  const changes = memoryTable(TABLES.changes);
  const tables = {
    findings: counted(memoryTable(TABLES.findings)),
    clusters: memoryTable(TABLES.clusters),
    changes: {
      ...changes,
      page: (filter: Filter, top: number, after?: string) => {
        days.push(top);
        return changes.page(filter, top, after);
      },
    },
  };
  store = findingStore(tables, () => new Date(NOW));
  for (const [name, findings] of Object.entries(ESTATE)) {
    await store.write({ clusterId: clusterIdOf(name), findings, history: [], summary: aSummary(name, findings), basedOn: NOTHING_HELD });
  }
});

async function walk(filter: FindingFilter, top: number): Promise<readonly string[]> {
  const found: string[] = [];
  for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
    const page = await store.list(filter, top, after);
    expect(page.value.length).toBeLessThanOrEqual(top);
    found.push(...page.value.map(({ id }) => id));
    after = page.next;
  }
  return found;
}

describe('a list of findings', () => {
  it.each([1, 3, 7, 63, 64, 100])('gives each finding once and in order, wherever it is stored: %i a page', async (top) => {
    expect(await walk({}, top)).toEqual(ids(ALL));
    expect(await walk({ status: ['open'] }, top)).toEqual(ids(ALL.filter(({ status }) => status === 'open')));
  });

  it.each([
    ['small', {}, 0],
    ['open', { status: ['open'] }, 0],
    ['open', {}, 1],
    ['packed', { status: ['open'] }, 1],
  ] as const)('reads of the cluster %s, filtered by %j, %i rows of its own', async (cluster, filter, count) => {
    await store.clusters(1);
    reads = 0;
    expect((await store.list({ ...filter, cluster: [cluster] }, 100)).value.length).toBeGreaterThan(0);
    expect(reads).toBe(count);
  });

  it.each([
    ['small', 2],
    ['open', 2],
    ['packed', 2],
    ['rows', 3],
  ])('holds every finding of the cluster %s, wherever they are stored, for %i requests', async (name, count) => {
    reads = 0;
    expect(ids((await store.ofCluster(clusterIdOf(name))).findings)).toEqual(ids(ESTATE[name] ?? []));
    expect(reads).toBe(count);
  });

  it('asks the storage nothing about what is no id', async () => {
    const { id } = aFinding({ clusterName: 'small', subject: { kind: 'node', name: 'n0' } });
    expect(await store.get(id)).toBeDefined();
    reads = 0;
    for (const odd of [`x${id}`, `${id}0`, id.toUpperCase(), '']) {
      expect([await store.get(odd), await store.history(odd, 1)]).toEqual([undefined, { value: [] }]);
    }
    expect(reads).toBe(0);
  });
});

describe('clusters', () => {
  it.each([1, 3, 4, 5])('are given once each and in order, %i a page', async (top) => {
    const names: string[] = [];
    let pages = 0;
    for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
      const page = await store.clusters(top, after);
      expect(page.value.length).toBeLessThanOrEqual(top);
      names.push(...page.value.map(({ cluster }) => cluster.name));
      after = page.next;
      pages += 1;
    }
    expect(names.toSorted()).toEqual(Object.keys(ESTATE).toSorted());
    expect(pages).toBe(Math.ceil(4 / top));
  });
});

describe('what changed in the estate', () => {
  const finding = aFinding({ clusterName: 'small', subject: { kind: 'node', name: 'n0' } });
  const line = (at: string, over: Partial<HistoryEntry> = {}): HistoryEntry => ({
    findingId: finding.id,
    clusterId: finding.clusterId,
    ruleId: finding.ruleId,
    at,
    kind: 'opened',
    cause: 'a',
    severity: 'high',
    message: 'm',
    ...over,
  });
  const DAYS = ['2026-11-20', '2026-11-21', '2026-11-22'];
  const TIMES = DAYS.flatMap((day) => ['01', '12', '23'].map((hour) => `${day}T${hour}:00:00.000Z`));
  const newestFirst = TIMES.toReversed();

  beforeAll(async () => {
    const basedOn = await store.ofCluster(clusterIdOf('small'));
    const summary = aSummary('small', ESTATE.small ?? []);
    await store.write({ clusterId: clusterIdOf('small'), findings: [], history: TIMES.map((at) => line(at)), summary, basedOn });
  });

  const all = async (range: TimeRange, top: number) => {
    const found: string[] = [];
    let pages = 0;
    for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
      const page = await store.changes(range, top, after);
      expect(page.value.length).toBeLessThanOrEqual(top);
      found.push(...page.value.map(({ at }) => at));
      after = page.next;
      pages += 1;
    }
    expect(pages).toBe(Math.max(1, Math.ceil(found.length / top)));
    return found;
  };

  it.each([1, 2, 3, 4, 9, 10])('is told newest first and once, over days and pages of %i', async (top) => {
    expect(await all({ since: TIMES[0] ?? '' }, top)).toEqual(newestFirst);
    expect(await all({ since: TIMES[1] ?? '' }, top)).toEqual(newestFirst.slice(0, -1));
  });

  it.each([
    ['at a change', TIMES[7] ?? '', newestFirst.slice(1)],
    ['right before it', '2026-11-22T11:59:59.999Z', newestFirst.slice(2)],
    ['between two days', '2026-11-21T23:59:59.999Z', newestFirst.slice(3)],
    ['at the first', TIMES[0] ?? '', newestFirst.slice(8)],
  ])('ends where it is to end, that moment included: %s', async (_, until, expected) => {
    for (const top of [1, 2, 20]) expect(await all({ since: TIMES[0] ?? '', until }, top)).toEqual(expected);
  });

  it.each([
    ['a page of the newest day', 2, [3]],
    ['a page of two days', 4, [5, 2]],
    ['a page that ends with a day', 6, [7, 4, 1]],
    ['all', 100, [101, 98, 95]],
  ])('asks for no more days and rows than it needs: %s', async (_, top, asked) => {
    days.length = 0;
    await store.changes({ since: TIMES[0] ?? '', until: TIMES[8] ?? '' }, top);
    expect(days).toEqual(asked);
  });

  it('takes a cursor as it gave it, and no other', async () => {
    const { next = '' } = await store.changes({ since: TIMES[0] ?? '' }, 1);
    expect(next).toMatch(/^2026-11-22\|8204611599999-[0-9a-f]{16}$/);
    for (const odd of ['', '2026-11-22', '2026-11-22|', '|1', next.slice(1), next.slice(0, -1), `2${next}`, `${next}0`]) {
      await expect(store.changes({ since: TIMES[0] ?? '' }, 1, odd)).rejects.toMatchObject({ code: 'malformed' });
    }
  });

  it('of one cluster is told newest first, whatever finding it happened to', async () => {
    const other = aFinding({ clusterName: 'small', subject: { kind: 'node', name: 'n1' } });
    const between = TIMES.map((at) => at.replace(':00:00', ':30:00'));
    const basedOn = await store.ofCluster(clusterIdOf('small'));
    const history = between.map((at) => line(at, { findingId: other.id }));
    const summary = aSummary('small', ESTATE.small ?? []);
    await store.write({ clusterId: clusterIdOf('small'), findings: [], history, summary, basedOn });

    const told = await store.clusterHistory(clusterIdOf('small'), { since: TIMES[0] ?? '' });
    expect(told.map(({ at }) => at)).toEqual([...TIMES, ...between].toSorted().toReversed());
  });
});
