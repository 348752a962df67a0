import { type EstateFigures, IMAGE_AGES, type ImageAge, REQUIRED_RULE, total } from '../domain/findings/estate-figures.ts';
import { SEVERITIES } from '../domain/policy/severity.ts';
import { type Content, type Html, html } from './html.ts';
import { type IconName, icon } from './icons.ts';
import { href, number, plural, type View } from './view.ts';

/** The content of the six tiles. */
export interface TileData {
  /** Without exempted findings. */
  readonly figures: EstateFigures;
  /** Open findings of the rule about workloads that must be sandboxed, without exempted ones. */
  readonly exposed: number;
  /** Number of clusters whose workloads could not be read. */
  readonly unchecked: number;
  readonly exempted: number;
  /** Number of exemptions that end within 30 days. */
  readonly endingSoon: number;
  readonly overdue: number | undefined;
  /** The estate after the audit before the newest, and the page that compares the two. */
  readonly before?: { readonly figures: EstateFigures; readonly startedAt: string; readonly link: string };
  /** The current estate counted like `before`, with exempted findings. */
  readonly now: EstateFigures;
}

/** The colors of image ages, the oldest last. */
const AGE_KINDS: Readonly<Record<ImageAge, string>> = {
  current: 'pass',
  aging: 'medium',
  stale: 'high',
  unsupported: 'critical',
  unknown: 'unknown',
};

/** Six numbers that show the state of the estate, each with its change since the previous audit. */
export function tiles(view: View, data: TileData): Html {
  return html`<div class="tiles">${sandboxTile(view, data)}${openTile(view, data)}${blindTile(view, data)}${imageTile(view, data)}${exemptedTile(view, data)}${overdueTile(view, data)}</div>`;
}

function tile(kind: string, [shape, label]: readonly [IconName, string], figure: Content, more: Content, changed: Content = ''): Html {
  return html`<section class="tile ${kind}"><h2>${icon(shape)}${label}</h2><p class="figure">${figure} ${changed}</p><p class="more">${more}</p></section>`;
}

function linked(link: string, amount: number, label: string): Html {
  return html`<a href="${link}" aria-label="${number(amount)} ${label}">${number(amount)}</a>`;
}

function sandboxTile(view: View, data: TileData): Html {
  const { exposed, unchecked, figures } = data;
  const kind = exposed > 0 ? 'critical' : unchecked > 0 ? 'unknown' : figures.required.sandboxed > 0 ? 'pass' : 'info';
  const figure = html`<span class="trio"><span class="pass">${icon('pass')}${linked(href(view, '/sandboxed'), figures.required.sandboxed, 'workloads that are sandboxed as required')}</span><span class="critical">${icon('fail')}${linked(href(view, '/findings', { rule: REQUIRED_RULE }), exposed, 'workloads that are not sandboxed')}</span><span class="unknown">${icon('unknown')}${linked(`${href(view, '', { gap: 'workloads' })}#clusters`, unchecked, 'clusters whose workloads could not be seen')}</span></span>`;
  return tile(
    kind,
    ['shield', 'Must be sandboxed'],
    figure,
    'sandboxed, not, and clusters not seen',
    change(data, ({ required }) => required.exposed),
  );
}

function openTile(view: View, data: TileData): Html {
  const open = total(data.figures.openBySeverity);
  const bySeverity = SEVERITIES.filter((severity) => data.figures.openBySeverity[severity] > 0).map(
    (severity) =>
      html`<a class="${severity}" href="${href(view, '/findings', { severity })}"><b>${number(data.figures.openBySeverity[severity])}</b> ${severity}</a> `,
  );
  const kind = SEVERITIES.find((severity) => data.figures.openBySeverity[severity] > 0) ?? 'pass';
  return tile(
    kind,
    ['list', 'Open findings'],
    linked(href(view, '/findings'), open, 'open findings'),
    bySeverity.length === 0 ? 'none' : html`<span class="severities">${bySeverity}</span>`,
    change(data, ({ openBySeverity }) => total(openBySeverity)),
  );
}

function blindTile(view: View, data: TileData): Html {
  const { blind, clusters } = data.figures;
  const figure = html`${linked(`${href(view, '', { status: 'blind' })}#clusters`, blind, 'blind clusters')} <small>of ${linked(`${href(view, '')}#clusters`, clusters, 'clusters')}</small>`;
  return tile(
    blind > 0 ? 'unknown' : 'pass',
    ['blind', 'Blind clusters'],
    figure,
    'could not be read completely',
    change(data, (one) => one.blind),
  );
}

function imageTile(view: View, data: TileData): Html {
  const { images } = data.figures;
  const old = images.stale + images.unsupported;
  const kind = images.unsupported > 0 ? 'critical' : images.stale > 0 ? 'high' : images.unknown > 0 ? 'unknown' : 'pass';
  const parts = IMAGE_AGES.filter((age) => images[age] > 0);
  const clustersOf = (...ages: readonly ImageAge[]) => `${href(view, '', { image: ages.join(',') })}#clusters`;
  const words = parts.map((age) => html`<a class="${AGE_KINDS[age]}" href="${clustersOf(age)}"><b>${number(images[age])}</b> ${age}</a> `);
  return tile(
    kind,
    ['image', 'Oldest node image'],
    html`${linked(clustersOf('stale', 'unsupported'), old, 'clusters with an old node image')} <small>${old === 1 ? 'cluster' : 'clusters'} past stale</small>`,
    html`${shares(parts.map((age) => ({ kind: AGE_KINDS[age], value: images[age] })))}<span class="severities">${words}</span>`,
    change(data, (one) => one.images.stale + one.images.unsupported),
  );
}

function exemptedTile(view: View, data: TileData): Html {
  const { exempted, endingSoon } = data;
  const soon = html`<a href="${href(view, '/exemptions', { state: 'ending' })}">${number(endingSoon)} ${plural(endingSoon, 'exemption ends', 'exemptions end')}</a> within 30 days`;
  return tile(
    'info',
    ['pause', 'Exempted'],
    linked(href(view, '/findings', { exempted: 'true' }), exempted, 'exempted findings'),
    soon,
    change(data, (one) => one.exempted),
  );
}

function overdueTile(view: View, data: TileData): Html {
  const { overdue } = data;
  if (overdue === undefined) return tile('unknown', ['clock', 'Overdue'], '?', 'counted from the next audit on');
  const figure = linked(href(view, '/findings', { overdue: 'true' }), overdue, 'overdue findings');
  return tile(
    overdue > 0 ? 'critical' : 'pass',
    ['clock', 'Overdue'],
    figure,
    'past their due date',
    change(data, (one) => one.overdue),
  );
}

/** The change of a number since the previous audit; empty without a previous audit. */
function change({ before, now }: TileData, of: (figures: EstateFigures) => number | undefined): Content {
  const [was, is] = [before && of(before.figures), of(now)];
  if (before === undefined || was === undefined || is === undefined) return '';
  const difference = is - was;
  const text = difference === 0 ? '±0' : `${difference > 0 ? '+' : '−'}${number(Math.abs(difference))}`;
  const kind = difference > 0 ? 'worse' : difference < 0 ? 'better' : 'same';
  return html`<a class="change ${kind}" href="${before.link}" title="Change since the audit of ${before.startedAt.slice(0, 16).replace('T', ' ')} UTC">${text}</a>`;
}

/** Shares of a whole as one bar; the numbers are beside it. */
export function shares(parts: readonly { readonly kind: string; readonly value: number }[]): Html {
  const whole = parts.reduce((sum, { value }) => sum + value, 0);
  let from = 0;
  const rects = parts.map(({ kind, value }) => {
    const width = whole === 0 ? 0 : (100 * value) / whole;
    const rect = html`<rect class="${kind}" x="${from.toFixed(2)}" width="${width.toFixed(2)}" height="8"/>`;
    from += width;
    return rect;
  });
  return html`<svg class="shares" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">${rects}</svg>`;
}
