import { createHash } from 'node:crypto';
import { z } from 'zod';
import { isFromAhead, noticeEnds } from '../domain/snapshot/notice.ts';
import { clusterKey } from '../domain/snapshot/resource-id.ts';
import { type EventStore, isHeld } from '../ports/event-store.ts';
import { decodeRow, encodeRow } from './row.ts';
import { NoticeShape } from './shapes.ts';
import { columnBetween, firstRows, inPartition, type Table } from './table.ts';

const ClaimShape = z.object({ owner: z.string(), until: z.string() });

/** Ids come from outside and may contain any text, so their digest is the key, spread over partitions. */
function keyOf(kind: 'event' | 'claim', id: string): readonly [string, string] {
  const digest = createHash('sha256').update(id).digest('hex');
  return [`${kind}-${digest.slice(0, 2)}`, digest];
}

/** Stores seen events, claims and notices in Table Storage. */
export function eventStore(table: Table): EventStore {
  return {
    isRemembered: async (eventId) => (await table.get(...keyOf('event', eventId))) !== undefined,
    remember: (eventId, at) => table.put(encodeRow(...keyOf('event', eventId), { at }, { expiresAt: at })),
    tryClaim: async (key, owner, until, now) => {
      const row = encodeRow(...keyOf('claim', key), { owner, until }, { expiresAt: until });
      const held = await table.get(row.partitionKey, row.rowKey);
      if (held === undefined) return table.create(row);
      const claim = decodeRow(table.name, held, ClaimShape);
      if (isHeld(claim, until, now)) return claim.owner === owner;
      return (await table.update(row, held.etag)) !== undefined;
    },
    note: async (clusterId, notice, now) => {
      const partition = `notice-${clusterKey(clusterId)}`;
      const row = encodeRow(partition, `${notice.matter}-${notice.nodePool ?? ''}`, notice, { expiresAt: noticeEnds(notice) });
      for (;;) {
        const held = await table.get(partition, row.rowKey);
        if (held === undefined) {
          if (await table.create(row)) return;
          continue;
        }
        const before = decodeRow(table.name, held, NoticeShape);
        if (before.at > notice.at && !isFromAhead(before, now)) return;
        if ((await table.update(row, held.etag)) !== undefined) return;
      }
    },
    dropNotices: async (clusterId, until) => {
      for (const row of await table.all(inPartition(`notice-${clusterKey(clusterId)}`))) {
        if (decodeRow(table.name, row, NoticeShape).at <= until) await table.delete(row.partitionKey, row.rowKey, row.etag);
      }
    },
    notices: async (clusterId) =>
      (await table.all(inPartition(`notice-${clusterKey(clusterId)}`))).map((row) => decodeRow(table.name, row, NoticeShape)),
    prune: async (before, limit) => {
      let deleted = 0;
      for (const row of await firstRows(table, columnBetween('expiresAt', '0', before), limit))
        if (await table.delete(row.partitionKey, row.rowKey, row.etag)) deleted += 1;
      return deleted;
    },
  };
}
