import { type Content, type Html, html } from './html.ts';

/** What every page needs to know about its request. */
export interface View {
  /** New for each response; only scripts and styles with this nonce run. */
  readonly nonce: string;
  /** The path of the dashboard without a trailing slash: `/api/dashboard`. */
  readonly base: string;
  readonly now: Date;
  /** The caller may write: start audits, exempt findings, replay messages. */
  readonly operator: boolean;
}

/** Pages of the menu. */
export const PAGES = [
  { path: '', label: 'Estate' },
  { path: '/findings', label: 'Findings' },
  { path: '/audits', label: 'Audits' },
  { path: '/exemptions', label: 'Exemptions' },
  { path: '/rules', label: 'Rules' },
  { path: '/parked', label: 'Parked messages' },
] as const;

export type PagePath = (typeof PAGES)[number]['path'];

/** Returns a link to the app's API. */
export function apiHref(view: View, path: string): string {
  return `${view.base.replace(/\/dashboard$/, '')}${path}`;
}

/** Returns a link within the dashboard; empty parameters are omitted. */
export function href(view: View, path: string, parameters: Readonly<Record<string, string | undefined>> = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined && value !== '') query.set(name, value);
  const text = query.toString();
  return `${view.base}${path}${text === '' ? '' : `?${text}`}`;
}

/** A name from a cluster, isolated so that its writing direction does not affect the text beside it. */
export function name(text: string): Html {
  return html`<bdi>${text}</bdi>`;
}

/** A namespace and a name, with a line break allowed between them. */
export function namespaced(namespace: string, text: string): Html {
  return html`<bdi>${namespace}/<wbr>${text}</bdi>`;
}

/** A relative time such as "2 h ago", with the exact time as its title. */
export function ago(view: View, at: string): Html {
  const minutes = Math.max(0, Math.round((view.now.getTime() - Date.parse(at)) / 60_000));
  return html`<time datetime="${at}" title="${at}">${minutes < 1 ? 'just now' : `${span(minutes)} ago`}</time>`;
}

/** A time in UTC without milliseconds. */
export function when(at: string): Html {
  return html`<time datetime="${at}">${at.slice(0, 16).replace('T', ' ')} UTC</time>`;
}

function span(minutes: number): string {
  if (minutes < 90) return `${number(minutes)} min`;
  if (minutes < 36 * 60) return `${number(Math.round(minutes / 60))} h`;
  return count(Math.round(minutes / 1440), 'day');
}

/** `1 cluster`, `2 clusters`. */
export function count(amount: number, noun: string): string {
  return `${number(amount)} ${plural(amount, noun, `${noun}s`)}`;
}

/** A number with thousands separators. */
export function number(amount: number): string {
  return amount.toLocaleString('en-US');
}

/** Returns the singular or plural for an amount. */
export function plural(amount: number, one: string, many: string): string {
  return amount === 1 ? one : many;
}

/** A colored word for a severity, status or verdict; the word itself has the same meaning. */
export function badge(kind: string, label: Content = kind): Html {
  return html`<span class="badge ${kind}">${label}</span>`;
}

/** An empty state: what is missing, and when it will be there. */
export function empty(title: string, text: Content): Html {
  return html`<div class="empty"><p><strong>${title}</strong></p><p>${text}</p></div>`;
}
