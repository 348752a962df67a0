import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { TableClient, TableServiceClient, TransactionAction } from '@azure/data-tables';
import { z } from 'zod';

/** The tables of one storage account. */
export interface Tables {
  readonly service: Pick<TableServiceClient, 'listTables' | 'createTable'>;
  readonly table: (name: string) => Pick<TableClient, 'listEntities' | 'submitTransaction' | 'createTable'>;
}

/** Number of rows of each table. */
export type Counts = Readonly<Record<string, number>>;

const SUFFIX = '.jsonl';
/** The service's limits for one transaction; the bytes leave room for the envelope of each row. */
const MAX_ROWS = 100;
const MAX_BYTES = 3_000_000;
const row = z.looseObject({ partitionKey: z.string(), rowKey: z.string() });

type Row = z.output<typeof row>;

/** Writes every row of every table into a folder, one file of JSON lines per table, with the types of Azure's columns. */
export async function backUp({ service, table }: Tables, folder: string): Promise<Counts> {
  await mkdir(folder, { recursive: true });
  const counts: Record<string, number> = {};
  for await (const { name = '' } of service.listTables()) {
    let count = 0;
    const lines = async function* () {
      // Without conversion, a value whose type JSON cannot express has its type beside it.
      for await (const { etag: _etag, timestamp: _timestamp, ...entity } of table(name).listEntities({ disableTypeConversion: true })) {
        count += 1;
        yield `${JSON.stringify(entity)}\n`;
      }
    };
    // Exclusive: an existing backup in the folder must not be overwritten.
    await pipeline(Readable.from(lines()), createWriteStream(join(folder, `${name}${SUFFIX}`), { flags: 'wx' }));
    counts[name] = count;
  }
  return counts;
}

/** Writes the rows of a backup over those with the same keys; deletes nothing. */
export async function restore({ table }: Tables, folder: string): Promise<Counts> {
  const files = (await readdir(folder)).filter((name) => name.endsWith(SUFFIX)).sort();
  if (files.length === 0) throw new Error(`${folder} holds no backup: there is no file that ends with ${SUFFIX}.`);
  const counts: Record<string, number> = {};
  for (const file of files) {
    const client = table(file.slice(0, -SUFFIX.length));
    await client.createTable();
    let count = 0;
    for await (const batch of batches(rows(join(folder, file)))) {
      await client.submitTransaction(batch.map((entity): TransactionAction => ['upsert', entity, 'Replace']));
      count += batch.length;
    }
    counts[file.slice(0, -SUFFIX.length)] = count;
  }
  return counts;
}

async function* rows(path: string): AsyncGenerator<{ readonly entity: Row; readonly bytes: number }> {
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    yield { entity: parse(line, `${path}:${number}`), bytes: Buffer.byteLength(line) };
  }
}

function parse(line: string, where: string): Row {
  try {
    return row.parse(JSON.parse(line));
  } catch (cause) {
    throw new Error(`${where} is not a row of a table.`, { cause });
  }
}

/** Groups consecutive rows of one partition into transactions; a backup is ordered by partition. */
async function* batches(source: AsyncIterable<{ readonly entity: Row; readonly bytes: number }>): AsyncGenerator<readonly Row[]> {
  let batch: Row[] = [];
  let size = 0;
  for await (const { entity, bytes } of source) {
    const full = batch.length === MAX_ROWS || size + bytes > MAX_BYTES || batch[0]?.partitionKey !== entity.partitionKey;
    if (full && batch.length > 0) {
      yield batch;
      batch = [];
      size = 0;
    }
    batch.push(entity);
    size += bytes;
  }
  if (batch.length > 0) yield batch;
}
