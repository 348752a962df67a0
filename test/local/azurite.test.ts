import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TableServiceClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Azurite, startAzurite } from '../../shared/local/azurite.ts';

/** Source: learn.microsoft.com/azure/storage/common/storage-connect-azurite, the same on every machine. */
const WELL_KNOWN = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
const keyOf = (connectionString: string) => /AccountKey=([^;]+)/.exec(connectionString)?.[1] ?? '';
const tables = async (connectionString: string) => {
  const client = TableServiceClient.fromConnectionString(connectionString, {
    allowInsecureConnection: true,
    retryOptions: { maxRetries: 0 },
  });
  const names: (string | undefined)[] = [];
  for await (const { name } of client.listTables()) names.push(name);
  return names;
};

describe('the local storage', () => {
  let folder: string;
  let azurite: Azurite;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kataudit-azurite-'));
    azurite = await startAzurite({ location: folder });
    const client = TableServiceClient.fromConnectionString(azurite.connectionString, { allowInsecureConnection: true });
    await client.createTable('kept');
  }, 60_000);
  afterAll(async () => {
    await azurite.stop();
    await rm(folder, { recursive: true });
  });

  it('has its own key, and does not accept the well-known one', async () => {
    expect(await tables(azurite.connectionString)).toEqual(['kept']);
    expect(keyOf(azurite.connectionString)).not.toBe(WELL_KNOWN);
    await expect(tables(azurite.connectionString.replace(keyOf(azurite.connectionString), WELL_KNOWN))).rejects.toMatchObject({
      statusCode: 403,
    });
  });

  it('keeps its state where only its owner can read it, and finds it again with another key', async () => {
    await azurite.stop();
    const files = await readdir(folder, { recursive: true });
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) expect([file, (await stat(join(folder, file))).mode & 0o077]).toEqual([file, 0]);
    const before = keyOf(azurite.connectionString);
    azurite = await startAzurite({ location: folder });
    expect(keyOf(azurite.connectionString)).not.toBe(before);
    expect(await tables(azurite.connectionString)).toEqual(['kept']);
  }, 60_000);
});
