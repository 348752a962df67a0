import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { TableClient, TableServiceClient } from '@azure/data-tables';
import { backUp, type Tables } from '../../scripts/tables/backup.ts';
import { startAzurite } from '../../shared/local/azurite.ts';
import { ROW_VERSION } from '../../shared/storage/row.ts';
import { createStorage } from '../../shared/storage/storage.ts';
import { readEverything, STORED_AT, writeEverything } from './stored-rows.ts';

/** The folder with the rows of each version, as a backup. */
export const FIXTURES = resolve(import.meta.dirname, '../fixtures/rows');

/** What was read from the rows of a version when they were written. */
export const READ_FILE = 'read.json';

/** The tables of an emulated account. */
export function tablesOf(connectionString: string): Tables {
  const insecure = { allowInsecureConnection: true };
  return {
    service: TableServiceClient.fromConnectionString(connectionString, insecure),
    table: (name) => TableClient.fromConnectionString(connectionString, name, insecure),
  };
}

/** Writes one example of everything into a folder, in the format that this app writes. */
export async function writeRows(folder: string): Promise<void> {
  const azurite = await startAzurite();
  try {
    const storage = createStorage(azurite, () => new Date(STORED_AT));
    await storage.ensure();
    await writeEverything(storage);
    await backUp(tablesOf(azurite.connectionString), folder);
    writeFileSync(join(folder, READ_FILE), `${JSON.stringify(await readEverything(storage), null, 2)}\n`);
  } finally {
    await azurite.stop();
  }
}

// Run by a person who raised ROW_VERSION, or changed a format that was never released. Rows of 0.1.0 are those of `v1`: never write them again.
if (process.argv[1] === import.meta.filename) {
  const folder = join(FIXTURES, `v${ROW_VERSION}`);
  rmSync(folder, { recursive: true, force: true });
  await writeRows(folder);
}
