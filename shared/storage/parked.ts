import type { ParkedStore } from '../ports/parked-store.ts';
import { decodeRow, encodeRow } from './row.ts';
import { ParkedShape } from './shapes.ts';
import { inPartition, type Table } from './table.ts';

const PARKED = 'parked';
const ID = /^[0-9a-z-]{1,100}$/;

/** Parked messages in Table Storage: one partition, for there should be few. */
export function parkedStore(table: Table): ParkedStore {
  return {
    park: async (message) => {
      await table.create(encodeRow(PARKED, message.id, message));
    },
    list: async (top, after) => {
      const page = await table.page(inPartition(PARKED), top, after);
      const value = page.value.map((row) => decodeRow(table.name, row, ParkedShape));
      return page.next === undefined ? { value } : { value, next: page.next };
    },
    get: async (id) => {
      const row = ID.test(id) ? await table.get(PARKED, id) : undefined;
      return row === undefined ? undefined : decodeRow(table.name, row, ParkedShape);
    },
    drop: async (id) => {
      if (ID.test(id)) await table.delete(PARKED, id);
    },
  };
}
