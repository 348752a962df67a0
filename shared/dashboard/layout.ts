import { type Content, Html, html } from './html.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';
import { href, PAGES, type PagePath, type View } from './view.ts';

/** A page: its title, its menu entry and its content. */
export interface Page {
  readonly title: string;
  readonly current: PagePath | undefined;
  readonly content: Content;
}

const LOGO = html`<svg viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round"><path d="M12 2 21 7v10l-9 5-9-5V7z"/><path d="m12 7 4.5 2.5v5L12 17l-4.5-2.5v-5z" fill="currentColor" stroke="none"/></svg>`;

/** Renders a page as a whole HTML document. */
export function layout(view: View, { title, current, content }: Page): string {
  const menu = PAGES.map(
    ({ path, label }) => html`<li><a href="${href(view, path)}"${path === current ? html` aria-current="page"` : ''}>${label}</a></li>`,
  );
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer"><title>${title} · Kataudit</title>
<link rel="icon" href="data:,"><style nonce="${view.nonce}">${new Html(STYLE)}</style></head>
<body><a class="skip" href="#main">Skip to the content</a>
<header class="top"><div class="bar"><a class="brand" href="${href(view, '')}">${LOGO}Kataudit</a><nav aria-label="Pages"><ul>${menu}</ul></nav></div></header>
<main id="main" tabindex="-1">${content}</main>
<footer>As of ${view.now.toISOString().slice(0, 19).replace('T', ' ')} UTC. What could not be checked is shown as unknown, never as passed.</footer>
<div id="announce" class="skip" role="status" aria-live="polite"></div>
<script nonce="${view.nonce}">${new Html(SCRIPT)}</script></body></html>`;
  return page.text;
}

/** The headers of every page; `nonce` is the view's. */
export function pageHeaders(nonce: string): Record<string, string> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': [
      "default-src 'none'",
      `script-src 'nonce-${nonce}'`,
      `style-src 'nonce-${nonce}'`,
      "img-src 'self' data:",
      "connect-src 'self'",
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'same-origin',
  };
}
