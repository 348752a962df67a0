import type { TableClient, TransactionAction } from '@azure/data-tables';
import { z } from 'zod';
import { Fault } from '../domain/snapshot/fault.ts';
import { given } from '../domain/snapshot/given.ts';
import type { Page } from '../ports/finding-store.ts';
import { attempt, statusOf } from './fault.ts';
import { type HeldRow, LIMITS, type Row, rowBytes } from './row.ts';

/** One step of a transaction. An `update` has the ETag that it was computed from. */
export type Step =
  | { readonly kind: 'create' | 'put'; readonly row: Row }
  | { readonly kind: 'update'; readonly row: Row; readonly etag: string }
  | { readonly kind: 'delete'; readonly rowKey: string };

/** A table whose failures are all `Fault`s. The functions below create its filters. */
export interface Table {
  readonly name: string;
  get(partitionKey: string, rowKey: string): Promise<HeldRow | undefined>;
  /** Creates a row; false if it exists. */
  create(row: Row): Promise<boolean>;
  put(row: Row): Promise<void>;
  /** Replaces a row; returns the new ETag, or `undefined` if the row has another ETag or is gone. */
  update(row: Row, etag: string): Promise<string | undefined>;
  /** Deletes a row; false if it is gone or has another ETag. */
  delete(partitionKey: string, rowKey: string, etag?: string): Promise<boolean>;
  /** Runs all steps or none, in one partition; returns the ETags of its rows, or `undefined` on a conflict. */
  transact(partitionKey: string, steps: readonly Step[]): Promise<ReadonlyMap<string, string> | undefined>;
  /** Writes up to 100 rows of one partition in one request. */
  putAll(partitionKey: string, rows: readonly Row[]): Promise<void>;
  /** Returns rows in order of their keys, page by page. */
  page(filter: Filter, top: number, after?: string): Promise<Page<HeldRow>>;
  all(filter: Filter): Promise<readonly HeldRow[]>;
}

/** A condition that the service evaluates; created only by the functions below, which escape their values. */
export interface Filter {
  readonly odata: string;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Rows of one partition with keys from `from` to before `to`. */
export function inPartition(partitionKey: string, from?: string, to?: string): Filter {
  const parts = [`PartitionKey eq ${quote(partitionKey)}`];
  if (from !== undefined) parts.push(`RowKey ge ${quote(from)}`);
  if (to !== undefined) parts.push(`RowKey lt ${quote(to)}`);
  return { odata: parts.join(' and ') };
}

/** The same rows, restricted to those that the service wrote at or after a time, by its own clock. */
export function writtenSince({ odata }: Filter, at: Date): Filter {
  return { odata: `${odata} and Timestamp ge datetime'${at.toISOString()}'` };
}

/** The same rows, restricted to one value of the column `state`. */
export function inState({ odata }: Filter, state: string): Filter {
  return { odata: `${odata} and state eq ${quote(state)}` };
}

/** The history rows of one partition that one cause wrote, or that are not older than a time. */
export function historyLines(partitionKey: string, of: { readonly cause: string } | { readonly since: string }): Filter {
  const wanted = 'cause' in of ? `cause eq ${quote(of.cause)}` : `expiresAt ge ${quote(`h${of.since}`)}`;
  return { odata: `${inPartition(partitionKey, 'h-', 'h~').odata} and ${wanted}` };
}

/**
 * Rows of the whole table with a column value from `from` to before `below`. Only for pruning, because the service reads the whole table.
 */
export function columnBetween(column: 'expiresAt' | 'PartitionKey', from: string, below: string): Filter {
  return { odata: `${column} ge ${quote(from)} and ${column} lt ${quote(below)}` };
}

const MAX_PAGE = 1_000;

/**
 * Returns the first matching rows, at most `top`. The service may return a short or empty page with a continuation token; only a missing
 * token is the end.
 */
export async function firstRows(table: Pick<Table, 'page'>, filter: Filter, top: number): Promise<readonly HeldRow[]> {
  const rows: HeldRow[] = [];
  let after: string | undefined;
  do {
    const page: Page<HeldRow> = await table.page(filter, Math.min(MAX_PAGE, top - rows.length), after);
    rows.push(...page.value);
    after = page.next;
  } while (after !== undefined && rows.length < top);
  return rows.slice(0, top);
}

/** Opens a table with its client. */
export function openTable(client: TableClient, name: string): Table {
  const read = async (filter: Filter, top: number, after?: string): Promise<Page<HeldRow>> => {
    if (after !== undefined && !isToken(after)) throw new Fault('malformed', 'Not a cursor of this list.');
    const pages = client
      .listEntities({ queryOptions: { filter: filter.odata } })
      .byPage({ maxPageSize: Math.min(top, MAX_PAGE), ...given({ continuationToken: after }) });
    const { value: entities } = await attempt(`read the table ${name}`, () => pages.next());
    if (entities === undefined) return { value: [] };
    const value = [...entities].map((entity) => heldRow(entity, name));
    return { value, ...given({ next: entities.continuationToken }) };
  };
  return {
    name,
    get: async (partitionKey, rowKey) => {
      try {
        return heldRow(await client.getEntity(partitionKey, rowKey), name);
      } catch (error) {
        if (statusOf(error) === 404) return undefined;
        return attempt(`read the table ${name}`, () => Promise.reject(error));
      }
    },
    create: (row) => unless(409, `write to the table ${name}`, () => client.createEntity(row)),
    put: async (row) => {
      await attempt(`write to the table ${name}`, () => client.upsertEntity(row, 'Replace'));
    },
    update: async (row, etag) => {
      let held: string | undefined;
      const written = await unless([412, 404], `write to the table ${name}`, async () => {
        held = (await client.updateEntity(row, 'Replace', { etag })).etag;
      });
      return written ? (held ?? '') : undefined;
    },
    delete: (partitionKey, rowKey, etag) =>
      unless([404, 412], `delete from the table ${name}`, () =>
        client.deleteEntity(partitionKey, rowKey, etag === undefined ? {} : { etag }),
      ),
    transact: (partitionKey, steps) => transact(client, name, partitionKey, steps),
    putAll: async (partitionKey, rows) => {
      const actions = rows.map((row) => actionOf(partitionKey, { kind: 'put', row }));
      await attempt(`write to the table ${name}`, () => client.submitTransaction(actions));
    },
    page: read,
    all: async (filter) => {
      const rows: HeldRow[] = [];
      let after: string | undefined;
      do {
        const page = await read(filter, MAX_PAGE, after);
        rows.push(...page.value);
        after = page.next;
      } while (after !== undefined);
      return rows;
    },
  };
}

async function transact(
  client: TableClient,
  name: string,
  partitionKey: string,
  steps: readonly Step[],
): Promise<ReadonlyMap<string, string> | undefined> {
  const etags = new Map<string, string>();
  const done = await unless([409, 412, 404], `write to the table ${name}`, async () => {
    const { subResponses } = await client.submitTransaction(steps.map((step) => actionOf(partitionKey, step)));
    // The service responds in the order of the steps, and names only rows that it created.
    for (const [at, { etag }] of subResponses.entries()) {
      const step = steps[at];
      if (step !== undefined && etag !== undefined) etags.set(step.kind === 'delete' ? step.rowKey : step.row.rowKey, etag);
    }
  });
  return done ? etags : undefined;
}

function actionOf(partitionKey: string, step: Step): TransactionAction {
  switch (step.kind) {
    case 'create':
      return ['create', step.row];
    case 'put':
      return ['upsert', step.row, 'Replace'];
    case 'update':
      return ['update', step.row, 'Replace', { etag: step.etag }];
    case 'delete':
      return ['delete', { partitionKey, rowKey: step.rowKey }];
  }
}

/** Splits steps into transactions within the service's limits: at most 100 rows and 4 MiB each, with `reserve` rows left free. */
export function batches(steps: readonly Step[], reserve: number): readonly (readonly Step[])[] {
  const each = steps.map((step) => [step]);
  return batchesOfGroups(each, reserve);
}

/** Splits groups of steps in the same way without dividing a group. */
export function batchesOfGroups(groups: readonly (readonly Step[])[], reserve: number): readonly (readonly Step[])[] {
  const result: Step[][] = [];
  let current: Step[] = [];
  let bytes = 0;
  for (const group of groups) {
    const size = group.reduce((sum, step) => sum + bytesOf(step), 0);
    // A character of three bytes needs half as much again when it is sent, and the reserved rows may be large too.
    const isFull = current.length + group.length > LIMITS.batchRows - reserve || bytes + size > LIMITS.batchBytes / 4;
    if (current.length > 0 && isFull) {
      result.push(current);
      current = [];
      bytes = 0;
    }
    current.push(...group);
    bytes += size;
  }
  if (current.length > 0) result.push(current);
  return result;
}

function bytesOf(step: Step): number {
  return step.kind === 'delete' ? 1_000 : rowBytes(step.row) + 1_000;
}

/** Runs a call; false if it fails with one of the given statuses, and a `Fault` for every other failure. */
async function unless(statuses: number | readonly number[], what: string, call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call();
    return true;
  } catch (error) {
    const status = statusOf(error);
    if (status !== undefined && [statuses].flat().includes(status)) return false;
    return attempt(what, () => Promise.reject(error));
  }
}

function heldRow(entity: Readonly<Record<string, unknown>>, table: string): HeldRow {
  const { partitionKey, rowKey, etag } = entity;
  if (typeof partitionKey !== 'string' || typeof rowKey !== 'string' || typeof etag !== 'string') {
    throw new Fault('malformed', `The table ${table} returned a row without keys.`);
  }
  return { ...entity, partitionKey, rowKey, etag };
}

/** Whether a text is a continuation token in the SDK's format; the SDK throws on anything else. */
function isToken(text: string): boolean {
  const keys = z.object({ nextPartitionKey: z.string(), nextRowKey: z.string().optional() });
  try {
    return keys.safeParse(JSON.parse(Buffer.from(text, 'base64').toString('utf8'))).success;
  } catch {
    // Not JSON.
    return false;
  }
}
