import type { HistoryEntry } from '../domain/findings/finding.ts';
import { isStale } from '../domain/findings/stale.ts';
import type { ClusterSummary } from '../domain/findings/summary.ts';
import { SEVERITIES, type Severity } from '../domain/policy/severity.ts';
import { bar, type TrendPoint, trendChart } from './charts.ts';
import { type Content, type Html, html } from './html.ts';
import type { Page } from './layout.ts';
import { type Column, dataTable, pager } from './table.ts';
import { ago, badge, count, empty, href, name, type View } from './view.ts';

/** What the estate page shows; the lists are already filtered, sorted and cut to one part. */
export interface EstateData {
  /** All clusters in the estate, unfiltered; they count only what no live exemption covers. */
  readonly clusters: readonly ClusterSummary[];
  /** The part of the table that is shown. */
  readonly shown: readonly ClusterSummary[];
  readonly matching: number;
  readonly page: number;
  readonly pages: number;
  readonly filter: EstateFilter;
  /** Open findings that a live exemption covers. */
  readonly exempted: number;
  /** Exempted findings included. */
  readonly trend: readonly TrendPoint[];
  /** What changed in the last day, newest first, with the cluster's name. */
  readonly changes: readonly (HistoryEntry & { readonly clusterName: string })[];
  readonly liveAudit?: { readonly id: string; readonly done: number; readonly planned: number };
  /** From so many audits on that could not look at a cluster it is shown as stale. */
  readonly staleAfterAudits: number;
  /** When the next audit starts, for a fresh deployment. */
  readonly schedule: string;
}

/** The filter of the clusters table, as in the address. */
export interface EstateFilter {
  readonly q?: string;
  readonly status?: ClusterStatus;
  readonly sort: string;
}

/** How a cluster stands, in one word. */
export type ClusterStatus = 'compliant' | 'failing' | 'not-assessed';

const OLDEST_IMAGES = 8;

/** One word for a cluster: an open finding outweighs a gap, and a gap outweighs silence. */
export function clusterStatus({ assessment, openBySeverity, rules }: ClusterSummary): ClusterStatus {
  if (assessment === 'not-assessed') return 'not-assessed';
  const onlyGap = Object.entries(rules).every(([rule, { open }]) => open === 0 || rule === 'cluster-assessed');
  if (total(openBySeverity) > 0 && !onlyGap) return 'failing';
  return assessment === 'assessed' ? 'compliant' : 'not-assessed';
}

/** Whether a probe has shown a pod VM's own kernel in this cluster, and none that shared the node's. */
export function isProven({ rules }: ClusterSummary): boolean {
  const proven = rules['isolation-proven'];
  return proven !== undefined && proven.verdicts.pass > 0 && proven.verdicts.fail === 0;
}

/** The page people land on: one line of truth, then where to look. */
export function estatePage(view: View, data: EstateData): Page {
  if (data.clusters.length === 0) return { title: 'Estate', current: '', content: freshDeployment(view, data) };
  const content = html`${live(view, data)}<h1>${count(data.clusters.length, 'cluster')}</h1>${lede(view, data)}${figures(view, data)}
<div class="grid"><section class="card span8"><h2>Open findings over 90 days${data.exempted === 0 ? '' : ', exempted ones included'}</h2>${trend(data.trend)}</section>
<section class="card span4"><h2>By severity</h2>${severities(view, data.clusters)}</section>
${gaps(view, data.clusters)}
<section class="card span12" id="clusters"><h2>Clusters</h2>${filters(view, data.filter)}${clusterTable(view, data)}</section>
<section class="card span6"><h2>By rule</h2>${rules(view, data.clusters)}</section>
<section class="card span6"><h2>Oldest node images</h2>${oldestImages(view, data.clusters)}</section>
<section class="card span12"><h2>Changed in the last day</h2>${changes(view, data.changes)}</section></div>`;
  return { title: 'Estate', current: '', content };
}

function freshDeployment(view: View, data: EstateData): Html {
  return html`${live(view, data)}<h1>Nothing has been looked at yet</h1><p class="lede">The first audit starts on the schedule <code>${data.schedule}</code> (UTC, seconds first): it lists the subscriptions in scope, scans each cluster, and fills this page. To start one now, send <code>POST /api/audits</code>${view.operator ? html` or press <strong>Start an audit</strong> on the <a href="${href(view, '/audits')}">audits page</a>` : ''}.</p>`;
}

function live(view: View, { liveAudit }: EstateData): Html {
  if (liveAudit === undefined) return html``;
  const address = href({ ...view, base: view.base.replace(/\/dashboard$/, '') }, `/audits/${encodeURIComponent(liveAudit.id)}`);
  return html`<div class="live" data-live="${address}" role="status">Audit running <progress max="${Math.max(1, liveAudit.planned)}" value="${liveAudit.done}" aria-label="Clusters scanned"></progress><span data-text>${liveAudit.done} of ${liveAudit.planned} clusters scanned</span></div>`;
}

function lede(view: View, { clusters }: EstateData): Html {
  const newest =
    clusters
      .map(({ observedAt }) => observedAt)
      .toSorted()
      .at(-1) ?? '';
  const by = (status: ClusterStatus) => clusters.filter((cluster) => clusterStatus(cluster) === status).length;
  return html`<p class="lede"><strong>${clusters.filter(isProven).length}</strong> proven, <strong>${by('compliant')}</strong> compliant, <strong>${by('failing')}</strong> failing, <strong>${by('not-assessed')}</strong> not fully assessed. Last looked ${ago(view, newest)}.</p>`;
}

function figures(view: View, { clusters, exempted }: EstateData): Html {
  const open = sum(clusters, ({ openBySeverity }) => total(openBySeverity));
  const pods = sum(clusters, ({ pods: all }) => all);
  const figure = (kind: string, value: number, label: string, link: string) =>
    html`<a class="figure ${kind}" href="${link}"><b>${value.toLocaleString('en-US')}</b><span>${label}</span></a>`;
  const by = (status: ClusterStatus) => clusters.filter((cluster) => clusterStatus(cluster) === status).length;
  return html`<div class="figures">${figure('fail', open, exempted === 0 ? 'open findings' : `open findings, and ${exempted.toLocaleString('en-US')} exempted`, href(view, '/findings'))}${figure('fail', by('failing'), 'clusters failing', `${href(view, '', { status: 'failing' })}#clusters`)}${figure('unknown', by('not-assessed'), 'not fully assessed', `${href(view, '', { status: 'not-assessed' })}#clusters`)}${figure('pass', by('compliant'), 'compliant', `${href(view, '', { status: 'compliant' })}#clusters`)}${figure(
    '',
    sum(clusters, ({ sandboxedPods }) => sandboxedPods),
    `sandboxed of ${pods.toLocaleString('en-US')} pods`,
    '#clusters',
  )}</div>`;
}

function trend(points: readonly TrendPoint[]): Html {
  return points.length > 1 ? trendChart(points) : empty('No trend yet', 'It appears after the second day of audits.');
}

function severities(view: View, clusters: readonly ClusterSummary[]): Html {
  const counts = SEVERITIES.map((severity) => ({ severity, open: sum(clusters, ({ openBySeverity }) => openBySeverity[severity]) }));
  const most = Math.max(...counts.map(({ open }) => open));
  return html`<div class="bars">${counts.map(
    ({ severity, open }) =>
      html`<div class="row"><a href="${href(view, '/findings', { severity })}">${badge(severity)}</a>${bar(open, most, severity)}<span>${open}</span></div>`,
  )}</div>`;
}

function rules(view: View, clusters: readonly ClusterSummary[]): Html {
  const open = new Map<string, number>();
  for (const cluster of clusters) {
    for (const [rule, tally] of Object.entries(cluster.rules)) if (tally.open > 0) open.set(rule, (open.get(rule) ?? 0) + tally.open);
  }
  const sorted = [...open].sort((a, b) => b[1] - a[1]);
  if (sorted.length === 0) return empty('No open finding', 'Every rule that could be judged was met.');
  const most = sorted[0]?.[1] ?? 1;
  return html`<div class="bars">${sorted.map(
    ([rule, amount]) =>
      html`<div class="row"><a href="${href(view, '/findings', { rule })}">${rule}</a>${bar(amount, most, 'fail')}<span>${amount}</span></div>`,
  )}</div>`;
}

function oldestImages(view: View, clusters: readonly ClusterSummary[]): Html {
  const dated = clusters.flatMap((cluster) => (cluster.oldestImage === undefined ? [] : [{ cluster, ...cluster.oldestImage }]));
  if (dated.length === 0) return empty('No node image is known', 'None was seen, or none has a version that tells its date.');
  const oldest = dated.toSorted((a, b) => a.releasedOn.localeCompare(b.releasedOn)).slice(0, OLDEST_IMAGES);
  return html`<ol class="plain">${oldest.map(({ cluster, nodePool, nodeImageVersion, releasedOn }) => {
    const days = Math.floor((view.now.getTime() - Date.parse(releasedOn)) / 86_400_000);
    return html`<li>${badge(imageAge(days), count(days, 'day'))} ${clusterLink(view, cluster)} / ${name(nodePool)}<br><span class="mute">${nodeImageVersion}</span></li>`;
  })}</ol>`;
}

/** The scale of the cluster page: 14 days of grace, stale after 30, unsupported after 90. */
function imageAge(days: number): string {
  if (days > 90) return 'critical';
  if (days > 30) return 'high';
  return days > 14 ? 'medium' : 'pass';
}

/** Coverage gaps stand before the table, always: what was not seen is the first thing an auditor asks. */
function gaps(view: View, clusters: readonly ClusterSummary[]): Html {
  const affected = clusters.filter(({ gaps: found }) => found.length > 0);
  if (affected.length === 0) {
    return html`<section class="card span12"><h2>Coverage</h2><p>Every cluster was looked at fully in its newest scan.</p></section>`;
  }
  const reasons = Map.groupBy(affected, ({ gaps: [first] }) => first?.reason.code ?? 'unknown');
  return html`<section class="card gap span12"><h2>Coverage: ${count(affected.length, 'cluster')} could not be looked at fully</h2><ul>${[
    ...reasons,
  ].map(
    ([code, group]) =>
      html`<li>${badge('unknown', code)} ${group.slice(0, 12).map((cluster, at) => html`${at > 0 ? ', ' : ''}${clusterLink(view, cluster)}`)}${group.length > 12 ? html` and ${group.length - 12} more` : ''}: ${group[0]?.gaps[0]?.reason.message ?? ''}</li>`,
  )}</ul></section>`;
}

function filters(view: View, filter: EstateFilter): Html {
  const option = (value: string, label: string) =>
    html`<option value="${value}"${filter.status === value ? html` selected` : ''}>${label}</option>`;
  return html`<form class="filters" method="get" action="${view.base}#clusters" role="search"><label>Name, subscription or tag<input type="search" name="q" value="${filter.q ?? ''}"></label><label>Status<select name="status">${option('', 'All')}${option('failing', 'Failing')}${option('not-assessed', 'Not fully assessed')}${option('compliant', 'Compliant')}</select></label><input type="hidden" name="sort" value="${filter.sort}"><button>Filter</button></form>`;
}

function clusterTable(view: View, data: EstateData): Content {
  const keep = { q: data.filter.q, status: data.filter.status, sort: data.filter.sort };
  if (data.shown.length === 0) return empty('No cluster matches', html`<a href="${href(view, '')}">Show all ${data.clusters.length}</a>`);
  const columns: readonly Column<ClusterSummary>[] = [
    { label: 'Cluster', sort: 'name', className: 'name', cell: (cluster) => clusterLink(view, cluster) },
    { label: 'Status', sort: 'status', cell: (cluster) => badge(clusterStatus(cluster), clusterStatus(cluster).replace('-', ' ')) },
    ...SEVERITIES.map((severity) => ({
      label: severity,
      sort: severity,
      numeric: true,
      cell: ({ openBySeverity }: ClusterSummary) => (openBySeverity[severity] === 0 ? '–' : openBySeverity[severity]),
    })),
    { label: 'Kata pools', sort: 'pools', numeric: true, cell: ({ kataNodePools, nodePools }) => `${kataNodePools} of ${nodePools}` },
    { label: 'Sandboxed pods', sort: 'pods', numeric: true, cell: ({ sandboxedPods, pods }) => `${sandboxedPods} of ${pods}` },
    { label: 'Location', cell: ({ cluster }) => cluster.location },
    { label: 'Looked', sort: 'looked', cell: (cluster) => html`${ago(view, cluster.observedAt)} ${staleMark(cluster, data)}` },
  ];
  const descending = data.filter.sort.startsWith('-');
  const sorting = { path: '', by: data.filter.sort.replace(/^-/, ''), descending, keep };
  return html`<p class="mute">${count(data.matching, 'cluster')}</p>${dataTable(view, 'Clusters', columns, data.shown, sorting)}${pager(view, '', keep, data.page, data.pages)}`;
}

/** The mark of a cluster that too many audits in a row could not look at. */
export function staleMark(cluster: ClusterSummary, policy: { readonly staleAfterAudits: number }): Content {
  return isStale(cluster, policy) ? badge('stale', `stale: ${count(cluster.missedAudits, 'audit')} could not look`) : '';
}

function clusterLink(view: View, { cluster }: ClusterSummary): Html {
  return html`<a href="${href(view, '/cluster', { id: cluster.id })}">${name(cluster.name)}</a>`;
}

function changes(view: View, entries: EstateData['changes']): Html {
  if (entries.length === 0) return empty('Nothing changed', 'No finding opened, changed or closed in the last 24 hours.');
  return html`<ol class="timeline">${entries.map(
    (entry) =>
      html`<li class="${entry.kind === 'resolved' ? 'pass' : entry.severity}">${badge(entry.kind === 'resolved' ? 'resolved' : entry.severity, entry.kind)} <a href="${href(view, '/finding', { id: entry.findingId })}">${entry.ruleId}</a> in ${name(entry.clusterName)}, ${ago(view, entry.at)}<br><span class="mute">${entry.message}</span></li>`,
  )}</ol>`;
}

function total(counts: Readonly<Record<Severity, number>>): number {
  return SEVERITIES.reduce((all, severity) => all + counts[severity], 0);
}

function sum<T>(values: readonly T[], of: (value: T) => number): number {
  return values.reduce((all, value) => all + of(value), 0);
}
