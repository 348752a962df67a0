import { subjectLabel } from '../domain/findings/finding-text.ts';
import type { ExportContext, ExportedFinding, ExportedVerdict, Exporter } from './export.ts';
import { remedyText } from './words.ts';

/** One test case and its suite. */
interface Case {
  readonly suite: string;
  readonly text: string;
}

/**
 * Writes JUnit XML for build servers: one suite for the findings of each cluster and one for its other verdicts, with one case for each
 * rule and subject. A finding fails, an exempted finding and an unknown verdict are skipped with the reason, and a pass passes. Suites
 * have no counts, which are optional and would have to be known beforehand.
 */
export const writeJunit: Exporter = async function* (input, context) {
  yield `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="Kataudit ${escapeXml(context.version)}">\n`;
  let open: string | undefined;
  for await (const { suite, text } of cases(input, context)) {
    if (suite !== open) yield `${open === undefined ? '' : '</testsuite>\n'}<testsuite name="${escapeXml(suite)}">\n`;
    open = suite;
    yield text;
  }
  yield `${open === undefined ? '' : '</testsuite>\n'}</testsuites>\n`;
};

async function* cases(input: AsyncIterable<ExportedFinding>, { verdicts }: ExportContext): AsyncGenerator<Case, void, undefined> {
  for await (const one of input) if (one.finding.status === 'open') yield { suite: one.finding.clusterName, text: failed(one) };
  if (verdicts === undefined) return;
  for await (const one of verdicts()) yield { suite: `${one.clusterName}: passed and not judged`, text: judged(one) };
}

function failed({ finding, exemption }: ExportedFinding): string {
  const { ruleId, subject, severity, message } = finding;
  if (exemption !== undefined) {
    const reason = `Exempted by ${exemption.id} until ${exemption.expiresOn}: ${exemption.reason}`;
    return caseOf(ruleId, subjectLabel(subject), `<skipped message="${escapeXml(reason)}"/>`);
  }
  const text = escapeXml(`${message}\n${remedyText(finding)}`);
  return caseOf(ruleId, subjectLabel(subject), `<failure type="${severity}" message="${escapeXml(message)}">${text}</failure>`);
}

function judged({ ruleId, subject, verdict, message = '' }: ExportedVerdict): string {
  const skipped = verdict === 'unknown' ? `<skipped message="${escapeXml(`Not judged: ${message}`)}"/>` : '';
  return caseOf(ruleId, subject === undefined ? 'cluster' : subjectLabel(subject), skipped);
}

function caseOf(ruleId: string, name: string, body: string): string {
  const attributes = `classname="${escapeXml(ruleId)}" name="${escapeXml(name)}"`;
  return body === '' ? `<testcase ${attributes}/>\n` : `<testcase ${attributes}>${body}</testcase>\n`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;', '\n': '&#10;' };

/** Escapes text for XML 1.0, which does not allow most control characters. */
function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\P{Cc}\n]|[\ufffe\uffff\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
    .replaceAll(/[&<>"'\n]/g, (character) => ENTITIES[character] ?? '');
}
