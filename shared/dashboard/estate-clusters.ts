import { isProven, total } from '../domain/findings/estate-figures.ts';
import { isStale } from '../domain/findings/stale.ts';
import type { ClusterSummary } from '../domain/findings/summary.ts';
import { SEVERITIES } from '../domain/policy/severity.ts';
import { DAY_MS } from '../domain/snapshot/day.ts';
import { ageScale } from './charts.ts';
import type { ClusterTable, EstateFilter } from './estate-data.ts';
import { type Content, type Html, html } from './html.ts';
import { isSeen, markBadges, marksOf } from './marks.ts';
import { type Column, dataTable, pager } from './table.ts';
import { shares } from './tiles.ts';
import { ago, badge, count, empty, href, name, number, type View } from './view.ts';

/** The table of clusters with search, groups, sorting and paging. */
export function clustersSection(view: View, table: ClusterTable, all: number): Html {
  return html`<section class="card" id="clusters"><div class="head"><h2>Clusters</h2><p class="mute">${found(table, all)}</p></div>${filters(view, table)}${tableOf(view, table, all)}</section>`;
}

function found({ matching }: ClusterTable, all: number): string {
  return matching === all ? count(all, 'cluster') : `${number(matching)} of ${count(all, 'cluster')}`;
}

function filters(view: View, { filter, tagNames }: ClusterTable): Html {
  const option = (chosen: string | undefined, value: string, label: string) =>
    html`<option value="${value}"${(chosen ?? '') === value ? html` selected` : ''}>${label}</option>`;
  const status = [
    option(filter.status, '', 'All'),
    option(filter.status, 'failing', 'Failing'),
    option(filter.status, 'blind', 'Blind'),
    option(filter.status, 'compliant', 'Compliant'),
    option(filter.status, 'seen', 'Fully seen'),
    option(filter.status, 'proven', 'Isolation proven'),
  ];
  const groups = [
    option(filter.group, '', 'None'),
    option(filter.group, 'subscription', 'Subscription'),
    ...tagNames.map((tag) => option(filter.group, `tag:${tag}`, `Tag ${tag}`)),
  ];
  return html`<form class="filters" method="get" action="${view.base}#clusters" role="search"><label>Name, group, subscription, tag or namespace<input type="search" name="q" value="${filter.q ?? ''}" autocomplete="off"></label><label>Status<select name="status" autocomplete="off">${status}</select></label><label>Group by<select name="group" autocomplete="off">${groups}</select></label><input type="hidden" name="sort" value="${filter.sort}">${chip(view, filter, 'gap', 'not seen')}${chip(view, filter, 'image', 'oldest image')}<button>Filter</button></form>`;
}

/** A filter that has no field in the form, with a link to remove it. */
function chip(view: View, filter: EstateFilter, field: 'gap' | 'image', label: string): Content {
  const value = filter[field];
  if (value === undefined) return '';
  const without = `${href(view, '', { ...filter, [field]: undefined })}#clusters`;
  return html`<input type="hidden" name="${field}" value="${value}"><p class="chip">${label}: ${value.replaceAll(',', ' or ')} <a href="${without}" aria-label="Remove the filter ${value}">×</a></p>`;
}

function tableOf(view: View, { shown, filter, page, pages, ...table }: ClusterTable, all: number): Content {
  const back = html`<a href="${href(view, '')}#clusters">Show all ${number(all)}</a>`;
  if (table.problems.length > 0) return empty('A filter value is invalid', html`${table.problems.map((one) => html`${one} `)}${back}`);
  if (shown.length === 0) return empty('No cluster matches', back);
  const keep = { ...filter };
  const descending = filter.sort.startsWith('-');
  const sorting = { path: '', anchor: '#clusters', by: filter.sort.replace(/^-/, ''), descending, keep };
  const groups = filter.group === undefined ? [['', shown] as const] : [...Map.groupBy(shown, (one) => groupOf(one, filter.group ?? ''))];
  const columns = columnsOf(view, table.staleAfterAudits);
  const parts = groups.map(([label, members]) => ({ label: label === '' && filter.group !== undefined ? 'none' : label, rows: members }));
  return html`${dataTable(view, 'Clusters', columns, parts, sorting)}${pager(view, '', keep, { page, pages, anchor: sorting.anchor })}`;
}

/** Returns the value by which a cluster is grouped. */
export function groupOf({ cluster }: ClusterSummary, group: string): string {
  if (group === 'subscription') return cluster.subscriptionId;
  const wanted = group.replace(/^tag:/, '').toLowerCase();
  return Object.entries(cluster.tags).find(([key]) => key.toLowerCase() === wanted)?.[1] ?? '';
}

function columnsOf(view: View, staleAfterAudits: number): readonly Column<ClusterSummary>[] {
  return [
    {
      label: 'Cluster',
      sort: 'name',
      className: 'name',
      cell: ({ cluster }) => html`<a href="${href(view, '/cluster', { id: cluster.id })}">${name(cluster.name)}</a>`,
    },
    { label: 'Status', sort: 'status', cell: (cluster) => markBadges(marksOf(cluster)) },
    { label: 'Open', sort: 'open', numeric: true, cell: (cluster) => openCell(view, cluster) },
    {
      label: 'By severity',
      className: 'bar',
      cell: ({ openBySeverity }) => shares(SEVERITIES.map((kind) => ({ kind, value: openBySeverity[kind] }))),
    },
    {
      label: 'Kata pools',
      sort: 'pools',
      numeric: true,
      cell: (one) => (isSeen(one, 'nodePools') ? `${one.kataNodePools} of ${one.nodePools}` : '?'),
    },
    {
      label: 'Sandboxed pods',
      sort: 'pods',
      numeric: true,
      cell: (one) => (isSeen(one, 'workloads', 'runtimeClasses') ? `${number(one.sandboxedPods)} of ${number(one.pods)}` : '?'),
    },
    {
      label: 'Proof',
      sort: 'proof',
      cell: (one) => (isProven(one) ? badge('proven') : isSeen(one, 'workloads', 'isolationProofs') ? '–' : '?'),
    },
    { label: 'Oldest image', sort: 'image', className: 'bar', cell: (one) => imageCell(view, one) },
    { label: 'Last full scan', sort: 'looked', cell: (one) => lookCell(view, one, staleAfterAudits) },
  ];
}

/** In a cluster that was not fully read, finding none does not mean that there are none. */
function openCell(view: View, { cluster, openBySeverity, assessment }: ClusterSummary): Content {
  const open = total(openBySeverity);
  if (open === 0) return assessment === 'assessed' ? '–' : '?';
  return html`<a href="${href(view, '/findings', { cluster: cluster.id })}">${number(open)}</a>`;
}

function imageCell(view: View, { oldestImage }: ClusterSummary): Content {
  if (oldestImage === undefined) return '?';
  const days = Math.max(0, Math.floor((view.now.getTime() - Date.parse(oldestImage.releasedOn)) / DAY_MS));
  return ageScale(days);
}

function lookCell(view: View, one: ClusterSummary, staleAfterAudits: number): Content {
  const look = one.lastAssessedAt === undefined ? 'never' : ago(view, one.lastAssessedAt);
  return isStale(one, { staleAfterAudits }) ? html`${look} ${badge('stale', `missed ${count(one.missedAudits, 'audit')}`)}` : look;
}

/** A mark for a cluster that too many consecutive audits could not read. */
export function staleMark(cluster: ClusterSummary, policy: { readonly staleAfterAudits: number }): Content {
  return isStale(cluster, policy) ? badge('stale', `stale: ${count(cluster.missedAudits, 'audit')} could not scan it`) : '';
}
