import type { Finding } from '../../domain/findings/finding.ts';
import type { HeldRow } from '../row.ts';
import { columnBetween, firstRows, type Step, type Table } from '../table.ts';
import { decodeClusterRow, encodeClusterRow } from './cluster-row.ts';
import { CLUSTER_ROW } from './finding-rows.ts';
import type { FindingTables } from './finding-tables.ts';
import { heldOf } from './held-findings.ts';
import { packedRow } from './packed-findings.ts';
import { copyCluster } from './write-findings.ts';

/** Rows that one transaction deletes; two more are the cluster's own row and the packed findings. */
const AT_ONCE = 98;

/**
 * Deletes old history, old resolved findings and old changes, at most `limit` rows in all, and never an open finding. Returns how many
 * rows were deleted.
 */
export async function pruneFindings(tables: FindingTables, historyBefore: string, resolvedBefore: string, limit: number): Promise<number> {
  const { findings, changes } = tables;
  let deleted = 0;
  const history = await firstRows(findings, columnBetween('expiresAt', 'h', `h${historyBefore}`), limit);
  deleted += await deleteRows(findings, history);
  if (deleted >= limit) return deleted;
  const resolved = await firstRows(findings, columnBetween('expiresAt', 'r', `r${resolvedBefore}`), limit - deleted);
  for (const [key, { length }] of Map.groupBy(resolved, ({ partitionKey }) => partitionKey)) {
    deleted += await deleteResolved(tables, key, resolvedBefore, length);
  }
  if (deleted >= limit) return deleted;
  const old = await firstRows(changes, columnBetween('PartitionKey', '', historyBefore.slice(0, 10)), limit - deleted);
  return deleted + (await deleteRows(changes, old));
}

/** Deletes rows that are never written again, in batches by partition where possible. */
async function deleteRows(table: Table, rows: readonly HeldRow[]): Promise<number> {
  let deleted = 0;
  for (const [key, ofKey] of Map.groupBy(rows, ({ partitionKey }) => partitionKey)) {
    for (let at = 0; at < ofKey.length; at += AT_ONCE) {
      const some = ofKey.slice(at, at + AT_ONCE);
      const all = await table.transact(
        key,
        some.map(({ rowKey }): Step => ({ kind: 'delete', rowKey })),
      );
      if (all !== undefined) deleted += some.length;
      // Another run deleted one of them, so each is deleted on its own.
      else for (const { rowKey } of some) if (await table.delete(key, rowKey)) deleted += 1;
    }
  }
  return deleted;
}

/**
 * Deletes resolved findings of one cluster like a scan writes them: under the ETag of the cluster's own row, so that a finding that is
 * reopened in the meantime stays, and together with every copy. A cluster that is being written is left to the next run. The copy in the
 * table of clusters is written first: a crash between the two removes old findings from lists, and the next run deletes them.
 */
async function deleteResolved(tables: FindingTables, key: string, before: string, limit: number): Promise<number> {
  const { findings: table } = tables;
  let deleted = 0;
  while (deleted < limit) {
    const [own, held] = await Promise.all([table.get(key, CLUSTER_ROW), heldOf(table, key)]);
    const old = held.findings.filter((finding) => isOld(finding, before)).slice(0, Math.min(AT_ONCE, limit - deleted));
    if (old.length === 0 || own === undefined || own.etag !== held.version) return deleted;
    const row = decodeClusterRow(own);
    const sequence = row.sequence + 1;
    const gone = new Set(old);
    const left = held.findings.filter((finding) => !gone.has(finding));
    if (row.summary !== undefined) await copyCluster(tables, row.summary, left, sequence);
    const done = await table.transact(key, [
      { kind: 'update', row: encodeClusterRow(key, { ...row, sequence }), etag: own.etag },
      { kind: 'put', row: packedRow(key, sequence, left) },
      ...old.map(({ id }): Step => ({ kind: 'delete', rowKey: id })),
    ]);
    if (done === undefined) {
      await copyAgain(tables, key);
      return deleted;
    }
    deleted += old.length;
  }
  return deleted;
}

/** Restores the copy from the cluster's own rows, if the transaction that it was written for did not happen. */
async function copyAgain(tables: FindingTables, key: string): Promise<void> {
  const [own, { findings, version }] = await Promise.all([tables.findings.get(key, CLUSTER_ROW), heldOf(tables.findings, key)]);
  const { summary, sequence } = decodeClusterRow(own);
  // Another writer is active and writes the copy itself.
  if (summary === undefined || own?.etag !== version) return;
  await copyCluster(tables, summary, findings, sequence);
}

function isOld({ status, resolvedAt }: Finding, before: string): boolean {
  return status === 'resolved' && resolvedAt !== undefined && resolvedAt < before;
}
