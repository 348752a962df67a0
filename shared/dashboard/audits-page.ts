import type { NetChange } from '../domain/findings/difference.ts';
import type { NamedChange } from './estate-data.ts';
import { changeRow, liveAudit } from './estate-page.ts';
import { type Content, type Html, html } from './html.ts';
import type { Page } from './layout.ts';
import { type Column, plainTable } from './table.ts';
import { ago, apiHref, badge, count, empty, href, name, number, type View, when } from './view.ts';

/** One audit as the list shows it. */
export interface ListedAudit {
  readonly id: string;
  readonly startedAt: string;
  readonly cause: string;
  /** Chosen clusters; absent where the whole estate was audited. */
  readonly chosen?: number;
  readonly state: 'running' | 'complete' | 'incomplete';
  /** Absent where it would have to be read. */
  readonly counts?: {
    readonly planned: number;
    readonly scanned: number;
    readonly notAssessed: number;
    readonly notListed: number;
    readonly changed: number;
  };
  /** The audit went by an older policy, and why. */
  readonly policyProblem?: string;
  /** The audit before it in the list. */
  readonly before?: string;
}

/** The newest audits, and a way to start one. */
export function auditsPage(view: View, audits: readonly ListedAudit[], next: string | undefined): Page {
  const start = view.operator
    ? html`<form data-method="POST" action="${apiHref(view, '/audits')}"><button>Start an audit</button> <span role="status" class="mute"></span></form>`
    : '';
  const running = audits.find(({ state, counts }) => state === 'running' && counts !== undefined);
  const live = running?.counts === undefined ? '' : liveAudit(view, running.id, running.counts);
  const list =
    audits.length === 0 ? empty('No audit yet', 'The timer starts the first one.') : plainTable(view, 'Audits', columnsOf(view), audits);
  const older = next === undefined ? '' : html`<p><a href="${href(view, '/audits', { after: next })}">Older audits →</a></p>`;
  return {
    title: 'Audits',
    current: '/audits',
    content: html`<div class="head"><h1>Audits</h1>${start}</div><p class="lede">One audit is one run over the whole estate, or over chosen clusters.</p>${live}<section class="card"><h2 class="sr">List</h2>${list}${older}</section>`,
  };
}

function columnsOf(view: View): readonly Column<ListedAudit>[] {
  return [
    { label: 'Started', cell: ({ id, startedAt }) => html`<a href="${href(view, '/audit', { id })}">${when(startedAt)}</a>` },
    { label: 'State', cell: (audit) => html`${stateBadge(audit)} ${policyMark(audit)}` },
    { label: 'Cause', cell: ({ cause, chosen }) => (chosen === undefined ? cause : `${cause}: ${count(chosen, 'cluster')}`) },
    {
      label: 'Clusters',
      numeric: true,
      cell: ({ counts }) => (counts === undefined ? '?' : `${number(counts.scanned)} of ${number(counts.planned)}`),
    },
    { label: 'Not fully seen', numeric: true, cell: ({ counts }) => (counts === undefined ? '?' : number(counts.notAssessed)) },
    { label: 'Changed', numeric: true, cell: ({ counts }) => (counts === undefined ? '?' : number(counts.changed)) },
    {
      label: 'Compare',
      cell: ({ id, before }) =>
        before === undefined ? '–' : html`<a href="${href(view, '/audit', { id, from: before })}">with the one before</a>`,
    },
  ];
}

/** Complete with a hole is not green: it says how much could not be seen. */
function stateBadge({ state, counts }: Pick<ListedAudit, 'state' | 'counts'>): Html {
  if (state === 'running') return badge('transition', 'running');
  if (state === 'incomplete') return badge('high', 'incomplete');
  return counts !== undefined && counts.notAssessed + counts.notListed > 0
    ? badge('unknown', 'complete, with gaps')
    : badge('pass', 'complete');
}

function policyMark({ policyProblem }: Pick<ListedAudit, 'policyProblem'>): Content {
  return policyProblem === undefined ? '' : html`${badge('unknown', 'by the last good policy')} <span class="mute">${policyProblem}</span>`;
}

/** What could not be seen in an audit, by reason. */
export interface AuditGap {
  readonly name: string;
  readonly reason: string;
  /** The cluster; absent for a subscription. */
  readonly clusterId?: string;
}

/** One audit, and what became of the estate since an earlier one. */
export interface AuditData {
  readonly audit: ListedAudit;
  readonly gaps: readonly AuditGap[];
  readonly difference?: {
    readonly from: { readonly id: string; readonly startedAt: string };
    readonly changes: readonly { readonly kind: NetChange['kind']; readonly entry: NamedChange }[];
    readonly newlyBlind: readonly { readonly id: string; readonly name: string }[];
    readonly seenAgain: readonly { readonly id: string; readonly name: string }[];
    readonly complete: boolean;
  };
  /** Audits to compare with. */
  readonly others: readonly { readonly id: string; readonly startedAt: string }[];
}

/** Entries of a list on the page; the API gives the rest. */
const MAX_ENTRIES = 200;

/** One audit: how far it is, what it could not see, and what changed since another. */
export function auditPage(view: View, data: AuditData): Page {
  const { audit } = data;
  const live = audit.state === 'running' && audit.counts !== undefined ? liveAudit(view, audit.id, audit.counts) : '';
  const late =
    audit.state === 'incomplete'
      ? html`<p class="alert" role="alert">Its time is up, and part of it never reported. Look among the <a href="${href(view, '/parked')}">parked messages</a>, and start another one.</p>`
      : '';
  const content = html`<p><a href="${href(view, '/audits')}">← Audits</a></p><h1>Audit of ${when(audit.startedAt)}</h1>${live}${late}<p class="lede">${stateBadge(audit)} ${policyMark(audit)} ${summary(audit)}</p><section class="card" id="difference"><div class="head"><h2>Difference</h2>${compareForm(view, data)}</div>${difference(view, data)}</section><section class="card gap"><h2>${count(data.gaps.length, 'gap')}</h2>${gapList(view, data.gaps)}</section>`;
  return { title: `Audit of ${audit.startedAt.slice(0, 16)}`, current: '/audits', content };
}

function summary({ cause, chosen, counts }: ListedAudit): string {
  const scope = chosen === undefined ? 'the whole estate' : count(chosen, 'chosen cluster');
  if (counts === undefined) return `Started by ${cause} over ${scope}.`;
  return `Started by ${cause} over ${scope}: ${number(counts.scanned)} of ${count(counts.planned, 'cluster')} scanned, ${count(counts.changed, 'finding')} changed.`;
}

function compareForm(view: View, { audit, others, difference: shown }: AuditData): Content {
  if (others.length === 0) return '';
  const options = others.map(
    ({ id, startedAt }) =>
      html`<option value="${id}"${id === shown?.from.id ? html` selected` : ''}>${startedAt.slice(0, 16).replace('T', ' ')} UTC</option>`,
  );
  return html`<form class="filters" method="get" action="${view.base}/audit"><input type="hidden" name="id" value="${audit.id}"><label>Compared with<select name="from" autocomplete="off">${options}</select></label><button class="quiet">Compare</button></form>`;
}

function difference(view: View, { difference: shown }: AuditData): Html {
  if (shown === undefined) return empty('Nothing to compare with', 'There is no earlier audit of the whole estate.');
  const of = (kind: NetChange['kind']) => shown.changes.filter((one) => one.kind === kind).map(({ entry }) => entry);
  const cut = shown.complete ? '' : html`<p class="alert">More changed than one page holds: these are the newest.</p>`;
  const clusters = (label: string, some: readonly { readonly id: string; readonly name: string }[]) =>
    html`<h3>${label}: ${number(some.length)}</h3>${some.length === 0 ? '' : html`<ul class="plain">${some.slice(0, MAX_ENTRIES).map(({ id, name: text }) => html`<li><a href="${href(view, '/cluster', { id })}">${name(text)}</a></li>`)}</ul>`}`;
  const lines = (label: string, entries: readonly NamedChange[]) =>
    html`<h3>${label}: ${number(entries.length)}</h3>${entries.length === 0 ? '' : html`<ol class="rows changes">${entries.slice(0, MAX_ENTRIES).map((entry) => changeRow(view, entry))}</ol>`}`;
  return html`<p class="mute">Since the audit of ${ago(view, shown.from.startedAt)}</p>${cut}${lines('Opened', of('opened'))}${lines('Resolved', of('resolved'))}${lines('Changed', of('changed'))}${clusters('Newly blind', shown.newlyBlind)}${clusters('Seen again', shown.seenAgain)}`;
}

function gapList(view: View, gaps: readonly AuditGap[]): Html {
  if (gaps.length === 0) return html`<p>${badge('pass', 'none')} Everything that was planned was looked at fully.</p>`;
  const reasons = [...Map.groupBy(gaps, ({ reason }) => reason)].toSorted(([, a], [, b]) => b.length - a.length);
  return html`${reasons.map(([reason, some]) => html`<details><summary>${number(some.length)}: ${reason}</summary><ul class="plain">${some.slice(0, MAX_ENTRIES).map(({ name: text, clusterId }) => html`<li>${clusterId === undefined ? text : html`<a href="${href(view, '/cluster', { id: clusterId })}">${name(text)}</a>`}</li>`)}</ul></details>`)}`;
}
