import { countChanges } from '../../domain/findings/cause-counts.ts';
import type { Finding, HistoryEntry } from '../../domain/findings/finding.ts';
import { fitted, fittedLine } from '../../domain/findings/finding-size.ts';
import type { ClusterSummary } from '../../domain/findings/summary.ts';
import { given } from '../../domain/snapshot/given.ts';
import { clusterKey } from '../../domain/snapshot/resource-id.ts';
import type { ClusterWrite } from '../../ports/finding-store.ts';
import { encodeRow, type HeldRow } from '../row.ts';
import { batchesOfGroups, type Step } from '../table.ts';
import { type ClusterRow, decodeClusterRow, encodeClusterRow } from './cluster-row.ts';
import { CLUSTER_ROW, changeRow, findingRow, historyRow } from './finding-rows.ts';
import type { FindingTables } from './finding-tables.ts';
import { CLUSTERS } from './finding-tables.ts';
import { findingColumns, packedRow } from './packed-findings.ts';

/** Rows of each transaction that are not findings: the cluster's own row and the packed findings. */
const OWN_ROWS = 2;

/**
 * Writes a scan in as many transactions as necessary. Each rewrites the cluster's own row under its ETag, so that concurrent writers
 * conflict. The summary and the packed findings change with the last transaction, so that they never contain findings that do not exist.
 * After a crash the next write completes the copies.
 */
export async function writeFindings(tables: FindingTables, change: ClusterWrite): Promise<'written' | 'conflict'> {
  const { basedOn, summary } = change;
  const key = clusterKey(change.clusterId);
  const held = await tables.findings.get(key, CLUSTER_ROW);
  if (held?.etag !== basedOn.version) return 'conflict';
  const before = decodeClusterRow(held);
  await copyChanges(tables, before.outbox);
  if (before.summary !== undefined) await copyCluster(tables, before.summary, basedOn.findings, before.sequence);

  const findings = change.findings.map(fitted);
  const parts = partsOf(findings, change.history.map(fittedLine));
  let version = basedOn.version;
  let row = before;
  for (const [at, { steps, lines }] of parts.entries()) {
    const isLast = at === parts.length - 1;
    row = nextRow(row, summary, lines, isLast);
    const packed = packedRow(key, row.sequence, isLast ? merged(basedOn.findings, findings) : undefined);
    const own = ownStep(key, row, version);
    version = (await tables.findings.transact(key, [own, { kind: 'put', row: packed }, ...steps]))?.get(CLUSTER_ROW);
    if (version === undefined) return 'conflict';
    await copyChanges(tables, lines);
  }
  await copyCluster(tables, summary, merged(basedOn.findings, findings), row.sequence);
  return 'written';
}

function nextRow(before: ClusterRow, summary: ClusterSummary, lines: readonly HistoryEntry[], isLast: boolean): ClusterRow {
  const { observedAt, cause } = summary;
  return {
    ...given({ summary: isLast ? summary : before.summary }),
    outbox: lines,
    observedAt,
    changedBy: countChanges(before.changedBy, cause, lines.length),
    sequence: before.sequence + 1,
  };
}

function ownStep(key: string, value: ClusterRow, version: string | undefined): Step {
  const row = encodeClusterRow(key, value);
  return version === undefined ? { kind: 'create', row } : { kind: 'update', row, etag: version };
}

function merged(held: readonly Finding[], written: readonly Finding[]): readonly Finding[] {
  const byId = new Map(held.map((finding) => [finding.id, finding]));
  for (const finding of written) byId.set(finding.id, finding);
  return [...byId.values()];
}

/** One transaction of a scan. */
interface Part {
  readonly steps: readonly Step[];
  /** The history entries among its steps. */
  readonly lines: readonly HistoryEntry[];
}

/**
 * Groups the rows of a scan into transactions, each finding together with its history. A writer that crashes or conflicts between two
 * transactions leaves no finding without its history, and no history entry for a change that was not written.
 */
function partsOf(findings: readonly Finding[], history: readonly HistoryEntry[]): readonly Part[] {
  const entryOf = new Map<Step, HistoryEntry>();
  const line = (entry: HistoryEntry): Step => {
    const step: Step = { kind: 'put', row: historyRow(entry) };
    entryOf.set(step, entry);
    return step;
  };
  const mentioned = new Set(findings.map(({ id }) => id));
  const linesOf = Map.groupBy(history, ({ findingId }) => findingId);
  const groups = [
    ...history.filter(({ findingId }) => !mentioned.has(findingId)).map((entry) => [line(entry)]),
    ...findings.map((finding): readonly Step[] => [
      ...(linesOf.get(finding.id) ?? []).map(line),
      { kind: 'put', row: findingRow(finding) },
    ]),
  ];
  const parts = batchesOfGroups(groups, OWN_ROWS).map((steps) => ({ steps, lines: steps.flatMap((step) => entryOf.get(step) ?? []) }));
  return parts.length === 0 ? [{ steps: [], lines: [] }] : parts;
}

/** Copies the history entries of one transaction to the estate's changes, which so fit into one request per day; safe to run twice. */
async function copyChanges({ changes }: FindingTables, lines: readonly HistoryEntry[]): Promise<void> {
  const byDay = Map.groupBy(lines.map(changeRow), ({ partitionKey }) => partitionKey);
  for (const [day, rows] of byDay) {
    const [only] = rows;
    if (rows.length === 1 && only !== undefined) await changes.put(only);
    else await changes.putAll(day, rows);
  }
}

/**
 * Updates the copy of a cluster, its summary and findings, to one of its transactions. Safe to run twice; an older transaction never
 * replaces a newer one.
 */
export async function copyCluster(
  { clusters }: Pick<FindingTables, 'clusters'>,
  summary: ClusterSummary,
  findings: readonly Finding[],
  sequence: number,
): Promise<void> {
  const row = encodeRow(CLUSTERS, clusterKey(summary.cluster.id), summary, { ...findingColumns(findings), sequence });
  for (;;) {
    const held = await clusters.get(CLUSTERS, row.rowKey);
    if (held === undefined) {
      if (await clusters.create(row)) return;
    } else {
      if (copiedSequence(held) > sequence) return;
      if ((await clusters.update(row, held.etag)) !== undefined) return;
    }
  }
}

/** Returns the number of the transaction in a copy; copies of version 0.1.0 have none. */
function copiedSequence({ sequence }: HeldRow): number {
  return typeof sequence === 'number' ? sequence : 0;
}
