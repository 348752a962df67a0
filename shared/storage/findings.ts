import { z } from 'zod';
import { Fault } from '../domain/fault.ts';
import type { Finding, HistoryEntry } from '../domain/finding.ts';
import { clusterKey } from '../domain/resource-id.ts';
import type { ClusterSummary } from '../domain/summary.ts';
import { mayHold, passes } from '../ports/finding-filter.ts';
import type { ClusterWrite, FindingFilter, FindingStore, HeldCluster, Page } from '../ports/finding-store.ts';
import { clusterColumns, openColumns } from './cluster-columns.ts';
import { CLUSTER_ROW, changeRow, FINDINGS_FROM, FINDINGS_TO, findingRow, historyPrefix, historyRow, partitionOf } from './finding-rows.ts';
import { decodeRow, encodeRow, type HeldRow } from './row.ts';
import { FindingShape, HistoryShape, SummaryShape } from './shapes.ts';
import { amongInPartition, batches, columnBetween, firstRows, inPartition, type Step, type Table, withAnyAboveZero } from './table.ts';

/** The tables that findings live in. */
export interface FindingTables {
  readonly findings: Table;
  /** Copies of the summaries in one partition, to walk the estate. */
  readonly clusters: Table;
  /** Copies of the history by day, for what changed in the estate. */
  readonly changes: Table;
}

/** The value of a cluster's own row: the truth of which the other tables hold copies. */
interface ClusterRow {
  readonly summary?: ClusterSummary;
  /** History of the newest write, copied to the changes after it; copied again before the next, should a crash have come between. */
  readonly outbox: readonly HistoryEntry[];
}

const ClusterRowShape = z.object({ summary: SummaryShape.exactOptional(), outbox: z.array(HistoryShape) });

const CLUSTERS = 'clusters';
/** Partitions read at once for a list. */
const AT_ONCE = 8;
const SUMMARIES = 200;
/** A list that meets few findings gives a short page rather than read the estate from end to end. */
const MAX_PARTITIONS = 400;
/** Clusters that one query may name; the service takes 15 comparisons, and three are of the keys. */
const MAX_NAMED = 12;
/** What a cluster may be called; nothing else is worth a query. */
const CLUSTER_NAME = /^[\w-]{1,63}$/;
const MAX_OUTBOX = 200;
const FINDING_ID = /^[0-9a-f]{16}-[0-9a-f]{32}$/;

/** Findings in Table Storage; the layout and the cost of each query are told in docs/storage.md. */
export function findingStore(tables: FindingTables, clock: () => Date): FindingStore {
  return {
    ofCluster: (clusterId) => ofCluster(tables, clusterKey(clusterId)),
    write: (change) => write(tables, change),
    list: (filter, top, after) => list(tables, filter, top, after),
    get: async (id) => {
      const row = FINDING_ID.test(id) ? await tables.findings.get(partitionOf(id), id) : undefined;
      return row === undefined ? undefined : decodeRow('findings', row, FindingShape);
    },
    history: async (findingId, top, after) => {
      if (!FINDING_ID.test(findingId)) return { value: [] };
      const prefix = historyPrefix(findingId);
      const page = await tables.findings.page(inPartition(partitionOf(findingId), prefix, `${prefix}~`), top, after);
      return decoded(page, (row) => decodeRow('findings', row, HistoryShape));
    },
    changes: (since, top, after) => changes(tables, clock(), since, top, after),
    clusters: async (top, after) => {
      const page = await tables.clusters.page(inPartition(CLUSTERS, after), top + 1);
      const rows = page.value.filter(({ rowKey }) => after === undefined || rowKey > after).slice(0, top);
      const value = rows.map((row) => decodeRow('clusters', row, SummaryShape));
      const last = rows.at(-1)?.rowKey;
      const isMore = page.next !== undefined || page.value.length > rows.length + (after === undefined ? 0 : 1);
      return isMore && last !== undefined ? { value, next: last } : { value };
    },
    cluster: async (clusterId) => {
      const row = await tables.findings.get(clusterKey(clusterId), CLUSTER_ROW);
      return row === undefined ? undefined : decodeRow('findings', row, ClusterRowShape).summary;
    },
    prune: (historyBefore, resolvedBefore, limit) => prune(tables, historyBefore, resolvedBefore, limit),
  };
}

async function ofCluster({ findings: table }: FindingTables, key: string): Promise<HeldCluster> {
  const rows = await table.all(inPartition(key, FINDINGS_FROM, FINDINGS_TO));
  const own = rows.find(({ rowKey }) => rowKey === CLUSTER_ROW);
  const findings = rows.flatMap((row) => (row === own ? [] : [decodeRow(table.name, row, FindingShape)]));
  const summary = own === undefined ? undefined : decodeRow(table.name, own, ClusterRowShape).summary;
  return { findings, summary, version: own?.etag };
}

/**
 * Writes a scan in as many transactions as it takes. Each rewrites the cluster's own row under its
 * ETag, so that of two writers one always learns of the other; the summary changes with the last one,
 * so that it never tells of findings that are not there. After a crash the next write finishes the copies.
 */
async function write(
  tables: FindingTables,
  { clusterId, findings, history, summary, basedOn }: ClusterWrite,
): Promise<'written' | 'conflict'> {
  const key = clusterKey(clusterId);
  const held = await tables.findings.get(key, CLUSTER_ROW);
  if (held?.etag !== basedOn) return 'conflict';
  const before: ClusterRow = held === undefined ? { outbox: [] } : decodeRow('findings', held, ClusterRowShape);
  await copy(tables, before);
  const { steps, entryOf } = stepsOf(findings, history);
  const parts = batches(steps, 1);
  const sent: HistoryEntry[] = [];
  const last: ClusterRow = { summary, outbox: history.slice(0, MAX_OUTBOX) };
  let version = basedOn;
  for (const part of parts.length === 0 ? [[]] : parts) {
    const isLast = part === parts.at(-1) || parts.length === 0;
    sent.push(...part.flatMap((step) => entryOf.get(step) ?? []));
    const row = encodeRow(key, CLUSTER_ROW, isLast ? last : { ...before, outbox: sent.slice(0, MAX_OUTBOX) });
    const own: Step = version === undefined ? { kind: 'create', row } : { kind: 'update', row, etag: version };
    version = (await tables.findings.transact(key, [own, ...part]))?.get(CLUSTER_ROW);
    if (version === undefined) return 'conflict';
  }
  await copy(tables, last);
  return 'written';
}

/**
 * The rows of a scan, the history of each finding before the finding itself: after a crash between two
 * transactions the next scan takes a finding that was written for one seen again, and tells no history of it.
 */
function stepsOf(findings: readonly Finding[], history: readonly HistoryEntry[]) {
  const entryOf = new Map<Step, HistoryEntry>();
  const line = (entry: HistoryEntry): Step => {
    const step: Step = { kind: 'put', row: historyRow(entry) };
    entryOf.set(step, entry);
    return step;
  };
  const mentioned = new Set(findings.map(({ id }) => id));
  const linesOf = Map.groupBy(history, ({ findingId }) => findingId);
  const steps = [
    ...history.filter(({ findingId }) => !mentioned.has(findingId)).map(line),
    ...findings.flatMap((finding): readonly Step[] => [
      ...(linesOf.get(finding.id) ?? []).map(line),
      { kind: 'put', row: findingRow(finding) },
    ]),
  ];
  return { steps, entryOf };
}

/** Brings the copies up to a cluster's own row; twice is harmless, and an older summary never replaces a newer one. */
async function copy({ clusters, changes: changed }: FindingTables, { summary, outbox }: ClusterRow): Promise<void> {
  for (const entry of outbox) await changed.put(changeRow(entry));
  if (summary === undefined) return;
  const row = encodeRow(CLUSTERS, clusterKey(summary.cluster.id), summary, clusterColumns(summary));
  for (;;) {
    const held = await clusters.get(CLUSTERS, row.rowKey);
    if (held === undefined) {
      if (await clusters.create(row)) return;
    } else {
      if (decodeRow('clusters', held, SummaryShape).observedAt > summary.observedAt) return;
      if ((await clusters.update(row, held.etag)) !== undefined) return;
    }
  }
}

/** Walks the summaries from the cursor on, and reads only partitions that may hold what is asked for. */
async function list(tables: FindingTables, filter: FindingFilter, top: number, after: string | undefined): Promise<Page<Finding>> {
  const start = readCursor(after);
  const found: Finding[] = [];
  let read = 0;
  let from = start === undefined ? undefined : partitionOf(start);
  let isNamed = filter.cluster !== undefined && filter.cluster.length <= MAX_NAMED;
  for (;;) {
    const page = isNamed ? await namedClusters(tables, filter.cluster ?? [], from) : await clustersWithOpen(tables.clusters, filter, from);
    if (isNamed && page.value.length === 0) {
      // Nothing has such a name, or an older app wrote the rows, without the column: look at them all.
      isNamed = false;
      continue;
    }
    const candidates = page.value.filter((row) => mayHold(decodeRow('clusters', row, SummaryShape), filter)).map(({ rowKey }) => rowKey);
    for (let at = 0; at < candidates.length; at += AT_ONCE) {
      const keys = candidates.slice(at, at + AT_ONCE);
      const partitions = await Promise.all(keys.map((key) => findingsAfter(tables.findings, key, start)));
      read += keys.length;
      found.push(...partitions.flat().filter((finding) => passes(finding, filter)));
      if (found.length > top) return pageOf(found, top);
      const lastKey = keys.at(-1);
      if (read >= MAX_PARTITIONS && lastKey !== undefined) return { value: found, next: `${lastKey}-${'f'.repeat(32)}` };
    }
    const lastRow = page.value.at(-1)?.rowKey;
    if (page.next === undefined || lastRow === undefined) return pageOf(found, top);
    from = `${lastRow}!`;
  }
}

/** The next rows of clusters whose columns do not rule out what is asked for; the service may give empty pages on the way. */
async function clustersWithOpen(table: Table, filter: FindingFilter, from: string | undefined): Promise<Page<HeldRow>> {
  const query = withAnyAboveZero(inPartition(CLUSTERS, from), openColumns(filter));
  let page = await table.page(query, SUMMARIES);
  while (page.value.length === 0 && page.next !== undefined) page = await table.page(query, SUMMARIES, page.next);
  return page;
}

/** The rows of clusters that a filter names, by name or ARM id: one query, however large the estate. */
async function namedClusters(tables: FindingTables, asked: readonly string[], from: string | undefined): Promise<Page<HeldRow>> {
  const ids = asked.filter((one) => one.includes('/'));
  const names = asked.filter((one) => CLUSTER_NAME.test(one)).map((one) => one.toLowerCase());
  if (ids.length + names.length === 0) return { value: [] };
  return { value: await tables.clusters.all(amongInPartition(CLUSTERS, ids.map(clusterKey), names, from)) };
}

async function findingsAfter(table: Table, key: string, start: string | undefined): Promise<readonly Finding[]> {
  const from = start !== undefined && partitionOf(start) === key ? `${start}!` : '0';
  return (await table.all(inPartition(key, from, FINDINGS_TO))).map((row) => decodeRow(table.name, row, FindingShape));
}

function pageOf(found: readonly Finding[], top: number): Page<Finding> {
  const value = found.slice(0, top);
  const last = value.at(-1);
  return found.length > top && last !== undefined ? { value, next: last.id } : { value };
}

function readCursor(after: string | undefined): string | undefined {
  if (after === undefined || FINDING_ID.test(after)) return after;
  throw new Fault('malformed', 'Not a cursor of this list.');
}

/** Walks the days from the newest to the day of `since`. */
async function changes(
  { changes: table }: FindingTables,
  now: Date,
  since: string,
  top: number,
  after: string | undefined,
): Promise<Page<HistoryEntry>> {
  const [cursorDay, cursorRow] = after?.split('|') ?? [];
  if (after !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(cursorDay ?? '')) throw new Fault('malformed', 'Not a cursor of this list.');
  const found: { readonly key: string; readonly entry: HistoryEntry }[] = [];
  for (const day of daysBack(cursorDay ?? new Date(now.getTime() + DAY_MS).toISOString().slice(0, 10), since.slice(0, 10))) {
    const from = day === cursorDay && cursorRow !== undefined ? `${cursorRow}!` : undefined;
    for (const row of await firstRows(table, inPartition(day, from), top + 1 - found.length))
      found.push({ key: `${day}|${row.rowKey}`, entry: decodeRow(table.name, row, HistoryShape) });
    if (found.length > top) break;
  }
  const recent = found.filter(({ entry }) => entry.at >= since);
  const value = recent.slice(0, top);
  const last = value.at(-1);
  const entries = value.map(({ entry }) => entry);
  return recent.length > top && last !== undefined ? { value: entries, next: last.key } : { value: entries };
}

const DAY_MS = 86_400_000;

function daysBack(newest: string, oldest: string): readonly string[] {
  const days: string[] = [];
  for (let at = Date.parse(newest); at >= Date.parse(oldest); at -= DAY_MS) days.push(new Date(at).toISOString().slice(0, 10));
  return days;
}

/** A finding is deleted under its ETag: one that was reopened meanwhile stays. */
async function prune(
  { findings, changes: changed }: FindingTables,
  historyBefore: string,
  resolvedBefore: string,
  limit: number,
): Promise<number> {
  let deleted = 0;
  const before = { h: historyBefore, r: resolvedBefore };
  for (const kind of ['h', 'r'] as const) {
    if (deleted >= limit) return deleted;
    const old = await firstRows(findings, columnBetween('expiresAt', kind, `${kind}${before[kind]}`), limit - deleted);
    for (const row of old) if (await findings.delete(row.partitionKey, row.rowKey, row.etag)) deleted += 1;
  }
  if (deleted >= limit) return deleted;
  const old = await firstRows(changed, columnBetween('PartitionKey', '', historyBefore.slice(0, 10)), limit - deleted);
  for (const row of old) if (await changed.delete(row.partitionKey, row.rowKey)) deleted += 1;
  return deleted;
}

function decoded<T>(page: Page<HeldRow>, decode: (row: HeldRow) => T): Page<T> {
  const value = page.value.map(decode);
  return page.next === undefined ? { value } : { value, next: page.next };
}
