import type { Finding } from '../domain/findings/finding.ts';
import { subjectLabel } from '../domain/findings/finding-text.ts';
import { SEVERITIES } from '../domain/policy/severity.ts';
import { type Html, html } from './html.ts';
import type { Page } from './layout.ts';
import { type Column, dataTable } from './table.ts';
import { ago, badge, empty, href, name, type View } from './view.ts';

/** The filter of the findings page, as in the address. */
export interface FindingsFilter {
  readonly q?: string;
  readonly severity?: string;
  readonly rule?: string;
  readonly status: 'open' | 'resolved';
}

/** What the findings page shows: one page of a list. */
export interface FindingsData {
  readonly findings: readonly Finding[];
  readonly exempted: ReadonlySet<string>;
  readonly filter: FindingsFilter;
  readonly rules: readonly string[];
  readonly next?: string;
}

/** Findings of the whole estate, filtered. */
export function findingsPage(view: View, data: FindingsData): Page {
  const { filter } = data;
  const keep = { q: filter.q, severity: filter.severity, rule: filter.rule, status: filter.status };
  const more =
    data.next === undefined ? '' : html`<p><a href="${href(view, '/findings', { ...keep, after: data.next })}">More findings →</a></p>`;
  const content = html`<h1>Findings</h1><p class="lede">What does not comply, with the evidence and the fix.</p><section class="card">${filters(view, data)}${findingsTable(view, data.findings, true, data.exempted)}${more}</section>`;
  return { title: 'Findings', current: '/findings', content };
}

/** A table of findings; also part of the cluster's page. */
export function findingsTable(
  view: View,
  findings: readonly Finding[],
  withCluster: boolean,
  exempted: ReadonlySet<string> = new Set(),
): Html {
  if (findings.length === 0) return empty('No finding', 'Nothing that was looked at fails here.');
  const columns: readonly Column<Finding>[] = [
    { label: 'Severity', cell: ({ severity }) => badge(severity) },
    { label: 'Rule', cell: ({ id, ruleId }) => html`<a href="${href(view, '/finding', { id })}">${ruleId}</a>` },
    ...(withCluster
      ? [
          {
            label: 'Cluster',
            className: 'name',
            cell: ({ clusterId, clusterName }: Finding) =>
              html`<a href="${href(view, '/cluster', { id: clusterId })}">${name(clusterName)}</a>`,
          },
        ]
      : []),
    { label: 'Subject', className: 'name', cell: ({ subject }) => name(subjectLabel(subject)) },
    {
      label: 'What was seen',
      className: 'msg',
      cell: ({ id, message, stale }) =>
        html`${message} ${stale === true ? badge('stale') : ''} ${exempted.has(id) ? badge('exempted') : ''}`,
    },
    { label: 'First seen', cell: ({ firstSeenAt }) => ago(view, firstSeenAt) },
    { label: 'Last seen', cell: ({ lastSeenAt }) => ago(view, lastSeenAt) },
  ];
  return dataTable(view, 'Findings', columns, findings);
}

function filters(view: View, { filter, rules }: FindingsData): Html {
  const options = (values: readonly string[], chosen: string | undefined) =>
    values.map((value) => html`<option value="${value}"${value === chosen ? html` selected` : ''}>${value}</option>`);
  return html`<form class="filters" method="get" action="${view.base}/findings" role="search"><label>Text<input type="search" name="q" value="${filter.q ?? ''}"></label><label>Severity<select name="severity"><option value="">All</option>${options(SEVERITIES, filter.severity)}</select></label><label>Rule<select name="rule"><option value="">All</option>${options(rules, filter.rule)}</select></label><label>Status<select name="status">${options(['open', 'resolved'], filter.status)}</select></label><button>Filter</button></form>`;
}
