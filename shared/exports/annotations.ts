import { subjectLabel } from '../domain/findings/finding-text.ts';
import { SEVERITIES, type Severity } from '../domain/policy/severity.ts';
import type { DocumentNote, ExportedFinding, Exporter, FilePlace } from './export.ts';

const COMMANDS: Readonly<Record<Severity, string>> = { critical: 'error', high: 'error', medium: 'warning', low: 'notice', info: 'notice' };
const NOTES: Readonly<Record<DocumentNote['level'], string>> = { error: 'error', warning: 'warning', note: 'notice' };
/** GitHub cuts longer messages. Source: actions/runner ExecutionContext.cs. */
const MAX_LENGTH = 4_000;

/**
 * Writes workflow commands that GitHub Actions shows beside the lines of a pull request, most severe first, because GitHub keeps ten of
 * each kind per step. Source: docs.github.com/actions/reference/workflow-commands-for-github-actions.
 */
export const writeAnnotations: Exporter = async function* (input, { notes = [] }) {
  const found: ExportedFinding[] = [];
  for await (const one of input) if (one.exemption === undefined && one.finding.status === 'open') found.push(one);
  const sorted = found.toSorted((a, b) => SEVERITIES.indexOf(a.finding.severity) - SEVERITIES.indexOf(b.finding.severity));
  for (const { finding, place } of sorted) {
    const text = `${subjectLabel(finding.subject)}: ${finding.message} ${finding.remediation}`;
    yield command(COMMANDS[finding.severity], place, `${finding.severity}: ${finding.ruleId}`, text);
  }
  for (const { level, message, place } of notes) yield command(NOTES[level], place, 'not a finding', message);
};

function command(name: string, place: FilePlace | undefined, title: string, message: string): string {
  const where = place === undefined ? [] : [`file=${property(decodeUri(place.uri))}`, `line=${place.line}`, `col=${place.column}`];
  return `::${name} ${[...where, `title=${property(`Kataudit ${title}`)}`].join(',')}::${data(message.slice(0, MAX_LENGTH))}\n`;
}

/** Annotations require paths, but documents contain URIs. */
function decodeUri(uri: string): string {
  return decodeURIComponent(uri.replace(/^file:\/\//, ''));
}

/** A line break or percent sign could end the command or start another one. */
function data(text: string): string {
  return text.toWellFormed().replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
