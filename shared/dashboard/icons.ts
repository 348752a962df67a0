import { type Html, html } from './html.ts';

/** Shapes shown beside words, so that color is never the only sign. */
const PATHS = {
  pass: html`<path d="m3.5 8.5 3 3 6-7"/>`,
  fail: html`<path d="m4 4 8 8m0-8-8 8"/>`,
  unknown: html`<path d="M5.5 6a2.5 2.5 0 1 1 3.6 2.2c-.7.4-1.1.9-1.1 1.6m0 2.4v.1"/>`,
  shield: html`<path d="M8 1.8 13 4v4c0 3-2.2 5.2-5 6.2C5.2 13.2 3 11 3 8V4z"/>`,
  list: html`<path d="M2.5 4h.1m0 4h-.1m.1 4h-.1M5.5 4h8m-8 4h8m-8 4h8"/>`,
  blind: html`<path d="M2 8s2.2-4 6-4 6 4 6 4-2.2 4-6 4-6-4-6-4zm1-6 10 12"/>`,
  image: html`<path d="M8 2 14 5v6l-6 3-6-3V5zm-6 3 6 3 6-3M8 8v6"/>`,
  pause: html`<circle cx="8" cy="8" r="6"/><path d="M6.3 5.8v4.4m3.4-4.4v4.4"/>`,
  clock: html`<circle cx="8" cy="8" r="6"/><path d="M8 4.5V8l2.3 1.6"/>`,
  alert: html`<path d="M8 2 14.5 13.5h-13zm0 4.5v3m0 2v.1"/>`,
} as const;

/** The name of a shape. */
export type IconName = keyof typeof PATHS;

/** A shape beside a word; hidden from screen readers. */
export function icon(name: IconName): Html {
  return html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true">${PATHS[name]}</svg>`;
}
