import type { Page } from '../ports/finding-store.ts';
import type { ParkedMessage, ParkedStore } from '../ports/parked-store.ts';
import { decodeRow, encodeRow, type HeldRow } from './row.ts';
import { ParkedShape } from './shapes.ts';
import { columnBetween, firstRows, inPartition, type Table } from './table.ts';

const WAITING = 'parked';
const SETTLED = 'settled';
const ID = /^[0-9a-z-]{1,100}$/;

/**
 * Stores parked messages in Table Storage: one partition for the waiting ones and one for the settled ones, because there should be few.
 */
export function parkedStore(table: Table): ParkedStore {
  const decode = (row: HeldRow) => decodeRow(table.name, row, ParkedShape);
  const list = async (partition: string, top: number, after: string | undefined): Promise<Page<ParkedMessage>> => {
    const page = await table.page(inPartition(partition), top, after);
    const value = page.value.map(decode);
    return page.next === undefined ? { value } : { value, next: page.next };
  };
  const get = async (id: string) => {
    const row = ID.test(id) ? await table.get(WAITING, id) : undefined;
    return row === undefined ? undefined : decode(row);
  };
  return {
    park: async (message) => {
      if ((await table.get(SETTLED, message.id)) === undefined) await table.create(encodeRow(WAITING, message.id, message));
    },
    list: (top, after) => list(WAITING, top, after),
    get,
    settle: async (id, settled) => {
      const message = await get(id);
      if (message === undefined) return;
      // The record is written first: a crash in between leaves a message that still waits, never one without a record.
      await table.put(encodeRow(SETTLED, id, { ...message, settled }, { expiresAt: settled.at }));
      await table.delete(WAITING, id);
    },
    listSettled: (top, after) => list(SETTLED, top, after),
    prune: async (before, limit) => {
      let deleted = 0;
      for (const { partitionKey, rowKey } of await firstRows(table, columnBetween('expiresAt', '0', before), limit))
        if (await table.delete(partitionKey, rowKey)) deleted += 1;
      return deleted;
    },
  };
}
