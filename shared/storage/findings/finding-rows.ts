import { createHash } from 'node:crypto';
import type { Finding, HistoryEntry } from '../../domain/findings/finding.ts';
import { encodeRow, type Row } from '../row.ts';

/** The row of a cluster's partition that holds its summary and is rewritten by every write; sorts before every finding. */
export const CLUSTER_ROW = '!cluster';
/** Findings lie between these keys: their ids are hexadecimal digits. */
export const FINDINGS_FROM = '0';
export const FINDINGS_TO = 'h';

/** How a finding's id looks. */
export const FINDING_ID = /^[0-9a-f]{16}-[0-9a-f]{32}$/;

const LATEST_MS = 9_999_999_999_999;
/** The part of a finding's id that names its cluster's partition. */
export function partitionOf(findingId: string): string {
  return findingId.slice(0, 16);
}

/** Digits that sort the newest first. */
export function newestFirst(at: string): string {
  return String(LATEST_MS - Date.parse(at)).padStart(13, '0');
}

/** A finding as a row; `expiresAt` lets pruning find it. */
export function findingRow(finding: Finding): Row {
  return encodeRow(partitionOf(finding.id), finding.id, finding, {
    expiresAt: finding.status === 'resolved' ? `r${finding.resolvedAt}` : '',
  });
}

/** A line of history as a row of its cluster's partition, so that it is written with the change that it tells of, or not at all. */
export function historyRow(entry: HistoryEntry): Row {
  const rowKey = `${historyPrefix(entry.findingId)}${newestFirst(entry.at)}-${entry.kind}`;
  return encodeRow(partitionOf(entry.findingId), rowKey, entry, { expiresAt: `h${entry.at}`, cause: entry.cause });
}

/** Where the history of a finding begins. */
export function historyPrefix(findingId: string): string {
  return `h-${findingId.slice(17)}-`;
}

/** A line of history as a row of the estate's changes: one partition a day, newest first. */
export function changeRow(entry: HistoryEntry): Row {
  const key = createHash('sha256').update(`${entry.findingId}\n${entry.kind}`).digest('hex').slice(0, 16);
  return encodeRow(entry.at.slice(0, 10), `${newestFirst(entry.at)}-${key}`, entry);
}
