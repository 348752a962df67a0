import type { Finding } from '../../domain/findings/finding.ts';
import { Fault } from '../../domain/snapshot/fault.ts';
import { clusterKey } from '../../domain/snapshot/resource-id.ts';
import { mayHold, passes } from '../../ports/finding-filter.ts';
import type { FindingFilter, Page } from '../../ports/finding-store.ts';
import { decodeRow, type HeldRow } from '../row.ts';
import { SummaryShape } from '../shapes.ts';
import { amongInPartition, inPartition, type Table, withAnyAboveZero } from '../table.ts';
import { openColumns } from './cluster-columns.ts';
import { FINDING_ID, partitionOf } from './finding-rows.ts';
import { CLUSTERS, type FindingTables } from './finding-tables.ts';
import { findingsAfter } from './held-findings.ts';

/** Clusters read at once for a list, at first and at most. */
const FIRST_CLUSTERS = 8;
const MAX_AT_ONCE = 16;
/** Summaries read at first: a page of findings rarely takes more clusters. */
const FIRST_SUMMARIES = 32;
const SUMMARIES = 200;
/** A list that meets few findings gives a short page rather than read the estate from end to end. */
const MAX_CLUSTERS = 400;
/** Clusters that one query may name; the service takes 15 comparisons, and three are of the keys. */
const MAX_NAMED = 12;
/** What a cluster may be called; nothing else is worth a query. */
const CLUSTER_NAME = /^[\w-]{1,63}$/;

/** Walks the summaries from the cursor on, and reads only the clusters that may hold what is asked for. */
export async function listFindings(
  tables: FindingTables,
  filter: FindingFilter,
  top: number,
  after: string | undefined,
): Promise<Page<Finding>> {
  const start = readCursor(after);
  const found: Finding[] = [];
  let read = 0;
  const atOnce = () => clustersNeeded(top + 1 - found.length, found.length, read);
  for await (const keys of candidates(tables, filter, start, atOnce)) {
    const clusters = await Promise.all(keys.map((key) => findingsAfter(tables.findings, key, startIn(key, start))));
    found.push(...clusters.flat().filter((finding) => passes(finding, filter)));
    read += keys.length;
    if (found.length > top) break;
    const lastKey = keys.at(-1);
    if (read >= MAX_CLUSTERS && lastKey !== undefined) return { value: found, next: `${lastKey}-${'f'.repeat(32)}` };
  }
  return pageOf(found, top);
}

/** How many clusters it takes to fill the page, going by those that were read. */
function clustersNeeded(missing: number, found: number, read: number): number {
  if (read === 0) return FIRST_CLUSTERS;
  return found === 0 ? MAX_AT_ONCE : Math.min(MAX_AT_ONCE, Math.ceil((missing * read) / found));
}

/** Keys of the clusters that may hold what is asked for, some at a time, in order. */
async function* candidates(
  tables: FindingTables,
  filter: FindingFilter,
  start: string | undefined,
  atOnce: () => number,
): AsyncGenerator<readonly string[], void, undefined> {
  const first = start === undefined ? undefined : partitionOf(start);
  for await (const rows of summaryRows(tables.clusters, filter, first)) {
    let keys = rows.filter((row) => mayHold(decodeRow('clusters', row, SummaryShape), filter)).map(({ rowKey }) => rowKey);
    while (keys.length > 0) {
      const size = atOnce();
      yield keys.slice(0, size);
      keys = keys.slice(size);
    }
  }
}

async function* summaryRows(
  table: Table,
  filter: FindingFilter,
  first: string | undefined,
): AsyncGenerator<readonly HeldRow[], void, undefined> {
  const named = await namedClusters(table, filter.cluster, first);
  if (named.length > 0) {
    yield named;
    return;
  }
  // Nothing is named, nothing has such a name, or an older app wrote the rows, without the column: look at them all.
  let from = first;
  let size = FIRST_SUMMARIES;
  for (;;) {
    const page = await clustersWithOpen(table, filter, from, size);
    yield page.value;
    const lastRow = page.value.at(-1)?.rowKey;
    if (page.next === undefined || lastRow === undefined) return;
    from = `${lastRow}!`;
    size = SUMMARIES;
  }
}

/** The next rows of clusters whose columns do not rule out what is asked for; the service may give empty pages on the way. */
async function clustersWithOpen(table: Table, filter: FindingFilter, from: string | undefined, size: number): Promise<Page<HeldRow>> {
  const query = withAnyAboveZero(inPartition(CLUSTERS, from), openColumns(filter));
  let page = await table.page(query, size);
  while (page.value.length === 0 && page.next !== undefined) page = await table.page(query, size, page.next);
  return page;
}

/** The rows of clusters that a filter names, by name or ARM id: one query, however large the estate. */
async function namedClusters(table: Table, asked: readonly string[] = [], from: string | undefined): Promise<readonly HeldRow[]> {
  const ids = asked.filter((one) => one.includes('/'));
  const names = asked.filter((one) => CLUSTER_NAME.test(one)).map((one) => one.toLowerCase());
  if (asked.length > MAX_NAMED || ids.length + names.length === 0) return [];
  return table.all(amongInPartition(CLUSTERS, ids.map(clusterKey), names, from));
}

function startIn(key: string, start: string | undefined): string | undefined {
  return start !== undefined && partitionOf(start) === key ? start : undefined;
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
