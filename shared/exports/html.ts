import { seenText, subjectLabel } from '../domain/findings/finding-text.ts';
import type { Exemption, Policy } from '../domain/policy/policy.ts';
import { cleanText } from '../domain/text/clean.ts';
import type { ExportContext, ExportedFinding, Exporter } from './export.ts';
import { remedyText } from './words.ts';

const STYLE = `
body{font:14px/1.45 system-ui,sans-serif;margin:2rem;color:#1a1a1a;background:#fff}
table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}
th,td{border:1px solid #bbb;padding:.3rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{background:#f0f0f0}thead{display:table-header-group}tr{break-inside:avoid}
dt{font-weight:600}dd{margin:0 0 .4rem}small{color:#444}
@media print{body{margin:0}}`;

/** One self-contained page for an auditor to read or print: scope, coverage, gaps, findings, exemptions. */
export const writeHtml: Exporter = async function* (input, context) {
  yield head(context);
  yield* coverage(context);
  yield table('Findings', ['Severity', 'Rule', 'Cluster', 'Subject', 'What was seen', 'Since', 'Exemption']);
  const count = { open: 0, exempted: 0, resolved: 0 };
  for await (const one of input) {
    count[one.finding.status === 'resolved' ? 'resolved' : one.exemption === undefined ? 'open' : 'exempted'] += 1;
    yield findingRow(one);
  }
  const all = count.open + count.exempted + count.resolved;
  yield `</tbody></table><p>${all} findings: ${count.open} open, ${count.exempted} open and exempted, ${count.resolved} resolved.</p>`;
  yield exemptions(context);
  yield '</body></html>\n';
};

function head({ generatedAt, version, policy, rules, filters = [] }: ExportContext): string {
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Kataudit report</title><style>${STYLE}</style></head><body>
<h1>Kataudit report</h1>
<dl><dt>Made</dt><dd>${escapeHtml(generatedAt)} by Kataudit ${escapeHtml(version)}</dd>
<dt>Policy</dt><dd>${escapeHtml(policy.source)}, SHA-256 ${escapeHtml(policy.hash)}</dd>
<dt>Scope</dt><dd>${escapeHtml(scopeText(policy.value))}</dd>
<dt>Rules</dt><dd>${rules.length}</dd>
<dt>Findings shown</dt><dd>${escapeHtml(filters.length === 0 ? 'all' : `only those with ${filters.join(', ')}`)}</dd></dl>`;
}

/** What the policy narrows the audited subscriptions to; the table of clusters tells what that was. */
function scopeText(policy: Policy | undefined): string {
  if (policy === undefined) return 'the clusters below';
  const { include, exclude, includeTags, excludeTags } = policy.scope;
  const parts = [
    `clusters named ${include.join(' or ')}`,
    ...(exclude.length === 0 ? [] : [`not named ${exclude.join(' or ')}`]),
    ...(Object.keys(includeTags).length === 0 ? [] : [`with the tags ${JSON.stringify(includeTags)}`]),
    ...(Object.keys(excludeTags).length === 0 ? [] : [`without the tags ${JSON.stringify(excludeTags)}`]),
  ];
  return parts.join(', ');
}

/** One row a cluster; what could not be looked at stands in the same row, so that it cannot be overlooked. */
async function* coverage({ clusters }: ExportContext): AsyncGenerator<string, void, undefined> {
  yield table('Scope and coverage', ['Cluster', 'Status', 'Assessment', 'Looked at', 'Pods', 'Sandboxed', 'Could not be looked at']);
  const subscriptions = new Set<string>();
  const count = { present: 0, assessed: 0, former: 0 };
  for await (const { cluster, status, assessment, observedAt, pods, sandboxedPods, gaps } of clusters()) {
    if (status !== 'present') count.former += 1;
    else {
      count.present += 1;
      subscriptions.add(cluster.subscriptionId);
      if (assessment === 'assessed') count.assessed += 1;
    }
    const missing = gaps.map(({ evidence, reason }) => `${evidence}: ${reason.message} (${reason.code})`);
    yield row([`${cluster.name}\n${cluster.id}`, status, assessment, observedAt, pods, sandboxedPods, missing.join('\n')]);
  }
  const former = count.former === 0 ? '' : ` Deleted or out of scope: ${count.former}.`;
  yield `</tbody></table><p>Fully assessed: ${count.assessed} of ${count.present} clusters, subscriptions: ${subscriptions.size}.${former}</p>`;
}

function findingRow({ finding, exemption }: ExportedFinding): string {
  const seen = [finding.message, seenText(finding)];
  if (finding.stale === true) seen.push(`The newest scan could not judge this rule; this is of ${finding.observedAt}.`);
  if (finding.status === 'resolved') seen.push(`Resolved ${finding.resolvedAt ?? ''} (${finding.resolution ?? ''}).`);
  const facts = Object.entries(finding.facts).map(([name, value]) => `${name}: ${String(value)}`);
  return row([
    finding.severity,
    finding.ruleId,
    finding.clusterName,
    subjectLabel(finding.subject),
    [...seen, ...facts, `Remedy: ${remedyText(finding)}`].join('\n'),
    finding.firstSeenAt,
    exemption === undefined ? '' : `${exemption.id} until ${exemption.expiresOn}: ${exemption.reason}`,
  ]);
}

function exemptions({ exemptions: all = [], generatedAt }: ExportContext): string {
  if (all.length === 0) return '<h2>Exemptions</h2><p>There is none.</p>';
  const state = ({ expiresOn }: Exemption) => (Date.parse(expiresOn) > Date.parse(generatedAt) ? 'live' : 'expired');
  const rows = all.map((one) => row([one.id, one.rule, one.category, one.reason, one.approvedBy, one.expiresOn, state(one)]));
  return `${table('Exemptions', ['Id', 'Rule', 'Category', 'Reason', 'Approved by', 'Expires', 'State'])}${rows.join('')}</tbody></table>`;
}

/** The table is left open for its rows. */
function table(title: string, header: readonly string[]): string {
  const cells = header.map((name) => `<th scope="col">${escapeHtml(name)}</th>`);
  return `<h2>${escapeHtml(title)}</h2><table><thead><tr>${cells.join('')}</tr></thead><tbody>`;
}

function row(cells: readonly (string | number)[]): string {
  return `<tr>${cells.map((cell) => `<td>${escapeHtml(String(cell)).replaceAll('\n', '<br>')}</td>`).join('')}</tr>\n`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text for a page; characters that hide or turn text round are shown as replaced. */
function escapeHtml(text: string): string {
  return cleanText(text).replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
