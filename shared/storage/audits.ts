import { clusterKey } from '../domain/snapshot/resource-id.ts';
import type { AuditRecord, AuditStore } from '../ports/audit-store.ts';
import { newestFirst } from './findings/finding-rows.ts';
import { decodeRow, encodeRow } from './row.ts';
import { AuditedClusterShape, AuditedSubscriptionShape, AuditShape, ListedAuditShape } from './shapes.ts';
import { batches, firstRows, inPartition, inState, type Table } from './table.ts';

/** The partition that lists audits, newest first; the parts of each audit are in its own partition. */
const LIST = '!audits';
const AUDIT_ROW = '!audit';
const SUBSCRIPTION = 's-';
const CLUSTER = 'c-';

/** Stores audits in Table Storage: one partition for each audit and one row for each part, so that parts are written independently. */
export function auditStore(table: Table): AuditStore {
  return {
    start: async (audit) => {
      await table.put(encodeRow(audit.id, AUDIT_ROW, audit));
      await table.put(encodeRow(LIST, listKey(audit), audit));
    },
    recordSubscription: (outcome) =>
      table.put(encodeRow(outcome.auditId, `${SUBSCRIPTION}${outcome.subscriptionId.toLowerCase()}`, outcome)),
    recordCluster: async (outcome) => {
      const row = encodeRow(outcome.auditId, `${CLUSTER}${clusterKey(outcome.clusterId)}`, outcome, { state: outcome.state });
      if (outcome.state === 'planned') await table.create(row);
      else await table.put(row);
    },
    get: async (auditId) => {
      const rows = await table.all(inPartition(auditId));
      const own = rows.find(({ rowKey }) => rowKey === AUDIT_ROW);
      if (own === undefined) return undefined;
      const of = (prefix: string) => rows.filter(({ rowKey }) => rowKey.startsWith(prefix));
      return {
        audit: decodeRow(table.name, own, AuditShape),
        subscriptions: of(SUBSCRIPTION).map((row) => decodeRow(table.name, row, AuditedSubscriptionShape)),
        clusters: of(CLUSTER).map((row) => decodeRow(table.name, row, AuditedClusterShape)),
      };
    },
    isWaiting: async (auditId) => (await firstRows(table, inState(inPartition(auditId, CLUSTER, `${CLUSTER}~`), 'planned'), 1)).length > 0,
    end: (audit, end) => table.put(encodeRow(LIST, listKey(audit), { ...audit, end })),
    list: async (top, after) => {
      const page = await table.page(inPartition(LIST), top, after);
      const value = page.value.map((row) => decodeRow(table.name, row, ListedAuditShape));
      return page.next === undefined ? { value } : { value, next: page.next };
    },
    prune: (before, limit) => prune(table, before, limit),
  };
}

function listKey({ id, startedAt }: AuditRecord): string {
  return `${newestFirst(startedAt)}-${id}`;
}

/** Deletes the parts before the entry in the list, so that a partly deleted audit is found again. */
async function prune(table: Table, before: string, limit: number): Promise<number> {
  const old = await firstRows(table, inPartition(LIST, `${newestFirst(before)}~`), limit);
  let deleted = 0;
  for (const row of old) {
    const { id } = decodeRow(table.name, row, AuditShape);
    const parts = await table.all(inPartition(id));
    const steps = parts.map(({ rowKey }) => ({ kind: 'delete', rowKey }) as const);
    for (const batch of batches(steps, 0)) {
      const all = await table.transact(id, batch);
      // Another run deleted one of the rows, which cancels the whole batch: each is deleted on its own.
      if (all === undefined) for (const step of batch) if (step.kind === 'delete') await table.delete(id, step.rowKey);
    }
    await table.delete(LIST, row.rowKey);
    deleted += parts.length + 1;
    if (deleted >= limit) break;
  }
  return deleted;
}
