import { beforeEach, describe, expect, it } from 'vitest';
import { clusterKey } from '../../../shared/domain/snapshot/resource-id.ts';
import { NOTHING_HELD } from '../../../shared/ports/finding-store.ts';
import { clusterMirror } from '../../../shared/storage/findings/cluster-mirror.ts';
import { findingStore } from '../../../shared/storage/findings/findings.ts';
import { TABLES } from '../../../shared/storage/names.ts';
import type { Table } from '../../../shared/storage/table.ts';
import { aFinding, aSummary, clusterIdOf, NOW } from '../../http/estate.ts';
import { memoryTable } from '../../support/memory-table.ts';

const SECOND = 1_000;
let seconds = 0;
/** How far the clock of the storage is behind this instance's. */
let behind = 0;
let rows = 0;
const clock = () => new Date(Date.parse(NOW) + seconds * SECOND);
const storageClock = () => new Date(clock().getTime() - behind * SECOND);

/** A table that counts the rows that are read from it. */
function counted(table: Table): Table {
  return {
    ...table,
    all: async (filter) => {
      const found = await table.all(filter);
      rows += found.length;
      return found;
    },
  };
}

function aStore() {
  const tables = {
    findings: memoryTable(TABLES.findings, storageClock),
    clusters: counted(memoryTable(TABLES.clusters, storageClock)),
    changes: memoryTable(TABLES.changes, storageClock),
  };
  const store = findingStore(tables, clock);
  return {
    write: (name: string) =>
      store.write({ clusterId: clusterIdOf(name), findings: [], history: [], summary: aSummary(name, []), basedOn: NOTHING_HELD }),
    list: async () => (await store.clusters(1_000)).value.map(({ cluster }) => cluster.name),
    /** The result of a view, and the number of rows that it read. */
    view: async () => {
      rows = 0;
      const { value } = await store.clusters(1_000);
      return { clusters: value.length, rows };
    },
  };
}

beforeEach(() => {
  seconds = 0;
  behind = 0;
});

describe('the clusters in memory', () => {
  it('are read completely once, and the newest ones again for half a minute, because clocks of the storage service may differ by seconds', async () => {
    const { write, view } = aStore();
    for (const name of ['a', 'b', 'c']) await write(name);
    expect(await view()).toEqual({ clusters: 3, rows: 3 });
    seconds = 30;
    expect(await view()).toEqual({ clusters: 3, rows: 3 });
  });

  it('cost a view almost nothing once nothing is written, however many were written before', async () => {
    const { write, view } = aStore();
    for (const name of ['a', 'b', 'c']) await write(name);
    seconds = 1;
    await write('d');
    await view();
    seconds = 32;
    await view();
    expect(await view()).toEqual({ clusters: 4, rows: 1 });
  });

  it('include later writes, also by a machine of the storage service whose clock is behind', async () => {
    const { write, view } = aStore();
    await write('a');
    await view();
    seconds = 60;
    await view();
    await write('b');
    expect(await view()).toMatchObject({ clusters: 2 });
    behind = 20;
    await write('c');
    expect(await view()).toMatchObject({ clusters: 3 });
    seconds = 80;
    await write('d');
    expect(await view()).toMatchObject({ clusters: 4 });
  });

  it('include what such a machine writes soon after the newest, and are read again until exactly half a minute later', async () => {
    const { write, view } = aStore();
    await write('a');
    seconds = 1;
    await write('b');
    await view();
    seconds = 31;
    expect(await view()).toEqual({ clusters: 2, rows: 2 });
    behind = 45;
    await write('c');
    expect(await view()).toEqual({ clusters: 3, rows: 3 });
  });

  it('are in order of their keys, in whatever order they are written', async () => {
    const names = Array.from({ length: 9 }, (_, at) => `c${at}`);
    const inOrder = (some: readonly string[]) =>
      some.toSorted((a, b) => (clusterKey(clusterIdOf(a)) < clusterKey(clusterIdOf(b)) ? -1 : 1));
    const { write, list } = aStore();
    for (const [at, name] of names.entries()) {
      await write(name);
      expect(await list()).toEqual(inOrder(names.slice(0, at + 1)));
    }
  });

  it('keep their findings unpacked, and let go of all when there are too many', async () => {
    const tables = { findings: memoryTable('f'), clusters: memoryTable('c'), changes: memoryTable('h') };
    for (const [name, count] of [['one', 1] as const, ['two', 2] as const, ['last', 1] as const]) {
      const findings = Array.from({ length: count }, (_, at) => aFinding({ clusterName: name, subject: { kind: 'node', name: `n${at}` } }));
      const write = { clusterId: clusterIdOf(name), findings, history: [], summary: aSummary(name, findings), basedOn: NOTHING_HELD };
      await findingStore(tables, clock).write(write);
    }
    const clusters = await clusterMirror(tables.clusters, clock, 3).read();
    const findingsOf = (name: string) => clusters.find(({ summary }) => summary.cluster.name === name)?.findings(false);
    const [one, two] = [findingsOf('one'), findingsOf('two')];
    expect([one?.length, two?.length]).toEqual([1, 2]);
    expect([findingsOf('one') === one, findingsOf('two') === two]).toEqual([true, true]);
    const last = findingsOf('last');
    const again = findingsOf('one');
    expect([again === one, again]).toEqual([false, one]);
    expect([findingsOf('last') === last, findingsOf('one') === again]).toEqual([true, true]);
  });
});
