import { createHash } from 'node:crypto';
import type { Finding, HistoryEntry } from '../domain/finding.ts';
import { encodeRow, type Row } from './row.ts';

/** The row of a cluster's partition that holds its summary and is rewritten by every write; sorts before every finding. */
export const CLUSTER_ROW = '!cluster';
/** Findings lie between these keys: their ids are hexadecimal digits. */
export const FINDINGS_FROM = '!';
export const FINDINGS_TO = 'h';

const LATEST_MS = 9_999_999_999_999;
/** A finding's JSON is cut down to this: the evidence of ten thousand pods is not more telling than that of a hundred. */
const MAX_FINDING_UNITS = 60_000;
const MAX_LIST = 100;
const MAX_TEXT = 2_000;

/** The part of a finding's id that names its cluster's partition. */
export function partitionOf(findingId: string): string {
  return findingId.slice(0, 16);
}

/** Digits that sort the newest first. */
export function newestFirst(at: string): string {
  return String(LATEST_MS - Date.parse(at)).padStart(13, '0');
}

/** A finding as a row; evidence that is too large is cut, and says so. `expiresAt` lets pruning find it. */
export function findingRow(finding: Finding): Row {
  const cut = JSON.stringify(finding).length > MAX_FINDING_UNITS ? shorten(finding) : finding;
  return encodeRow(partitionOf(finding.id), finding.id, cut, { expiresAt: finding.status === 'resolved' ? `r${finding.resolvedAt}` : '' });
}

/** A line of history as a row of its cluster's partition, so that it is written with the change that it tells of, or not at all. */
export function historyRow(entry: HistoryEntry): Row {
  return encodeRow(partitionOf(entry.findingId), `${historyPrefix(entry.findingId)}${newestFirst(entry.at)}-${entry.kind}`, entry, {
    expiresAt: `h${entry.at}`,
  });
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

function shorten(finding: Finding): Finding {
  const text = (value: string) => (value.length <= MAX_TEXT ? value : `${value.slice(0, MAX_TEXT)} … (cut)`);
  const facts = Object.entries(finding.facts)
    .slice(0, MAX_LIST)
    .map(([name, value]) => {
      if (typeof value === 'string') return [name, text(value)];
      if (typeof value !== 'object') return [name, value];
      const cut = value.length > MAX_LIST ? [`… (cut: ${value.length - MAX_LIST} more)`] : [];
      return [name, [...value.slice(0, MAX_LIST).map((one) => one.slice(0, 300)), ...cut]];
    });
  return {
    ...finding,
    message: text(finding.message),
    remediation: text(finding.remediation),
    facts: { ...Object.fromEntries(facts), evidenceCut: true },
  };
}
