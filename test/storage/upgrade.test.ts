import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { restore } from '../../scripts/tables/backup.ts';
import { type Azurite, startAzurite } from '../../shared/local/azurite.ts';
import { TABLES } from '../../shared/storage/names.ts';
import { ROW_VERSION } from '../../shared/storage/row.ts';
import { createStorage, type Storage } from '../../shared/storage/storage.ts';
import { readEverything, STORED_AT } from '../support/stored-rows.ts';
import { FIXTURES, READ_FILE, tablesOf, writeRows } from '../support/write-row-fixtures.ts';

const VERSIONS = Array.from({ length: ROW_VERSION }, (_, at) => `v${at + 1}`);
const RAISE =
  'The shape of rows changed. If rows of this version were released, raise ROW_VERSION in shared/storage/row.ts; then run `npm run fixtures`.';

let azurite: Azurite;
let storage: Storage;
beforeEach(async () => {
  azurite = await startAzurite();
  storage = createStorage(azurite, () => new Date(STORED_AT));
  await storage.ensure();
});
afterEach(() => azurite.stop());

/** The lines of a file with their packed values unpacked: another machine may compress the same text into other bytes. */
function inflated(file: string): readonly string[] {
  const text = readFileSync(file, 'utf8');
  const unpacked = (_: string, packed: string) => `"deflated":${inflateRawSync(Buffer.from(packed, 'base64')).toString('utf8')}`;
  return text.replace(/\\"deflated\\":\\"([^"\\]+)\\"/g, unpacked).split('\n');
}

describe('rows of each version', () => {
  it('exist, with a row in every table', () => {
    expect(readdirSync(FIXTURES).sort()).toEqual(VERSIONS);
    for (const version of VERSIONS) {
      for (const table of Object.values(TABLES)) {
        const path = join(FIXTURES, version, `${table}.jsonl`);
        expect(existsSync(path) && readFileSync(path, 'utf8').trim() !== '', path).toBe(true);
      }
    }
  });

  it.each(VERSIONS)('of %s are read by this app as they were read then', async (version) => {
    const folder = join(FIXTURES, version);
    await restore(tablesOf(azurite.connectionString), folder);

    const read = JSON.parse(JSON.stringify(await readEverything(storage)));

    expect(read).toEqual(JSON.parse(readFileSync(join(folder, READ_FILE), 'utf8')));
  });

  it('are those that this app writes, so that the format never changes unnoticed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kataudit-rows-'));
    try {
      await writeRows(folder);
      for (const file of readdirSync(folder)) {
        const kept = inflated(join(FIXTURES, `v${ROW_VERSION}`, file));
        expect(inflated(join(folder, file)), `${file}: ${RAISE}`).toEqual(kept);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('of a newer app are refused with their version, and not misread', async () => {
    const tables = tablesOf(azurite.connectionString);
    await restore(tables, join(FIXTURES, `v${ROW_VERSION}`));
    const parked = tables.table(TABLES.parked);
    for await (const row of parked.listEntities()) {
      const newer = { partitionKey: row.partitionKey ?? '', rowKey: row.rowKey ?? '', schemaVersion: ROW_VERSION + 1 };
      await parked.submitTransaction([['update', newer, 'Merge']]);
    }

    await expect(storage.parked.list(10)).rejects.toThrow(`has schema version ${ROW_VERSION + 1}; this app reads 1 to ${ROW_VERSION}`);
  });
});
