import { createHash } from 'node:crypto';
import type { Finding, HistoryEntry } from '../../domain/findings/finding.ts';
import { encodeRow, type Row } from '../row.ts';

/** Row key of the cluster's summary, rewritten by every write; sorts before every finding. */
export const CLUSTER_ROW = '!cluster';
/** Row keys of findings are after this key: their ids are hexadecimal digits. */
export const FINDINGS_FROM = '0';
export const FINDINGS_TO = 'h';

/** The format of a finding's id. */
export const FINDING_ID = /^[0-9a-f]{16}-[0-9a-f]{32}$/;

const LATEST_MS = 9_999_999_999_999;
/** Returns the part of a finding's id that is the partition of its cluster. */
export function partitionOf(findingId: string): string {
  return findingId.slice(0, 16);
}

/** Returns digits that sort the newest time first. */
export function newestFirst(at: string): string {
  return String(LATEST_MS - Date.parse(at)).padStart(13, '0');
}

/** Encodes a finding; `expiresAt` lets pruning find it. */
export function findingRow(finding: Finding): Row {
  return encodeRow(partitionOf(finding.id), finding.id, finding, {
    expiresAt: finding.status === 'resolved' ? `r${finding.resolvedAt}` : '',
  });
}

/** Encodes a history entry as a row of its cluster's partition, so that it is written in the same transaction as its change. */
export function historyRow(entry: HistoryEntry): Row {
  const rowKey = `${historyPrefix(entry.findingId)}${newestFirst(entry.at)}-${entry.kind}`;
  return encodeRow(partitionOf(entry.findingId), rowKey, entry, { expiresAt: `h${entry.at}`, cause: entry.cause });
}

/** Returns the row key prefix of a finding's history. */
export function historyPrefix(findingId: string): string {
  return `h-${findingId.slice(17)}-`;
}

/** Encodes a history entry as a row of the estate's changes: one partition per day, newest first. */
export function changeRow(entry: HistoryEntry): Row {
  const key = createHash('sha256').update(`${entry.findingId}\n${entry.kind}`).digest('hex').slice(0, 16);
  return encodeRow(entry.at.slice(0, 10), `${newestFirst(entry.at)}-${key}`, entry);
}
