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
/** A finding's JSON is cut down to this: the evidence of ten thousand pods is not more telling than that of a hundred. */
const MAX_FINDING_UNITS = 60_000;
/** How many facts, and how many members of each, are kept of a finding that is too large: the first of these that does it. */
const KEPT_FACTS = [100, 10, 0];
const MAX_TEXT = 2_000;

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

/** A finding as it is kept: evidence that is too large is cut, and says so. */
export function fitted(finding: Finding): Finding {
  if (fits(finding)) return finding;
  const cut = KEPT_FACTS.map((kept) => shorten(finding, kept));
  return cut.find(fits) ?? finding;
}

function fits(finding: Finding): boolean {
  return JSON.stringify(finding).length <= MAX_FINDING_UNITS;
}

/** A line of history as a row of its cluster's partition, so that it is written with the change that it tells of, or not at all. */
export function historyRow(entry: HistoryEntry): Row {
  const rowKey = `${historyPrefix(entry.findingId)}${newestFirst(entry.at)}-${entry.kind}`;
  return encodeRow(partitionOf(entry.findingId), rowKey, entry, { expiresAt: `h${entry.at}`, cause: entry.cause });
}

/** A line of history as it is kept: a message that is too long is cut. */
export function fittedLine(entry: HistoryEntry): HistoryEntry {
  return entry.message.length <= MAX_TEXT ? entry : { ...entry, message: cutText(entry.message) };
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

function shorten(finding: Finding, kept: number): Finding {
  const facts = Object.entries(finding.facts)
    .slice(0, kept)
    .map(([name, value]) => {
      if (typeof value === 'string') return [name, cutText(value)];
      if (typeof value !== 'object') return [name, value];
      const cut = value.length > kept ? [`… (cut: ${value.length - kept} more)`] : [];
      return [name, [...value.slice(0, kept).map((one) => one.slice(0, 300)), ...cut]];
    });
  return {
    ...finding,
    message: cutText(finding.message),
    remediation: cutText(finding.remediation),
    facts: { ...Object.fromEntries(facts), evidenceCut: true },
  };
}

function cutText(value: string): string {
  return value.length <= MAX_TEXT ? value : `${value.slice(0, MAX_TEXT)} … (cut)`;
}
