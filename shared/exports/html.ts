import type { Finding } from '../domain/findings/finding.ts';
import { GAP_RULE, seenText, subjectLabel } from '../domain/findings/finding-text.ts';
import type { ClusterSummary } from '../domain/findings/summary.ts';
import { lastDayOf } from '../domain/policy/exemption-schema.ts';
import type { Exemption, Policy } from '../domain/policy/policy.ts';
import { cleanText } from '../domain/text/clean.ts';
import type { ExportContext, ExportedFinding, Exporter } from './export.ts';
import { remedyText } from './words.ts';

const STYLE = `
@page{size:A4 landscape;margin:12mm}
body{font:13px/1.4 system-ui,sans-serif;margin:1.5rem auto;max-width:1500px;padding:0 1rem;color:#1a1a1a;background:#fff}
h1{font-size:22px;margin:0 0 .6rem}h2{font-size:16px;margin:1.4rem 0 .4rem;break-after:avoid}
table{border-collapse:collapse;width:100%;margin:0 0 .6rem;table-layout:fixed}
th,td{border-bottom:1px solid #c9ced4;padding:.25rem .5rem;text-align:left;vertical-align:top;overflow-wrap:break-word}
th{background:#eef1f4;overflow-wrap:normal;hyphens:none;font-size:12px}thead{display:table-header-group}tr{break-inside:avoid}
td.code{overflow-wrap:anywhere;font-size:12px}.critical{color:#a4001d;font-weight:600}.high{color:#a83a00;font-weight:600}.unseen{background:#f3edfb}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:0}dt{font-weight:600}dd{margin:0;overflow-wrap:anywhere}
@media print{body{margin:0;padding:0;max-width:none;font-size:9.5pt}th{font-size:8.5pt}td.code{font-size:8.5pt}}`;

/** One self-contained page for an auditor to read or print: scope, coverage, gaps, findings, exemptions. */
export const writeHtml: Exporter = async function* (input, context) {
  yield head(context);
  yield* coverage(context);
  yield table('Findings', FINDING_COLUMNS);
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
<dt>Coverage</dt><dd>Each finding is based on everything there was to see, unless it says otherwise.</dd>
<dt>Findings shown</dt><dd>${escapeHtml(filters.length === 0 ? 'all' : `only those with ${filters.join(', ')}`)}</dd></dl>`;
}

/** Columns with their share of the width; each is wide enough for the words of its heading. */
type Columns = readonly (readonly [name: string, percent: number])[];
const FINDING_COLUMNS: Columns = [
  ['Severity', 9],
  ['Rule, subject and cluster', 21],
  ['What was seen', 34],
  ['What to do', 36],
];
const CLUSTER_COLUMNS: Columns = [
  ['Cluster', 30],
  ['Status', 8],
  ['Assessment', 11],
  ['Last scan', 11],
  ['Pods sandboxed', 10],
  ['Could not be read', 30],
];
const EXEMPTION_COLUMNS: Columns = [
  ['Id', 18],
  ['Rule', 16],
  ['Category', 8],
  ['Reason', 30],
  ['Approved by', 12],
  ['Through', 9],
  ['State', 7],
];

/** Describes how the policy narrows the audited subscriptions; the clusters table lists the result. */
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

/** One row per cluster, with the parts that could not be read in the same row so that readers see them. */
async function* coverage({ clusters }: ExportContext): AsyncGenerator<string, void, undefined> {
  yield table('Scope and coverage', CLUSTER_COLUMNS);
  const subscriptions = new Set<string>();
  const count = { present: 0, assessed: 0, former: 0 };
  for await (const { cluster, status, assessment, observedAt, pods, sandboxedPods, gaps } of clusters()) {
    if (status !== 'present') count.former += 1;
    else {
      count.present += 1;
      subscriptions.add(cluster.subscriptionId);
      if (assessment === 'assessed') count.assessed += 1;
    }
    const isSeen = !gaps.some(({ evidence }) => evidence === 'cluster' || evidence === 'workloads' || evidence === 'runtimeClasses');
    const counted = isSeen ? `${sandboxedPods} of ${pods}` : '?';
    const looked = minute(observedAt);
    const place = `${cluster.name}\nsubscription ${cluster.subscriptionId}\nresource group ${cluster.resourceGroup}`;
    yield row([place, status, assessment, looked, counted, gapsText(gaps)], gaps.length > 0 ? 'unseen' : '');
  }
  const former = count.former === 0 ? '' : ` Deleted or out of scope: ${count.former}.`;
  yield `</tbody></table><p>Fully assessed: ${count.assessed} of ${count.present} clusters, subscriptions: ${subscriptions.size}.${former}</p>`;
}

/** Each reason once, with all affected parts. */
function gapsText(gaps: ClusterSummary['gaps']): string {
  const reasons = Map.groupBy(gaps, ({ reason }) => `${reason.message} (${reason.code})`);
  return [...reasons].map(([reason, some]) => `${[...new Set(some.map(({ evidence }) => evidence))].join(', ')}: ${reason}`).join('\n');
}

/** A time to the minute, in UTC. */
function minute(at: string): string {
  return at.slice(0, 16).replace('T', ' ');
}

function findingRow({ finding, exemption }: ExportedFinding): string {
  const seen = [finding.message, ...(isFull(finding) ? [] : [seenText(finding)])];
  if (finding.stale === true) seen.push(`The newest scan could not judge this rule; this is of ${finding.observedAt}.`);
  if (finding.status === 'resolved') seen.push(`Resolved ${finding.resolvedAt ?? ''} (${finding.resolution ?? ''}).`);
  const facts = Object.entries(finding.facts).map(([name, value]) => `${name}: ${Array.isArray(value) ? value.join(', ') : String(value)}`);
  const covered =
    exemption === undefined ? [] : [`Exempted by ${exemption.id} through ${lastDayOf(exemption.expiresOn)}: ${exemption.reason}`];
  return row([
    `${finding.severity}\nsince ${minute(finding.firstSeenAt)}`,
    [finding.ruleId, subjectLabel(finding.subject), finding.clusterName, ...covered].join('\n'),
    [...seen, ...(facts.length === 0 ? [] : [facts.join('; ')])].join('\n'),
    remedyText(finding),
  ]);
}

/** Whether the coverage stated at the top of the report applies to a finding, so that its row need not repeat it. */
function isFull({ ruleId, coverage }: Finding): boolean {
  return coverage.kind === 'full' && ruleId !== GAP_RULE;
}

function exemptions({ exemptions: all = [], generatedAt }: ExportContext): string {
  if (all.length === 0) return '<h2>Exemptions</h2><p>There is none.</p>';
  const state = ({ expiresOn }: Exemption) => (Date.parse(expiresOn) > Date.parse(generatedAt) ? 'live' : 'expired');
  const rows = all.map((one) => row([one.id, one.rule, one.category, one.reason, one.approvedBy, lastDayOf(one.expiresOn), state(one)]));
  return `${table('Exemptions', EXEMPTION_COLUMNS)}${rows.join('')}</tbody></table>`;
}

/** Returns the start of a table; its rows follow. */
function table(title: string, columns: Columns): string {
  const widths = columns.map(([, percent]) => `<col style="width:${percent}%">`);
  const cells = columns.map(([name]) => `<th scope="col">${escapeHtml(name)}</th>`);
  return `<h2>${escapeHtml(title)}</h2><table><colgroup>${widths.join('')}</colgroup><thead><tr>${cells.join('')}</tr></thead><tbody>`;
}

/** Ids and commands contain no spaces for line breaks. */
function row(cells: readonly (string | number)[], mark = ''): string {
  const shown = cells.map((cell) => `<td class="code">${escapeHtml(String(cell)).replaceAll('\n', '<br>')}</td>`);
  return `<tr${mark === '' ? '' : ` class="${mark}"`}>${shown.join('')}</tr>\n`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Escapes text for a page; characters that hide text or change its direction are replaced with visible ones. */
function escapeHtml(text: string): string {
  return cleanText(text).replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
