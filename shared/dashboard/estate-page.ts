import { trendChart, trendRange } from './charts.ts';
import { clustersSection } from './estate-clusters.ts';
import { coverageSection } from './estate-coverage.ts';
import type { EstateAlerts, EstateData, FirstThing, NamedChange } from './estate-data.ts';
import { type Content, type Html, html } from './html.ts';
import { icon } from './icons.ts';
import type { Page } from './layout.ts';
import { liveAudit } from './live-audit.ts';
import { type TileData, tiles } from './tiles.ts';
import { ago, apiHref, badge, count, empty, href, name, number, plural, type View } from './view.ts';

/** Number of rows in the lists beside the table. */
const FIRST = 10;

/** The start page: the state of the estate, and how it is known. */
export function estatePage(view: View, data: EstateData): Page {
  if (data.clusters.length === 0) return { title: 'Estate', current: '', content: freshDeployment(view, data) };
  const keep = { q: data.table.filter.q, status: data.table.filter.status, sort: data.table.filter.sort };
  const content = html`${alerts(view, data.alerts)}${live(view, data)}<h1>${verdict(data.tiles)}</h1>${evidence(view, data)}${tiles(view, data.tiles)}
<div class="columns"><section class="card wide"><div class="head"><h2>Open findings by day</h2>${trendRange(view, data.days, keep)}</div>${trendChart(data.trend)}</section>
<section class="card"><div class="head"><h2>What to do first</h2><a href="${href(view, '/findings', { group: 'rule' })}">all by rule</a></div>${firstThings(view, data.first)}</section></div>
${coverageSection(view, data.clusters)}${clustersSection(view, data.table, data.clusters.length)}
<section class="card" id="changes"><div class="head"><h2>Changes since the last audit began</h2>${data.audit === undefined ? '' : html`<a href="${href(view, '/audit', { id: data.audit.id })}">the audit and its difference</a>`}</div>${changes(view, data.changes)}</section>`;
  return { title: 'Estate', current: '', content };
}

/** The verdict in one sentence, including what could not be checked. */
export function verdict({ exposed, unchecked, figures }: Pick<TileData, 'exposed' | 'unchecked' | 'figures'>): string {
  const required = figures.required.sandboxed + exposed;
  const blind = unchecked === 0 ? '' : `; ${count(unchecked, 'cluster')} could not be checked`;
  if (exposed > 0) {
    return `${number(exposed)} of ${count(required, 'workload')} that must be sandboxed ${plural(exposed, 'is', 'are')} not${blind}`;
  }
  if (unchecked > 0) return `${count(unchecked, 'cluster')} could not be checked; elsewhere no workload lacks its sandbox`;
  if (required > 0) return `All ${count(required, 'workload')} that must be sandboxed ${plural(required, 'is', 'are')}`;
  return 'No workload is required to be sandboxed';
}

function evidence(view: View, { clusters, tiles: { figures }, oldestLook, policy }: EstateData): Html {
  const seen = figures.clusters - figures.blind;
  const parts: readonly Content[] = [
    html`<a href="${href(view, '', { status: 'seen' })}#clusters"><b>${number(seen)}</b> of ${count(clusters.length, 'cluster')} fully seen</a>`,
    oldestLook === undefined
      ? ''
      : html`<a href="${href(view, '', { sort: 'looked' })}#clusters">oldest scan <b>${ago(view, oldestLook)}</b></a>`,
    html`<a href="${href(view, '', { status: 'proven' })}#clusters">isolation proven in <b>${count(figures.proven, 'cluster')}</b></a>`,
    html`<a href="${href(view, '/rules')}">policy <b>${policy.source}</b> <code>${policy.hash.slice(0, 8)}</code></a>`,
    html`<a href="${apiHref(view, '/health/detail')}">health of the app</a>`,
  ];
  return html`<ul class="evidence" aria-label="How we know">${parts.filter((part) => part !== '').map((part) => html`<li>${part}</li>`)}</ul>`;
}

function alerts(view: View, { policyProblem, parked, stuck }: EstateAlerts): readonly Html[] {
  const lines: Content[] = [];
  if (policyProblem !== undefined) lines.push(html`The newest policy cannot be used, so the last good one is in force: ${policyProblem}`);
  if (parked > 0) {
    lines.push(
      html`<a href="${href(view, '/parked')}">${count(parked, 'message')}</a> failed permanently and ${plural(parked, 'needs', 'need')} a decision: ${plural(parked, 'its', 'their')} work was not done.`,
    );
  }
  if (stuck !== undefined)
    lines.push(
      html`The <a href="${href(view, '/audit', { id: stuck.id })}">audit of ${ago(view, stuck.startedAt)}</a> timed out: some parts never reported.`,
    );
  return lines.map((line) => html`<p class="alert" role="alert">${icon('alert')}<span>${line}</span></p>`);
}

function live(view: View, { audit }: EstateData): Html {
  if (audit?.running === undefined) return html``;
  return liveAudit(view, audit.id, audit.running);
}

function freshDeployment(view: View, data: EstateData): Html {
  const start = view.operator
    ? html` or press <strong>Start an audit</strong> on the <a href="${href(view, '/audits')}">audits page</a>`
    : '';
  return html`${alerts(view, data.alerts)}${live(view, data)}<h1>No cluster has been scanned yet</h1><p class="lede">The first audit starts on the schedule <code>${data.schedule}</code> (UTC, seconds first): it lists the subscriptions in scope, scans each cluster, and fills this page. To start one now, send <code>POST /api/audits</code>${start}.</p>`;
}

function firstThings(view: View, first: readonly FirstThing[]): Html {
  if (first.length === 0) return empty('Nothing fails', 'Every rule that could be judged was met.');
  const rows = first
    .slice(0, FIRST)
    .map(
      ({ rule, title, severity, open, clusters, oldest }) =>
        html`<li>${badge(severity)}<a href="${href(view, '/findings', { rule })}" title="${title}">${rule}</a><span class="mute">${number(open)} in ${count(clusters, 'cluster')}${oldest === undefined ? '' : html`, ${ago(view, oldest)}`}</span></li>`,
    );
  return html`<ol class="rows">${rows}</ol>`;
}

function changes(view: View, entries: readonly NamedChange[]): Html {
  if (entries.length === 0) return empty('Nothing changed', 'No finding opened, changed or closed since the last audit began.');
  return html`<ol class="rows changes">${entries.map((entry) => changeRow(view, entry))}</ol>`;
}

/** One change in one line. */
export function changeRow(view: View, { kind, severity, findingId, ruleId, clusterName, at, message }: NamedChange): Html {
  const mark = badge(kind === 'resolved' ? 'resolved' : severity, kind);
  return html`<li>${mark}<a href="${href(view, '/finding', { id: findingId })}">${ruleId}</a><span>${name(clusterName)}</span><span class="mute">${ago(view, at)}</span><span class="mute message">${message}</span></li>`;
}
