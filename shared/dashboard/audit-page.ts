import type { NetChange } from '../domain/findings/difference.ts';
import { type ListedAudit, policyMark, stateBadge } from './audits-page.ts';
import type { NamedChange } from './estate-data.ts';
import { changeRow } from './estate-page.ts';
import { type Content, type Html, html } from './html.ts';
import type { Page } from './layout.ts';
import { liveAudit } from './live-audit.ts';
import { badge, count, empty, href, name, number, type View, when } from './view.ts';

/** Parts that an audit could not read, by reason. */
export interface AuditGap {
  readonly name: string;
  readonly reason: string;
  /** The cluster; absent for a subscription. */
  readonly clusterId?: string;
}

/** A cluster's id and display name. */
interface NamedCluster {
  readonly id: string;
  readonly name: string;
}

/** One audit, and the changes of the estate since an earlier one. */
export interface AuditData {
  readonly audit: ListedAudit;
  readonly gaps: readonly AuditGap[];
  /** The changes that the audit made itself, newest first. */
  readonly changes: { readonly entries: readonly NamedChange[]; readonly complete: boolean };
  readonly difference?: {
    readonly from: { readonly id: string; readonly startedAt: string };
    readonly changes: readonly { readonly kind: NetChange['kind']; readonly entry: NamedChange }[];
    readonly newlyBlind: readonly NamedCluster[];
    readonly seenAgain: readonly NamedCluster[];
    readonly complete: boolean;
  };
  /** Audits to compare with. */
  readonly others: readonly { readonly id: string; readonly startedAt: string }[];
}

/** Maximum number of entries of a list on the page; the API returns all. */
const MAX_ENTRIES = 200;

/** The page of one audit: its progress, what it could not read, and the changes since another audit. */
export function auditPage(view: View, data: AuditData): Page {
  const { audit } = data;
  const live = audit.state === 'running' && audit.counts !== undefined ? liveAudit(view, audit.id, audit.counts) : '';
  const late =
    audit.state === 'incomplete'
      ? html`<p class="alert" role="alert">It timed out: some parts never reported. Check the <a href="${href(view, '/parked')}">parked messages</a>, then start another audit.</p>`
      : '';
  const content = html`<p><a href="${href(view, '/audits')}">← Audits</a></p><h1>Audit of ${when(audit.startedAt)}</h1>${live}${late}<p class="lede">${stateBadge(audit)} ${policyMark(audit)} ${summary(audit)}</p><section class="card" id="difference"><div class="head"><h2>Difference</h2>${compareForm(view, data)}</div>${difference(view, data)}</section><section class="card gap" id="gaps"><h2>${count(data.gaps.length, 'gap')}</h2>${gapList(view, data)}</section><section class="card" id="changes"><h2>${count(data.changes.entries.length, 'change')}${data.changes.complete ? '' : ' and more'}</h2>${changeLines(view, data.changes.entries)}</section>`;
  return { title: `Audit of ${audit.startedAt.slice(0, 16)}`, current: '/audits', content };
}

function summary({ cause, chosen, counts }: ListedAudit): string {
  const scope = chosen === undefined ? 'the whole estate' : count(chosen, 'chosen cluster');
  if (counts === undefined || counts.planned === 0) return `Started by ${cause} over ${scope}.`;
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
  const clusters = (some: readonly NamedCluster[]) =>
    html`<ul class="plain">${some.slice(0, MAX_ENTRIES).map(({ id, name: text }) => html`<li><a href="${href(view, '/cluster', { id })}">${name(text)}</a></li>`)}</ul>`;
  const parts: readonly (readonly [label: string, amount: number, list: () => Content])[] = [
    ...(['opened', 'resolved', 'changed'] as const).map((kind) => [kind, of(kind).length, () => changeLines(view, of(kind))] as const),
    ['newly blind', shown.newlyBlind.length, () => clusters(shown.newlyBlind)],
    ['seen again', shown.seenAgain.length, () => clusters(shown.seenAgain)],
  ];
  const cut = shown.complete ? '' : html`<p class="alert">Too many changes for one page: these are the newest.</p>`;
  const lists = parts.filter(([, amount]) => amount > 0).map(([label, amount, list]) => html`<h3>${number(amount)} ${label}</h3>${list()}`);
  const none = parts.filter(([, amount]) => amount === 0).map(([label]) => label);
  return html`<p class="mute">Since the end of the audit of ${when(shown.from.startedAt)}</p>${cut}${lists}${none.length === 0 ? '' : html`<p class="mute">None ${none.join(', ')}.</p>`}`;
}

/** One line per change; the API returns the ones that do not fit on the page. */
function changeLines(view: View, entries: readonly NamedChange[]): Content {
  if (entries.length === 0) return html`<p class="mute">None.</p>`;
  const lost = entries.length - MAX_ENTRIES;
  const more = lost <= 0 ? '' : html`<p class="mute">${count(lost, 'change')} more only in the API</p>`;
  return html`<ol class="rows changes">${entries.slice(0, MAX_ENTRIES).map((entry) => changeRow(view, entry))}</ol>${more}`;
}

function gapList(view: View, { gaps, audit }: AuditData): Html {
  if (gaps.length === 0 && audit.state !== 'complete') {
    return html`<p class="mute">${audit.state === 'running' ? 'None so far.' : 'None was reported, but part of it never reported.'}</p>`;
  }
  if (gaps.length === 0) return html`<p>${badge('pass', 'none')} Every planned cluster was fully scanned.</p>`;
  const reasons = [...Map.groupBy(gaps, ({ reason }) => reason)].toSorted(([, a], [, b]) => b.length - a.length);
  return html`${reasons.map(([reason, some]) => html`<details><summary>${number(some.length)}: ${reason}</summary><ul class="plain">${some.slice(0, MAX_ENTRIES).map(({ name: text, clusterId }) => html`<li>${clusterId === undefined ? text : html`<a href="${href(view, '/cluster', { id: clusterId })}">${name(text)}</a>`}</li>`)}</ul></details>`)}`;
}
