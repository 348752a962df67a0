import { createHash } from 'node:crypto';
import { z } from 'zod';
import { DAY_MS } from '../domain/snapshot/day.ts';
import type { OutboxStore, PendingNotification } from '../ports/outbox-store.ts';
import { decodeRow, encodeRow } from './row.ts';
import { inPartition, type Table } from './table.ts';

/** A change that could not be delivered for this long is dropped. */
const KEPT_DAYS = 30;

const PendingShape = z.object({ clusterId: z.string(), cause: z.string(), at: z.string() });

/** Stores the changes to deliver to each target, in the table of events: one partition per target. */
export function outboxStore(table: Table): OutboxStore {
  const keyOf = (target: string, { clusterId, cause }: PendingNotification): readonly [string, string] => [
    partitionOf(target),
    digest(JSON.stringify([clusterId, cause])),
  ];
  return {
    add: (target, pending) => {
      const expiresAt = new Date(Date.parse(pending.at) + KEPT_DAYS * DAY_MS).toISOString();
      return table.put(encodeRow(...keyOf(target, pending), pending, { expiresAt }));
    },
    list: async (target, limit) => {
      const { value } = await table.page(inPartition(partitionOf(target)), limit);
      return value.map((row) => decodeRow(table.name, row, PendingShape));
    },
    remove: async (target, delivered) => {
      for (const pending of delivered) {
        const row = await table.get(...keyOf(target, pending));
        if (row === undefined || decodeRow(table.name, row, PendingShape).at !== pending.at) continue;
        await table.delete(row.partitionKey, row.rowKey, row.etag);
      }
    },
  };
}

function partitionOf(target: string): string {
  return `outbox-${digest(target).slice(0, 32)}`;
}

/** Names and ids may contain any text, so their digest is the key. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
