import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TableClient, TableServiceClient } from '@azure/data-tables';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { backUp, restore, type Tables } from '../../scripts/tables/backup.ts';
import { type Azurite, startAzurite } from '../../shared/local/azurite.ts';

let azurite: Azurite;
let folder = '';
let tables: Tables;

beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kataudit-backup-'));
  tables = {
    service: TableServiceClient.fromConnectionString(azurite.connectionString, { allowInsecureConnection: true }),
    table: client,
  };
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  const service = TableServiceClient.fromConnectionString(azurite.connectionString, { allowInsecureConnection: true });
  for await (const { name = '' } of service.listTables()) await service.deleteTable(name);
});

function client(name: string): TableClient {
  return TableClient.fromConnectionString(azurite.connectionString, name, { allowInsecureConnection: true });
}

async function rowsOf(name: string): Promise<readonly object[]> {
  const found: object[] = [];
  for await (const { etag: _etag, timestamp: _timestamp, ...row } of client(name).listEntities({ disableTypeConversion: true }))
    found.push(row);
  return found;
}

const TYPED = {
  partitionKey: 'p’1',
  rowKey: 'r',
  text: 'line\nbreak',
  whole: 7,
  double: 3.5,
  long: 9_007_199_254_740_993n,
  flag: true,
  at: new Date('2026-11-23T04:00:00.000Z'),
  bytes: new Uint8Array([0, 1, 255]),
} as const;

describe('a backup of the tables', () => {
  it('restores the same rows with the same types', async () => {
    await client('findings').createTable();
    await client('findings').createEntity(TYPED);
    const before = await rowsOf('findings');

    await expect(backUp(tables, folder)).resolves.toEqual({ findings: 1 });
    await client('findings').deleteEntity(TYPED.partitionKey, TYPED.rowKey);
    await expect(restore(tables, folder)).resolves.toEqual({ findings: 1 });

    expect(await rowsOf('findings')).toEqual(before);
    expect(before[0]).toMatchObject({ double: { type: 'Double', value: '3.5' }, long: { type: 'Int64', value: '9007199254740993' } });
  });

  it('contains every row of every table, also with many partitions and more than one transaction each', async () => {
    for (const name of ['one', 'two']) await client(name).createTable();
    for (let partition = 0; partition < 3; partition++) {
      for (let from = 0; from < 150; from += 50) {
        const rows = Array.from({ length: 50 }, (_, at) => ({ partitionKey: `p${partition}`, rowKey: String(from + at).padStart(4, '0') }));
        await client('one').submitTransaction(rows.map((row) => ['create', row]));
      }
    }
    await expect(backUp(tables, folder)).resolves.toEqual({ one: 450, two: 0 });
    await tables.service.createTable('unrelated');
    await expect(restore(tables, folder)).resolves.toEqual({ one: 450, two: 0 });
    expect(await rowsOf('one')).toHaveLength(450);
  });

  it('splits a transaction before it grows too large', async () => {
    await client('large').createTable();
    const text = 'x'.repeat(30_000);
    for (let at = 0; at < 60; at++)
      await client('large').createEntity({ partitionKey: 'p', rowKey: String(at), a: text, b: text, c: text });
    await backUp(tables, folder);
    await expect(restore(tables, folder)).resolves.toEqual({ large: 60 });
  });

  it('replaces a row that was changed meanwhile, and keeps one that is new', async () => {
    await client('findings').createTable();
    await client('findings').createEntity({ partitionKey: 'p', rowKey: 'old', a: 1 });
    await backUp(tables, folder);
    await client('findings').upsertEntity({ partitionKey: 'p', rowKey: 'old', b: 2 }, 'Replace');
    await client('findings').createEntity({ partitionKey: 'p', rowKey: 'new' });

    await restore(tables, folder);

    expect(await rowsOf('findings')).toEqual([
      { partitionKey: 'p', rowKey: 'new' },
      { partitionKey: 'p', rowKey: 'old', a: { type: 'Int32', value: '1' } },
    ]);
  });

  it('is not written over another backup', async () => {
    await client('findings').createTable();
    await backUp(tables, folder);
    await expect(backUp(tables, folder)).rejects.toThrow('EEXIST');
  });

  it('names the line that is not a row', async () => {
    writeFileSync(join(folder, 'findings.jsonl'), '{"partitionKey":"p","rowKey":"r"}\n{"partitionKey":"p"}\n');
    await expect(restore(tables, folder)).rejects.toThrow(/findings\.jsonl:2 is not a row of a table/);
  });

  it('is read from the given folder', async () => {
    await expect(restore(tables, folder)).rejects.toThrow('holds no backup');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is text that other tools can read', async () => {
    await client('findings').createTable();
    await client('findings').createEntity({ partitionKey: 'p', rowKey: 'r', a: 1 });
    await backUp(tables, folder);
    expect(readFileSync(join(folder, 'findings.jsonl'), 'utf8')).toBe(
      '{"partitionKey":"p","rowKey":"r","a":{"value":"1","type":"Int32"}}\n',
    );
  });
});
