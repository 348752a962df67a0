import { seenText, subjectLabel } from '../domain/findings/finding-text.ts';
import { cleanText } from '../domain/text/clean.ts';
import type { ExportedFinding, Exporter } from './export.ts';
import { commandsText } from './words.ts';

type Cell = string | number | boolean | undefined;

const COLUMNS: readonly (readonly [string, (one: ExportedFinding) => Cell])[] = [
  ['id', ({ finding }) => finding.id],
  ['status', ({ finding }) => finding.status],
  ['severity', ({ finding }) => finding.severity],
  ['rule', ({ finding }) => finding.ruleId],
  ['subscription', ({ finding }) => finding.subscriptionId],
  ['cluster', ({ finding }) => finding.clusterName],
  ['clusterId', ({ finding }) => finding.clusterId],
  ['subjectKind', ({ finding }) => finding.subject.kind],
  ['namespace', ({ finding }) => (finding.subject.kind === 'workload' ? finding.subject.namespace : undefined)],
  ['subject', ({ finding }) => subjectLabel(finding.subject)],
  ['message', ({ finding }) => finding.message],
  ['remediation', ({ finding }) => finding.remediation],
  ['firstSeenAt', ({ finding }) => finding.firstSeenAt],
  ['lastSeenAt', ({ finding }) => finding.lastSeenAt],
  ['resolvedAt', ({ finding }) => finding.resolvedAt],
  ['resolution', ({ finding }) => finding.resolution],
  ['reopenCount', ({ finding }) => finding.reopenCount],
  ['observedAt', ({ finding }) => finding.observedAt],
  ['stale', ({ finding }) => finding.stale ?? false],
  ['coverage', ({ finding }) => seenText(finding)],
  ['exemption', ({ exemption }) => exemption?.id],
  ['exemptionReason', ({ exemption }) => exemption?.reason],
  ['exemptionExpiresOn', ({ exemption }) => exemption?.expiresOn],
  ['commands', ({ finding }) => commandsText(finding)],
];

/** Writes CSV (RFC 4180) that no spreadsheet interprets as a formula. */
export const writeCsv: Exporter = async function* (input) {
  yield row(COLUMNS.map(([name]) => name));
  for await (const one of input) yield row(COLUMNS.map(([, cell]) => cell(one)));
};

function row(cells: readonly Cell[]): string {
  return `${cells.map(quoted).join(',')}\r\n`;
}

/**
 * Spreadsheets run a cell that begins like a formula, quoted or not; an apostrophe makes it text. In locales with semicolons as
 * separators, a cell also begins after each semicolon, tab and line feed.
 */
const FORMULA = /(^|[;\t\n])(\s*[=+\-@\uff1d\uff0b\uff0d\uff20])/g;

function quoted(cell: Cell): string {
  const text = cleanText(String(cell ?? ''));
  const harmless = text.replaceAll(FORMULA, "$1'$2").replace(/^[\t\n]/, "'$&");
  return `"${harmless.replaceAll('"', '""')}"`;
}
