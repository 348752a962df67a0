import { beforeEach, describe, expect, it } from 'vitest';
import { NOTHING_HELD } from '../../../shared/ports/finding-store.ts';
import { findingStore } from '../../../shared/storage/findings/findings.ts';
import { TABLES } from '../../../shared/storage/names.ts';
import type { Table } from '../../../shared/storage/table.ts';
import { aSummary, clusterIdOf, NOW } from '../../http/estate.ts';
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
});
