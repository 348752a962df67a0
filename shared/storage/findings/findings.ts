import type { HistoryEntry } from '../../domain/findings/finding.ts';
import type { ClusterSummary } from '../../domain/findings/summary.ts';
import { DAY_MS } from '../../domain/snapshot/day.ts';
import { Fault } from '../../domain/snapshot/fault.ts';
import { clusterKey } from '../../domain/snapshot/resource-id.ts';
import type { FindingStore, Page, TimeRange } from '../../ports/finding-store.ts';
import { decodeRow, type HeldRow } from '../row.ts';
import { FindingShape, HistoryShape } from '../shapes.ts';
import { firstRows, historyLines, inPartition, type Table } from '../table.ts';
import { type ClusterMirror, clusterMirror } from './cluster-mirror.ts';
import { decodeClusterRow } from './cluster-row.ts';
import { CLUSTER_ROW, FINDING_ID, historyPrefix, newestFirst, partitionOf } from './finding-rows.ts';
import type { FindingTables } from './finding-tables.ts';
import { heldOf } from './held-findings.ts';
import { listFindings } from './list-findings.ts';
import { pruneFindings } from './prune-findings.ts';
import { writeFindings } from './write-findings.ts';

/** Stores findings in Table Storage; docs/storage.md describes the layout and the cost of each query. */
export function findingStore(tables: FindingTables, clock: () => Date): FindingStore {
  const mirror = clusterMirror(tables.clusters, clock);
  return {
    ofCluster: (clusterId) => heldOf(tables.findings, clusterKey(clusterId)),
    write: (change) => writeFindings(tables, change),
    list: (filter, top, after) => listFindings(tables, mirror, filter, top, after),
    get: async (id) => {
      const row = FINDING_ID.test(id) ? await tables.findings.get(partitionOf(id), id) : undefined;
      return row === undefined ? undefined : decodeRow('findings', row, FindingShape);
    },
    history: (findingId, top, after) => history(tables.findings, findingId, top, after),
    changes: (between, top, after) => changes(tables.changes, clock(), between, top, after),
    clusterHistory: async (clusterId, of) => {
      const rows = await tables.findings.all(historyLines(clusterKey(clusterId), of));
      return rows.map((row) => decodeRow('findings', row, HistoryShape)).toSorted((a, b) => (a.at > b.at ? -1 : 1));
    },
    clusters: (top, after) => clusters(mirror, top, after),
    cluster: async (clusterId) => decodeClusterRow(await tables.findings.get(clusterKey(clusterId), CLUSTER_ROW)).summary,
    prune: (historyBefore, resolvedBefore, limit) => pruneFindings(tables, historyBefore, resolvedBefore, limit),
  };
}

async function history(table: Table, findingId: string, top: number, after: string | undefined): Promise<Page<HistoryEntry>> {
  if (!FINDING_ID.test(findingId)) return { value: [] };
  const prefix = historyPrefix(findingId);
  const page = await table.page(inPartition(partitionOf(findingId), prefix, `${prefix}~`), top, after);
  return decoded(page, (row) => decodeRow('findings', row, HistoryShape));
}

async function clusters(mirror: ClusterMirror, top: number, after: string | undefined): Promise<Page<ClusterSummary>> {
  const all = await mirror.read();
  const left = after === undefined ? all : all.filter(({ key }) => key > after);
  const page = left.slice(0, top);
  const value = page.map(({ summary }) => summary);
  const last = page.at(-1)?.key;
  return left.length > page.length && last !== undefined ? { value, next: last } : { value };
}

/** A cursor of the changes: a day, and the key of a row of it. */
const CHANGES_CURSOR = /^(\d{4}-\d{2}-\d{2})\|(\d{13}-[0-9a-f]{16})$/;

/** Reads the days from the newest to the oldest. Row keys are in order of time, newest first, on all days. */
async function changes(table: Table, now: Date, range: TimeRange, top: number, after: string | undefined): Promise<Page<HistoryEntry>> {
  const [, cursorDay, cursorRow] = CHANGES_CURSOR.exec(after ?? '') ?? [];
  if (after !== undefined && cursorRow === undefined) throw new Fault('malformed', 'Not a cursor of this list.');
  const { since, until = new Date(now.getTime() + DAY_MS).toISOString() } = range;
  const from = cursorRow === undefined ? newestFirst(until) : `${cursorRow}!`;
  const found: { readonly key: string; readonly entry: HistoryEntry }[] = [];
  for (const day of daysBack(cursorDay ?? until, since.slice(0, 10))) {
    const filter = inPartition(day, from, `${newestFirst(since)}~`);
    for (const row of await firstRows(table, filter, top + 1 - found.length))
      found.push({ key: `${day}|${row.rowKey}`, entry: decodeRow(table.name, row, HistoryShape) });
    if (found.length > top) break;
  }
  const page = found.slice(0, top);
  const value = page.map(({ entry }) => entry);
  const last = page.at(-1);
  return found.length > top && last !== undefined ? { value, next: last.key } : { value };
}

function daysBack(newest: string, oldest: string): readonly string[] {
  const days: string[] = [];
  for (let at = Date.parse(newest); at >= Date.parse(oldest); at -= DAY_MS) days.push(new Date(at).toISOString().slice(0, 10));
  return days;
}

function decoded<T>(page: Page<HeldRow>, decode: (row: HeldRow) => T): Page<T> {
  const value = page.value.map(decode);
  return page.next === undefined ? { value } : { value, next: page.next };
}
