import { html } from './html.ts';
import type { Page } from './layout.ts';

/** What went wrong, for a person. */
export function problemPage(title: string, detail: string): Page {
  return { title, current: undefined, content: html`<h1>${title}</h1><p class="lede">${detail}</p>` };
}
