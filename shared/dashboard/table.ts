import { type Content, type Html, html } from './html.ts';
import { href, type View } from './view.ts';

/** One column of a table. */
export interface Column<T> {
  readonly label: string;
  /** The value of `sort` in the address that orders by this column. */
  readonly sort?: string;
  readonly numeric?: boolean;
  readonly className?: string;
  readonly cell: (row: T) => Content;
}

/** The sorting in force and what a link must keep. */
export interface Sorting {
  readonly path: string;
  readonly by: string;
  readonly descending: boolean;
  readonly keep: Readonly<Record<string, string | undefined>>;
}

/** A table that scrolls in itself and stacks on a phone; sortable columns are plain links. */
export function dataTable<T>(view: View, caption: string, columns: readonly Column<T>[], rows: readonly T[], sorting?: Sorting): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table class="stack"><thead><tr>${columns.map(
    (column) => header(view, column, sorting),
  )}</tr></thead><tbody>${rows.map((row) => html`<tr>${columns.map((column) => cell(column, row))}</tr>`)}</tbody></table></div>`;
}

function cell<T>({ label, numeric, className, cell: content }: Column<T>, row: T): Html {
  return html`<td class="${numeric === true ? 'num' : ''} ${className ?? ''}" data-label="${label}"><span>${content(row)}</span></td>`;
}

function header<T>(view: View, { label, sort, numeric }: Column<T>, sorting: Sorting | undefined): Html {
  const className = numeric === true ? 'num' : '';
  if (sort === undefined || sorting === undefined) return html`<th scope="col" class="${className}">${label}</th>`;
  const active = sorting.by === sort;
  const direction = active ? (sorting.descending ? 'descending' : 'ascending') : undefined;
  const next = active && !sorting.descending ? `-${sort}` : sort;
  const link = href(view, sorting.path, { ...sorting.keep, sort: next });
  return html`<th scope="col" class="${className}"${direction === undefined ? '' : html` aria-sort="${direction}"`}><a href="${link}">${label}${active ? (sorting.descending ? ' ↓' : ' ↑') : ''}</a></th>`;
}

/** Which part of a list is shown, with links to the parts beside it. */
export function pager(view: View, path: string, keep: Readonly<Record<string, string | undefined>>, page: number, pages: number): Html {
  if (pages <= 1) return html``;
  const link = (to: number, label: string) =>
    to < 1 || to > pages
      ? html`<span></span>`
      : html`<a href="${href(view, path, { ...keep, page: to === 1 ? undefined : String(to) })}">${label}</a>`;
  return html`<nav class="pager" aria-label="Parts of the list">${link(page - 1, '← Previous')}<span class="mute">Part ${page} of ${pages}</span>${link(page + 1, 'Next →')}</nav>`;
}

/** A text to copy, with its button. */
export function copyable(id: string, text: string): Html {
  return html`<div class="copy"><pre id="${id}" tabindex="0">${text}</pre><button type="button" class="quiet" data-copy="${id}">Copy</button></div>`;
}
