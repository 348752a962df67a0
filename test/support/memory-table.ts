import { setImmediate } from 'node:timers/promises';
import { Fault } from '../../shared/domain/snapshot/fault.ts';
import type { HeldRow, Row } from '../../shared/storage/row.ts';
import type { Step, Table } from '../../shared/storage/table.ts';

/** The filters of `shared/storage/table.ts`: comparisons joined by `and`, each with a quoted value. */
const CONDITION = /(\w+) (eq|ge|lt) (?:datetime)?'((?:[^']|'')*)'/g;
const KEYS: Readonly<Record<string, string>> = { PartitionKey: 'partitionKey', RowKey: 'rowKey', Timestamp: 'timestamp' };

/** An in-memory table with the ETags, transactions, order and pages of the service, to test stores without an emulator. */
export function memoryTable(name: string, clock: () => Date = () => new Date()): Table {
  const rows = new Map<string, HeldRow>();
  let version = 0;
  const placeOf = (partitionKey: string, rowKey: string) => JSON.stringify([partitionKey, rowKey]);
  const at = ({ partitionKey, rowKey }: Pick<Row, 'partitionKey' | 'rowKey'>) => rows.get(placeOf(partitionKey, rowKey));
  const hold = (row: Row): string => {
    version += 1;
    const etag = `W/"${version}"`;
    rows.set(placeOf(row.partitionKey, row.rowKey), { ...row, etag, timestamp: clock().toISOString() });
    return etag;
  };
  const found = (odata: string) => [...rows.values()].filter((row) => fits(row, odata)).sort(byKeys);
  const table: Table = {
    name,
    get: async (partitionKey, rowKey) => at({ partitionKey, rowKey }),
    create: async (row) => at(row) === undefined && hold(row) !== '',
    put: async (row) => void hold(row),
    update: async (row, etag) => (at(row)?.etag === etag ? hold(row) : undefined),
    delete: async (partitionKey, rowKey, etag) => {
      const held = at({ partitionKey, rowKey });
      return held !== undefined && (etag ?? held.etag) === held.etag && rows.delete(placeOf(partitionKey, rowKey));
    },
    transact: async (partitionKey, steps) => {
      const keys = new Set(steps.map((step) => (step.kind === 'delete' ? step.rowKey : step.row.rowKey)));
      if (steps.length < 1 || steps.length > 100 || keys.size < steps.length)
        throw new Error('The service takes 1 to 100 steps, each of another row.');
      if (!steps.every((step) => isPossible(step, (rowKey) => at({ partitionKey, rowKey })))) return undefined;
      const etags = new Map<string, string>();
      for (const step of steps) {
        if (step.kind === 'delete') rows.delete(placeOf(partitionKey, step.rowKey));
        else etags.set(step.row.rowKey, hold(step.row));
      }
      return etags;
    },
    putAll: async (partitionKey, some) => {
      if (some.length < 1 || some.length > 100 || some.some((row) => row.partitionKey !== partitionKey))
        throw new Error('The service takes 1 to 100 rows of one partition.');
      for (const row of some) hold(row);
    },
    page: async ({ odata }, top, after) => {
      const rest = found(odata).filter((row) => after === undefined || placeOf(row.partitionKey, row.rowKey) > readToken(after));
      const value = rest.slice(0, top);
      const last = value.at(-1);
      return rest.length > top && last !== undefined ? { value, next: token(placeOf(last.partitionKey, last.rowKey)) } : { value };
    },
    all: async ({ odata }) => found(odata),
  };
  return table;
}

/** The same table with its writes carried out by `around`. */
function withWrites(table: Table, around: <T>(write: () => Promise<T>) => Promise<T>): Table {
  return {
    ...table,
    create: (...what) => around(() => table.create(...what)),
    put: (...what) => around(() => table.put(...what)),
    update: (...what) => around(() => table.update(...what)),
    delete: (...what) => around(() => table.delete(...what)),
    transact: (...what) => around(() => table.transact(...what)),
    putAll: (...what) => around(() => table.putAll(...what)),
  };
}

/** A table of a process that dies after so many writes. */
export function mortalTable(table: Table, writes: number): Table {
  let left = writes;
  return withWrites(table, async (write) => {
    if (left === 0) throw new Error('died');
    left -= 1;
    return write();
  });
}

/** A table whose writes end a moment later, with how many began, how many have not ended, and how many were open at once at most. */
export function slowTable(table: Table): { readonly table: Table; readonly writes: { begun: number; open: number; most: number } } {
  const writes = { begun: 0, open: 0, most: 0 };
  const slow = withWrites(table, async (write) => {
    writes.begun += 1;
    writes.open += 1;
    writes.most = Math.max(writes.most, writes.open);
    await setImmediate();
    const result = await write();
    writes.open -= 1;
    return result;
  });
  return { table: slow, writes };
}

function isPossible(step: Step, held: (rowKey: string) => HeldRow | undefined): boolean {
  switch (step.kind) {
    case 'create':
      return held(step.row.rowKey) === undefined;
    case 'update':
      return held(step.row.rowKey)?.etag === step.etag;
    case 'delete':
      return held(step.rowKey) !== undefined;
    case 'put':
      return true;
  }
}

function fits(row: HeldRow, odata: string): boolean {
  return [...odata.matchAll(CONDITION)].every(([, column = '', comparison, quoted = '']) => {
    const [held, value] = [row[KEYS[column] ?? column], quoted.replaceAll("''", "'")];
    if (typeof held !== 'string') return false;
    return comparison === 'eq' ? held === value : comparison === 'ge' ? held >= value : held < value;
  });
}

function byKeys(one: HeldRow, other: HeldRow): number {
  if (one.partitionKey !== other.partitionKey) return one.partitionKey < other.partitionKey ? -1 : 1;
  return one.rowKey < other.rowKey ? -1 : 1;
}

function token(place: string): string {
  return Buffer.from(place).toString('base64');
}

function readToken(text: string): string {
  const place = Buffer.from(text, 'base64').toString('utf8');
  if (!/^\["[^"]+","[^"]+"\]$/.test(place)) throw new Fault('malformed', 'Not a cursor of this list.');
  return place;
}

/** A table that says when something is read from it. */
export function countedTable(table: Table, onRead: () => void): Table {
  return {
    ...table,
    get: (...key) => {
      onRead();
      return table.get(...key);
    },
    page: (...query) => {
      onRead();
      return table.page(...query);
    },
    all: (...query) => {
      onRead();
      return table.all(...query);
    },
  };
}
