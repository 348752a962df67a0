import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Finding, HistoryEntry } from '../../../shared/domain/findings/finding.ts';
import { CLUSTER_ROW } from '../../../shared/storage/findings/finding-rows.ts';
import type { FindingTables } from '../../../shared/storage/findings/finding-tables.ts';
import { findingStore } from '../../../shared/storage/findings/findings.ts';
import type { Table } from '../../../shared/storage/table.ts';
import { aFinding, aSummary, clusterIdOf, NOW } from '../../http/estate.ts';
import { slowTable } from '../../support/memory-table.ts';
import { memoryTables, openedAt } from './a-store.ts';

const CLUSTER = clusterIdOf('prod');
const OLD = '2026-11-01T10:00:00.000Z';
const LIMIT = '2026-11-20T10:00:00.000Z';
const EVER = '2000-01-01T00:00:00.000Z';

const node = (name: string, over: Partial<Finding> = {}) => aFinding({ subject: { kind: 'node', name }, ...over });
const nodes = (count: number, over: Partial<Finding> = {}) => Array.from({ length: count }, (_, at) => node(`n${at}`, over));
const RESOLVED = { status: 'resolved', resolvedAt: OLD } as const;

const storeOf = (tables: FindingTables) => findingStore(tables, () => new Date(NOW));

/** Writes a scan based on what is stored. */
async function write(tables: FindingTables, findings: readonly Finding[], history: readonly HistoryEntry[] = []): Promise<void> {
  const store = storeOf(tables);
  const basedOn = await store.ofCluster(CLUSTER);
  expect(await store.write({ clusterId: CLUSTER, findings, history, summary: aSummary('prod', []), basedOn })).toBe('written');
}

/** The number of rows of each kind. */
async function left(tables: FindingTables) {
  const store = storeOf(tables);
  return {
    history: (await store.clusterHistory(CLUSTER, { since: EVER })).length,
    findings: (await store.ofCluster(CLUSTER)).findings.length,
    changes: (await store.changes({ since: OLD }, 1_000)).value.length,
  };
}

/** The names of the findings in the cluster's own rows and in the list, which agree at rest. */
async function names(tables: FindingTables) {
  const store = storeOf(tables);
  const { findings } = await store.ofCluster(CLUSTER);
  const listed = (await store.list({}, 1_000)).value;
  return [findings, listed].map((some) => some.map(({ subject }) => (subject.kind === 'node' ? subject.name : '')).toSorted());
}

/** The table with something that happens before each call of a kind. */
function meanwhile(table: Table, kind: 'get' | 'transact', happens: (key: string) => Promise<unknown> | undefined): Table {
  return {
    ...table,
    get: async (partitionKey, rowKey) => {
      if (kind === 'get') await happens(rowKey);
      return table.get(partitionKey, rowKey);
    },
    transact: async (partitionKey, steps) => {
      if (kind === 'transact') await happens('');
      return table.transact(partitionKey, steps);
    },
  };
}

/** Something that happens once. */
function once(happens: () => Promise<unknown>): () => Promise<unknown> | undefined {
  let isDone = false;
  return () => {
    if (isDone) return undefined;
    isDone = true;
    return happens();
  };
}

describe('pruning with a limit', () => {
  it.each([
    [1, { history: 3, findings: 4, changes: 4 }, ['findings 1']],
    [3, { history: 1, findings: 4, changes: 4 }, ['findings 3']],
    [5, { history: 1, findings: 2, changes: 4 }, ['findings 5', 'findings 2']],
    [6, { history: 1, findings: 1, changes: 4 }, ['findings 6', 'findings 3']],
    [7, { history: 1, findings: 1, changes: 3 }, ['findings 7', 'findings 4', 'changes 1']],
    [9, { history: 1, findings: 1, changes: 2 }, ['findings 9', 'findings 6', 'changes 3']],
  ])('of %i deletes no more, the history first, and reads no table after it is reached', async (limit, rest, asked) => {
    const sound = memoryTables();
    const first = node('n0', RESOLVED);
    // Changes are deleted by the day, and that of the limit is not over.
    const history = [OLD, '2026-11-02T10:00:00.000Z', '2026-11-20T09:00:00.000Z', LIMIT].map((at) => openedAt(first, at));
    await write(sound, [...nodes(3, RESOLVED), node('open', { resolvedAt: OLD })], history);
    const looks: string[] = [];
    const counted = (table: Table): Table => ({
      ...table,
      page: (filter, top, after) => {
        looks.push(`${table.name} ${top}`);
        return table.page(filter, top, after);
      },
    });
    const tables = { ...sound, findings: counted(sound.findings), changes: counted(sound.changes) };

    expect(await storeOf(tables).prune(LIMIT, LIMIT, limit)).toBe(Math.min(limit, 8));
    expect(looks).toEqual(asked);
    expect(await left(sound)).toEqual(rest);
    const [own, listed] = await names(sound);
    expect([own?.includes('open'), listed]).toEqual([true, own]);
  });

  it('deletes the rows of a partition 98 at a time', async () => {
    const tables = memoryTables();
    await write(
      tables,
      nodes(196),
      nodes(196).map((finding) => openedAt(finding, OLD)),
    );
    const sizes: number[] = [];
    const counted = (table: Table): Table => ({
      ...table,
      transact: (partitionKey, steps) => {
        sizes.push(steps.length);
        return table.transact(partitionKey, steps);
      },
    });
    const { prune } = storeOf({ ...tables, findings: counted(tables.findings), changes: counted(tables.changes) });
    expect(await prune(LIMIT, LIMIT, 1_000)).toBe(392);
    expect(sizes).toEqual([98, 98, 98, 98]);
    expect(await left(tables)).toEqual({ history: 0, findings: 196, changes: 0 });
  });

  it('deletes the resolved findings of a cluster 98 at a time, and reads it no more often', async () => {
    const tables = memoryTables();
    await write(tables, nodes(200, RESOLVED));
    const reads: string[] = [];
    const findings = meanwhile(tables.findings, 'get', async (rowKey) => reads.push(rowKey));
    expect(await storeOf({ ...tables, findings }).prune(EVER, LIMIT, 119)).toBe(119);
    expect(await left(tables)).toEqual({ history: 0, findings: 81, changes: 0 });
    expect(reads.filter((rowKey) => rowKey === CLUSTER_ROW)).toHaveLength(4);
  });
});

describe('pruning while somebody else writes', () => {
  it('counts only the rows that another run did not delete, and leaves none of them', async () => {
    const tables = memoryTables();
    const finding = node('n0');
    await write(
      tables,
      [finding],
      [OLD, '2026-11-02T10:00:00.000Z', '2026-11-03T10:00:00.000Z'].map((at) => openedAt(finding, at)),
    );
    const another = once(() => storeOf(tables).prune(LIMIT, EVER, 1));
    const findings = meanwhile(tables.findings, 'transact', another);
    expect(await storeOf({ ...tables, findings }).prune(LIMIT, EVER, 9)).toBe(2 + 3);
    expect(await left(tables)).toEqual({ history: 0, findings: 1, changes: 0 });
  });

  it('writes nothing to a cluster whose findings reopened after they were found', async () => {
    const tables = memoryTables();
    await write(tables, [node('n0', RESOLVED)]);
    const reopens = once(() => write(tables, [node('n0')]));
    const findings: Table = {
      ...tables.findings,
      page: async (...query) => {
        const found = await tables.findings.page(...query);
        if (found.value.length > 0) await reopens();
        return found;
      },
    };
    expect(await storeOf({ ...tables, findings }).prune(EVER, LIMIT, 9)).toBe(0);
    expect(await names(tables)).toEqual([['n0'], ['n0']]);
  });

  /** The later of the two reads of a cluster sees what a scan writes between them. */
  const betweenReads = (tables: FindingTables, name: string) =>
    once(async () => {
      await setImmediate();
      await write(tables, [node(name)]);
    });

  it('skips a cluster that a scan writes between its reads', async () => {
    const tables = memoryTables();
    await write(tables, [node('n0', RESOLVED)]);
    const findings = meanwhile(tables.findings, 'get', betweenReads(tables, 'new'));
    expect(await storeOf({ ...tables, findings }).prune(EVER, LIMIT, 9)).toBe(0);
    expect(await names(tables)).toEqual([
      ['n0', 'new'],
      ['n0', 'new'],
    ]);
  });

  it('restores what it copied ahead, unless a scan has copied what is newer', async () => {
    const tables = memoryTables();
    await write(tables, [node('n0', RESOLVED)]);
    let hasLost = false;
    const loses = once(async () => {
      await write(tables, [node('first')]);
      hasLost = true;
    });
    const writes = betweenReads(tables, 'second');
    const losing = meanwhile(tables.findings, 'transact', loses);
    const findings = meanwhile(losing, 'get', () => (hasLost ? writes() : undefined));
    expect(await storeOf({ ...tables, findings }).prune(EVER, LIMIT, 9)).toBe(0);
    expect(await names(tables)).toEqual([
      ['first', 'n0', 'second'],
      ['first', 'n0', 'second'],
    ]);
  });

  it('does not end before what it copied ahead is restored', async () => {
    const tables = memoryTables();
    await write(tables, nodes(2, RESOLVED));
    const findings = meanwhile(
      tables.findings,
      'transact',
      once(() => storeOf(tables).prune(EVER, LIMIT, 1)),
    );
    const { table: clusters, writes } = slowTable(tables.clusters);
    expect(await storeOf({ ...tables, findings, clusters }).prune(EVER, LIMIT, 2)).toBe(0);
    expect(writes).toMatchObject({ begun: 2, open: 0 });
    const [own, listed] = await names(tables);
    expect(own).toHaveLength(1);
    expect(listed).toEqual(own);
  });
});
