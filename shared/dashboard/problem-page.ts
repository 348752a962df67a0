import { html } from './html.ts';
import type { Page } from './layout.ts';

/** One invalid part of an address. */
interface WrongPart {
  readonly field: string;
  readonly detail: string;
}

/** An error page: each invalid part of the address, and a link to the page without them. */
export function problemPage(title: string, detail: string, wrong: readonly WrongPart[] = [], bare?: string): Page {
  const parts = wrong.map(({ field, detail: what }) => html`<li><code>${field}</code>: ${what}.</li>`);
  const list = parts.length === 0 ? '' : html`<ul>${parts}</ul>`;
  const back = bare === undefined ? '' : html`<p><a href="${bare}">Open the page without them</a></p>`;
  return { title, current: undefined, content: html`<h1>${title}</h1><p class="lede">${detail}</p>${list}${back}` };
}
