import type { EstateDay } from '../domain/findings/trend.ts';
import type { TrendStore } from '../ports/trend-store.ts';
import { decodeRow, encodeRow } from './row.ts';
import { EstateDayShape } from './shapes.ts';
import { firstRows, inPartition, type Table } from './table.ts';

/** The partition of the trend in the table of audits: one row per day, with the day as its key. */
const DAYS = '!days';
/** Sorts before every day. */
const REBUILT = '!rebuilt';

/** Stores the trend in Table Storage, one row per day. */
export function trendStore(table: Table): TrendStore {
  const decode = (row: Parameters<typeof decodeRow>[1]): EstateDay => decodeRow(table.name, row, EstateDayShape);
  return {
    put: (day) => table.put(encodeRow(DAYS, day.day, day)),
    list: async (from, to) => (await table.all(inPartition(DAYS, from, `${to}~`))).map(decode),
    isRebuilt: async () => (await table.get(DAYS, REBUILT)) !== undefined,
    rebuilt: (at) => table.put(encodeRow(DAYS, REBUILT, { at })),
    prune: async (before, limit) => {
      const old = await firstRows(table, inPartition(DAYS, '0', before.slice(0, 10)), limit);
      for (const { rowKey } of old) await table.delete(DAYS, rowKey);
      return old.length;
    },
  };
}
