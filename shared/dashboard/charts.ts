import { type BySeverity, total } from '../domain/findings/estate-figures.ts';
import type { EstateDay } from '../domain/findings/trend.ts';
import { SEVERITIES } from '../domain/policy/severity.ts';
import { type Html, html } from './html.ts';
import { href, number, plural, type View } from './view.ts';

/** Selectable lengths of the trend, in days. */
export const TREND_DAYS = [7, 30, 90] as const;
export type TrendDays = (typeof TREND_DAYS)[number];

/** Units of the drawing, which is stretched to its place; labels are outside and not stretched. */
const WIDTH = 1000;
const HEIGHT = 300;

interface Scale {
  readonly x: (at: number) => number;
  readonly y: (value: number) => number;
  readonly most: number;
}

/** A chart of open findings by day, stacked by severity, with axes; days on which some clusters could not be read are hatched. */
export function trendChart(points: readonly EstateDay[]): Html {
  const last = points.at(-1);
  const first = points[0];
  if (first === undefined || last === undefined || points.length < 2)
    return html`<p class="empty">The trend begins with the second day of audits.</p>`;
  const scale = scaleOf(points);
  const label = `Open findings by day from ${first.day} (${total(first.openBySeverity)}) to ${last.day} (${total(last.openBySeverity)}). Arrow keys read the days.`;
  return html`<div class="trend" data-trend tabindex="0" role="img" aria-label="${label}"><div class="plot" aria-hidden="true"><div class="ends up">${upTicks(
    scale,
  )
    .toReversed()
    .map(
      (tick) => html`<span>${number(tick)}</span>`,
    )}</div><div class="area"><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none"><defs><pattern id="unseen" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line x1="0" y1="0" x2="0" y2="6"/></pattern></defs>
${grid(scale)}${areas(points, scale)}${unseen(points, scale)}${hits(points, scale)}</svg></div><div class="ends days">${dayTicks(points).map((day) => html`<span>${day.slice(5)}</span>`)}</div></div><p class="value" data-trend-value aria-live="polite">${describe(last)}</p></div>`;
}

/** Links to the same page with other lengths of the trend. */
export function trendRange(view: View, days: TrendDays, keep: Readonly<Record<string, string | undefined>>): Html {
  const links = TREND_DAYS.map((one) =>
    one === days
      ? html`<a aria-current="true" href="${href(view, '', { ...keep, days: String(one) })}">${one} days</a>`
      : html`<a href="${href(view, '', { ...keep, days: one === 30 ? undefined : String(one) })}">${one} days</a>`,
  );
  return html`<nav class="range" aria-label="Length of the trend">${links}</nav>`;
}

function scaleOf(points: readonly EstateDay[]): Scale {
  const highest = Math.max(1, ...points.map(({ openBySeverity }) => total(openBySeverity)));
  const most = roundAbove(highest);
  const width = WIDTH / (points.length - 1);
  return { most, x: (at) => at * width, y: (value) => HEIGHT * (1 - value / most) };
}

/** Possible ends of an axis, times a power of ten: close together, so that the values fill the axis, and divisible by four. */
const AXIS_ENDS = [1, 1.2, 1.6, 2, 2.4, 3.2, 4, 4.8, 6, 8, 10];

function roundAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const ends = AXIS_ENDS.map((end) => Math.round(end * power)).filter((end) => end % 4 === 0);
  return ends.find((end) => end >= value) ?? 20 * power;
}

/** The values on the upward axis, evenly spaced. */
function upTicks({ most }: Scale): readonly number[] {
  return [0, 0.25, 0.5, 0.75, 1].map((share) => most * share).filter((tick) => Number.isInteger(tick));
}

function grid(scale: Scale): readonly Html[] {
  return upTicks(scale).map((tick) => html`<line class="grid" x1="0" x2="${WIDTH}" y1="${scale.y(tick)}" y2="${scale.y(tick)}"/>`);
}

/** Maximum number of steps between labeled days. */
const MAX_STEPS = 7;

/** The days on the axis, evenly spaced from the first to the last. */
function dayTicks(points: readonly EstateDay[]): readonly string[] {
  const steps = points.length - 1;
  const each = points.findIndex((_, at) => at > 0 && steps % at === 0 && steps / at <= MAX_STEPS);
  return points.filter((_, at) => at % each === 0).map(({ day }) => day);
}

/** The most severe is at the bottom, where its shape is easiest to read. */
function areas(points: readonly EstateDay[], { x, y }: Scale): readonly Html[] {
  const base = points.map(() => 0);
  return SEVERITIES.map((severity) => {
    const lower = base.map((value, at) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`);
    for (const [at, { openBySeverity }] of points.entries()) base[at] = (base[at] ?? 0) + openBySeverity[severity];
    const upper = base.map((value, at) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`);
    return html`<polygon class="${severity}" points="${upper.join(' ')} ${lower.toReversed().join(' ')}"/>`;
  });
}

function unseen(points: readonly EstateDay[], { x }: Scale): readonly Html[] {
  const half = (x(1) - x(0)) / 2;
  return points.flatMap(({ seen }, at) =>
    seen !== undefined && seen.blind > 0
      ? [html`<rect class="hatched" x="${(x(at) - half).toFixed(1)}" y="0" width="${(2 * half).toFixed(1)}" height="${HEIGHT}"/>`]
      : [],
  );
}

/** One invisible column per day that shows its values. */
function hits(points: readonly EstateDay[], { x }: Scale): readonly Html[] {
  const half = (x(1) - x(0)) / 2;
  return points.map(
    (point, at) =>
      html`<rect class="hit" data-day="${describe(point)}" x="${(x(at) - half).toFixed(1)}" y="0" width="${(2 * half).toFixed(1)}" height="${HEIGHT}"><title>${describe(point)}</title></rect>`,
  );
}

function describe({ day, openBySeverity, seen }: EstateDay): string {
  const coverage =
    seen === undefined
      ? 'worked out from the history'
      : `${seen.blind} of ${seen.clusters} ${plural(seen.clusters, 'cluster', 'clusters')} not fully seen`;
  return `${day}: ${total(openBySeverity)} open (${bySeverity(openBySeverity)}); ${coverage}`;
}

function bySeverity(counts: BySeverity): string {
  const some = SEVERITIES.filter((severity) => counts[severity] > 0).map((severity) => `${counts[severity]} ${severity}`);
  return some.length === 0 ? 'none' : some.join(', ');
}

/** The age of an image in days, with its color; the scale has marks at 14, 30 and 90 days. */
export function ageScale(days: number): Html {
  const kind = days > 90 ? 'critical' : days > 30 ? 'high' : days > 14 ? 'medium' : 'pass';
  const x = (value: number) => Math.min(100, (value / 120) * 100).toFixed(1);
  const marks = [14, 30, 90].map((mark) => html`<line x1="${x(mark)}" x2="${x(mark)}" y1="0" y2="8"/>`);
  return html`<span class="age"><svg class="shares" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="${kind}" width="${x(days)}" height="8"/>${marks}</svg>${number(days)} d</span>`;
}
