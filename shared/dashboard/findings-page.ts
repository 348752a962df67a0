import { subjectLabel } from '../domain/findings/finding-text.ts';
import type { ClusterSummary } from '../domain/findings/summary.ts';
import { SEVERITIES } from '../domain/policy/severity.ts';
import { findingContent, findingTitle } from './finding-content.ts';
import type { Emptiness, FilterChoices, FindingGroupRows, FindingRow, FindingsData } from './findings-data.ts';
import { type Content, type Html, html } from './html.ts';
import type { Page } from './layout.ts';
import { pager } from './table.ts';
import { ago, apiHref, badge, count, empty, href, name, number, plural, type View } from './view.ts';

/** Findings of the whole estate, filtered and grouped, one per line, with the selected one in a side panel. */
export function findingsPage(view: View, data: FindingsData): Page {
  const panel = data.open === undefined ? '' : sidePanel(view, data);
  const content = html`<div class="head"><h1>${heading(data)}</h1>${exports(view, data)}</div><div class="finding-layout${data.open === undefined ? '' : ' with-panel'}"><aside class="filter-pane" aria-label="Filters">${filterForm(view, data)}</aside><section class="card list"><h2 class="sr">List</h2>${hiddenNote(view, data)}${list(view, data)}</section>${panel}</div>`;
  return { title: 'Findings', current: '/findings', content };
}

function heading({ count: amount, isLowerBound, clusters, status }: FindingsData): string {
  const more = isLowerBound ? '+' : '';
  return `${number(amount)}${more} ${status === 'open' ? 'open' : 'resolved'} in ${count(clusters, 'cluster')}`;
}

/** The API has no filter by an exemption, so an export would differ from the page. */
function exports(view: View, { keep }: FindingsData): Content {
  if (keep.exemption !== undefined && keep.exemption !== '') return '';
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(keep)) if (value !== undefined && value !== '' && key !== 'group') query.set(key, value);
  const link = (format: string) => html`<a href="${apiHref(view, `/exports/${format}?${query}`)}" download>${format.toUpperCase()}</a>`;
  return html`<p class="mute">Export the filtered findings: ${link('csv')} ${link('sarif')} ${link('html')}</p>`;
}

function hiddenNote(view: View, { hidden, keep }: FindingsData): Content {
  if (hidden === 0) return '';
  return html`<p class="mute">${number(hidden)} hidden: ${plural(hidden, 'it is', 'they are')} exempted. <a href="${href(view, '/findings', { ...keep, exempted: 'any' })}">Show ${plural(hidden, 'it', 'them')}</a></p>`;
}

function exemptionChip(view: View, { keep }: FindingsData): Content {
  const { exemption = '' } = keep;
  if (exemption === '') return '';
  const without = href(view, '/findings', { ...keep, exemption: undefined, exempted: undefined });
  return html`<input type="hidden" name="exemption" value="${exemption}"><p class="chip">exemption: ${name(exemption)} <a href="${without}" aria-label="Remove the filter of the exemption">×</a></p>`;
}

function filterForm(view: View, data: FindingsData): Html {
  const { filters, q, grouping, groupings, status } = data;
  const option = (value: string, chosen: boolean, label = value) =>
    html`<option value="${value}"${chosen ? html` selected` : ''}>${label}</option>`;
  return html`<form class="pane" method="get" action="${view.base}/findings" role="search">${exemptionChip(view, data)}<label>Text<input type="search" name="q" value="${q}" autocomplete="off"></label><label>First seen since<input type="date" name="firstSeenSince" value="${data.firstSeenSince}" autocomplete="off"></label><label>Status<select name="status" autocomplete="off">${option('open', status === 'open')}${option('resolved', status === 'resolved')}</select></label><label>Group by<select name="group" autocomplete="off">${groupings.map((one) => option(one, one === grouping, one === '' ? 'none' : one.replace(/^tag:/, 'tag ')))}</select></label><p class="actions"><button>Apply</button> <a href="${href(view, '/findings')}">Clear</a></p><div><input type="checkbox" class="fold" id="fold" autocomplete="off"><label for="fold"> All filters</label><div class="facets">${filters.map(facet)}</div></div></form>`;
}

/** Number of values shown before the others are folded. */
const OPEN_VALUES = 6;

function facet({ name: field, label, chosen, choices }: FilterChoices): Content {
  const missing = chosen.filter((value) => !choices.some((one) => one.value === value)).map((value) => ({ value, label: value, count: 0 }));
  const all = [...missing, ...choices];
  if (all.length === 0) return '';
  const box = (one: (typeof all)[number]) =>
    html`<label class="check"><input type="checkbox" name="${field}" value="${one.value}"${chosen.includes(one.value) ? html` checked` : ''} autocomplete="off"><span>${name(one.label)}</span><span class="mute">${number(one.count)}</span></label>`;
  const first = all.filter((one, at) => at < OPEN_VALUES || chosen.includes(one.value));
  const rest = all.filter((one) => !first.includes(one));
  const more = rest.length === 0 ? '' : html`<details><summary>${number(rest.length)} more</summary>${rest.map(box)}</details>`;
  return html`<fieldset><legend>${label}</legend>${first.map(box)}${more}</fieldset>`;
}

function list(view: View, data: FindingsData): Content {
  if (data.empty !== undefined) return emptiness(view, data.empty);
  const toolbar =
    view.operator && data.status === 'open'
      ? html`<p class="actions toolbar"><button class="quiet" data-needs-selection disabled>Exempt selected</button> <span class="mute" data-selected role="status"></span></p>`
      : '';
  const more =
    data.next === undefined
      ? ''
      : html`<p><a href="${href(view, '/findings', { ...data.keep, after: data.next })}">More findings →</a></p>`;
  return html`<form class="selection" method="get" action="${view.base}/exempt">${toolbar}${findingTable(view, data)}</form>${pager(view, '/findings', data.keep, data)}${more}`;
}

/** One table for all groups, so that their columns are aligned. */
function findingTable(view: View, data: FindingsData): Html {
  const select = view.operator ? html`<th scope="col"><span class="sr">Select</span></th>` : '';
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Findings"><table class="dense stack"><thead><tr>${select}<th scope="col">Severity</th><th scope="col">What</th><th scope="col">Rule</th><th scope="col">Cluster</th><th scope="col">Owner</th><th scope="col">First seen</th></tr></thead>${data.groups.map((group) => groupRows(view, data, group))}</table></div>`;
}

function groupRows(view: View, data: FindingsData, { label, count: amount, rows }: FindingGroupRows): Html {
  const heading =
    label === ''
      ? ''
      : html`<tr class="group"><th colspan="${view.operator ? 7 : 6}" scope="rowgroup"><bdi>${label}</bdi> <span class="mute">${number(amount)}</span></th></tr>`;
  return html`<tbody>${heading}${rows.map((row) => findingRow(view, data, row))}</tbody>`;
}

function findingRow(view: View, { keep, open }: FindingsData, { finding, exempted, dueOn, overdue }: FindingRow): Html {
  const { id, severity, ruleId, clusterId, clusterName, subject, firstSeenAt, message, owner, stale } = finding;
  const label = subjectLabel(subject);
  const select = view.operator
    ? html`<td data-label="Select"><input type="checkbox" name="id" value="${id}" aria-label="Select ${label}" autocomplete="off"></td>`
    : '';
  const marks = html`${exempted ? badge('exempted') : ''}${stale === true ? badge('stale') : ''}${overdue ? badge('critical', `due ${dueOn ?? ''}`) : ''}`;
  return html`<tr${open?.finding.id === id ? html` aria-current="true"` : ''}>${select}<td data-label="Severity">${badge(severity)}</td><td class="what" data-label="What"><a href="${href(view, '/findings', { ...keep, id })}" data-finding="${href(view, '/finding', { id })}">${name(label)}</a> ${marks}<span class="mute message">${message}</span></td><td data-label="Rule">${ruleId}</td><td data-label="Cluster"><a href="${href(view, '/cluster', { id: clusterId })}">${name(clusterName)}</a></td><td data-label="Owner"${owner === undefined ? html` class="none"` : ''}>${owner === undefined ? '–' : name(owner)}</td><td data-label="First seen">${ago(view, firstSeenAt)}</td></tr>`;
}

/** The selected finding beside the list; a narrow window opens its page instead. */
function sidePanel(view: View, { open, keep }: FindingsData): Content {
  if (open === undefined) return '';
  return html`<aside class="card panel" aria-label="The chosen finding" id="panel"><p class="close"><a href="${href(view, '/findings', keep)}" aria-label="Close">×</a></p><h2>${findingTitle(open.finding)}</h2>${findingContent(view, open)}</aside>`;
}

function emptiness(view: View, why: Emptiness): Html {
  switch (why.kind) {
    case 'none-open':
      return empty('Nothing fails', 'Every rule that could be judged passed for everything that was read.');
    case 'no-match':
      return empty('Nothing matches', html`No finding matches these filters. <a href="${href(view, '/findings')}">Show all</a>`);
    case 'unknown-value':
      return empty(
        'A filter value is invalid',
        html`${why.problems.map((problem) => html`${problem} `)}<a href="${href(view, '/findings')}">Show all</a>`,
      );
    case 'not-seen':
      return empty(
        'Not fully checked',
        html`No finding is open, but ${count(why.clusters, 'cluster')} could not be read completely. <a href="${href(view, '')}#coverage">Which, and why</a>`,
      );
  }
}

/** Findings of one cluster: the same rows without the cluster and without selection. */
export function clusterFindings(view: View, rows: readonly FindingRow[], all: number, { cluster, assessment }: ClusterSummary): Html {
  if (rows.length === 0) {
    return assessment === 'assessed'
      ? empty('Nothing fails', 'Every rule that could be judged was met.')
      : empty('Not fully checked', 'No finding is open, but this cluster could not be read completely.');
  }
  const sorted = rows.toSorted((a, b) => SEVERITIES.indexOf(a.finding.severity) - SEVERITIES.indexOf(b.finding.severity));
  const folded = sorted.slice(OPEN_FINDINGS);
  const rest =
    folded.length === 0
      ? ''
      : html`<details><summary>${count(folded.length, 'finding')} more</summary>${clusterRows(view, folded)}</details>`;
  const more = all > rows.length ? html`<p><a href="${href(view, '/findings', { cluster: cluster.id })}">All ${number(all)}</a></p>` : '';
  return html`${clusterRows(view, sorted.slice(0, OPEN_FINDINGS))}${rest}${more}`;
}

/** Number of findings of a cluster shown before the less severe ones are folded. */
const OPEN_FINDINGS = 15;

function clusterRows(view: View, rows: readonly FindingRow[]): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Open findings"><table class="dense stack"><thead><tr><th scope="col">Severity</th><th scope="col">What</th><th scope="col">Rule</th><th scope="col">First seen</th></tr></thead><tbody>${rows.map(
    ({ finding, exempted, overdue }) =>
      html`<tr><td data-label="Severity">${badge(finding.severity)}</td><td class="what" data-label="What"><a href="${href(view, '/finding', { id: finding.id })}">${name(subjectLabel(finding.subject))}</a> ${exempted ? badge('exempted') : ''}${finding.stale === true ? badge('stale') : ''}${overdue ? badge('critical', 'overdue') : ''}<span class="mute message">${finding.message}</span></td><td data-label="Rule">${finding.ruleId}</td><td data-label="First seen">${ago(view, finding.firstSeenAt)}</td></tr>`,
  )}</tbody></table></div>`;
}
