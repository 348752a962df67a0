import { subjectLabel } from '../domain/findings/finding-text.ts';
import type { ClusterSummary } from '../domain/findings/summary.ts';
import { SEVERITIES } from '../domain/policy/severity.ts';
import type { ExportContext, ExportedFinding, Exporter } from './export.ts';

/** Writes Markdown for job summaries and issues: the clusters with what could not be read, and the findings in order of input. */
export const writeMarkdown: Exporter = async function* (input, context) {
  const { filters = [] } = context;
  yield `# Kataudit\n\n${line(context)}\n\n`;
  if (filters.length > 0) yield `Findings shown: only those with ${filters.map(escapeMarkdown).join(', ')}.\n\n`;
  yield row(['Cluster', 'Assessed', ...SEVERITIES, 'Could not be read']);
  yield row(Array.from({ length: SEVERITIES.length + 3 }, () => '---'));
  for await (const summary of context.clusters()) yield clusterRow(summary);
  yield '\n';
  let isEmpty = true;
  for await (const one of input) {
    if (isEmpty) yield `${row(FINDING_COLUMNS)}${row(FINDING_COLUMNS.map(() => '---'))}`;
    isEmpty = false;
    yield findingRow(one);
  }
  if (isEmpty) yield filters.length === 0 ? 'No finding.\n' : 'No finding with these filters.\n';
};

const FINDING_COLUMNS = ['Severity', 'Rule', 'Cluster', 'Subject', 'What was seen', 'What to do'];

function line({ generatedAt, version, policy }: ExportContext): string {
  return `Made ${generatedAt} by Kataudit ${version} with the policy ${escapeMarkdown(policy.source)} (SHA-256 \`${policy.hash}\`).`;
}

function clusterRow({ cluster, assessment, openBySeverity, gaps }: ClusterSummary): string {
  const missing = gaps.map(({ evidence, reason }) => `${evidence}: ${reason.message}`);
  return row(
    [cluster.name, assessment, ...SEVERITIES.map((severity) => String(openBySeverity[severity])), missing.join(' ')].map(escapeMarkdown),
  );
}

function findingRow({ finding, exemption }: ExportedFinding): string {
  const { severity, status, ruleId, clusterName, subject, message, remediation, commands = [] } = finding;
  const state =
    status === 'resolved' ? 'resolved' : exemption === undefined ? severity : `${severity}, exempted until ${exemption.expiresOn}`;
  const cells = [state, ruleId, clusterName, subjectLabel(subject), message].map(escapeMarkdown);
  const todo = [escapeMarkdown(remediation), ...commands.map(({ run, deletes }) => `${deletes ? 'Deletes: ' : ''}${code(run)}`)];
  return row([...cells, todo.join('<br>')]);
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n`;
}

/** Characters with a meaning in Markdown or in HTML within it. */
const SPECIAL = /[&<>"'|\\`*_{}[\]()#!~:]/g;

/** A command as HTML code, in which Markdown and mentions have no effect. */
function code(text: string): string {
  return `<code>${escaped(text)}</code>`;
}

/** Escapes text, so that a hostile name creates no link, markup or mention. */
function escapeMarkdown(text: string): string {
  return escaped(text).replaceAll('@', '@\u200b');
}

function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/\p{Cc}|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
    .replaceAll(SPECIAL, (character) => `&#${character.codePointAt(0)};`);
}
