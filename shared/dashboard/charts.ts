import { type Html, html } from './html.ts';

/** One day of the trend. */
export interface TrendPoint {
  /** `2026-11-23`. */
  readonly day: string;
  readonly open: number;
}

/** Open findings over time as an area; an empty list draws nothing. */
export function trendChart(points: readonly TrendPoint[]): Html {
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined) return html``;
  const top = Math.max(1, ...points.map(({ open }) => open));
  const step = points.length > 1 ? 1000 / (points.length - 1) : 1000;
  const line = points.map(({ open }, at) => `${(at * step).toFixed(1)},${(150 - (open / top) * 140).toFixed(1)}`).join(' ');
  const label = `Open findings from ${first.day} (${first.open}) to ${last.day} (${last.open}); at most ${top}.`;
  return html`<svg class="trend" viewBox="0 0 1000 160" preserveAspectRatio="none" role="img" aria-label="${label}">
<line class="axis" x1="0" y1="150" x2="1000" y2="150"/><polygon class="area" points="0,150 ${line} 1000,150"/><polyline class="line" points="${line}"/></svg>
<p class="mute">${label}</p>`;
}

/** A bar that shows a share of a whole; the number stands beside it, so the bar itself is silent. */
export function bar(value: number, whole: number, kind: string): Html {
  const width = whole > 0 ? Math.max(value > 0 ? 1 : 0, (100 * value) / whole) : 0;
  return html`<span class="track ${kind}" aria-hidden="true"><svg viewBox="0 0 100 10" preserveAspectRatio="none"><rect width="${width.toFixed(2)}" height="10" rx="1"/></svg></span>`;
}

const SCALE = [
  { until: 14, kind: 'pass' },
  { until: 30, kind: 'medium' },
  { until: 90, kind: 'high' },
  { until: Number.POSITIVE_INFINITY, kind: 'critical' },
] as const;

/** The kind (color) of an image's age: 14 days' grace, stale after 30, unsupported after 90. */
export function ageKind(days: number): string {
  return SCALE.find(({ until }) => days <= until)?.kind ?? 'critical';
}

/** An image's age on a scale with marks at 14, 30 and 90 days. */
export function ageScale(days: number): Html {
  const x = (value: number) => Math.min(100, (value / 120) * 100).toFixed(1);
  return html`<div class="age"><span class="track ${ageKind(days)}"><svg viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="${days} days old, on a scale of 14, 30 and 90 days"><rect width="${x(days)}" height="10"/>${[14, 30, 90].map((mark) => html`<line x1="${x(mark)}" x2="${x(mark)}" y1="0" y2="10" stroke="currentColor" stroke-width="0.6"/>`)}</svg></span>${days} days</div>`;
}
