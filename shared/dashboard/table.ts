import { type Content, type Html, html } from './html.ts';
import { count, href, number, type View } from './view.ts';

/** One column of a table. */
export interface Column<T> {
  readonly label: string;
  /** The value of the parameter `sort` that orders by this column. */
  readonly sort?: string;
  readonly numeric?: boolean;
  readonly className?: string;
  readonly cell: (row: T) => Content;
}

/** The current sorting, and what links must keep. */
export interface Sorting {
  readonly path: string;
  /** The anchor of the table, so that sorting keeps the scroll position. */
  readonly anchor: string;
  readonly by: string;
  readonly descending: boolean;
  readonly keep: Readonly<Record<string, string | undefined>>;
}

/** Rows with a heading; a table without groups has one group without a label. */
export interface RowGroup<T> {
  readonly label: Content;
  readonly rows: readonly T[];
  /** The total number if `rows` are only a part. */
  readonly all?: number;
}

/** A table that scrolls on its own and stacks on a phone; sortable columns are plain links. */
export function dataTable<T>(
  view: View,
  caption: string,
  columns: readonly Column<T>[],
  groups: readonly RowGroup<T>[],
  sorting?: Sorting,
): Html {
  const head = columns.map((column) => header(view, column, sorting));
  const bodies = groups.map(({ label, rows, all = rows.length }) => {
    const heading =
      label === ''
        ? ''
        : html`<tr class="group"><th colspan="${columns.length}" scope="rowgroup"><bdi>${label}</bdi> <span class="mute">${number(all)}</span></th></tr>`;
    return html`<tbody>${heading}${rows.map((row) => html`<tr>${columns.map((column) => cell(column, row))}</tr>`)}</tbody>`;
  });
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table class="stack"><thead><tr>${head}</tr></thead>${bodies}</table></div>`;
}

/** A table without groups and sorting. */
export function plainTable<T>(view: View, caption: string, columns: readonly Column<T>[], rows: readonly T[]): Html {
  return dataTable(view, caption, columns, [{ label: '', rows }]);
}

/** Number of rows that a bounded table shows unfolded, and its maximum on a page; the API returns all. */
const OPEN_ROWS = 8;
const MAX_ROWS = 100;

/** A table that shows its first rows and folds the others, so that a long list hides nothing below it. */
export function boundedTable<T>(
  view: View,
  caption: string,
  columns: readonly Column<T>[],
  groups: readonly RowGroup<T>[],
  noun: string,
): Html {
  const all = groups.reduce((sum, { rows }) => sum + rows.length, 0);
  const folded = Math.min(all, MAX_ROWS) - OPEN_ROWS;
  const rest =
    folded <= 0
      ? ''
      : html`<details><summary>${count(folded, noun)} more</summary>${dataTable(view, `More: ${caption}`, columns, rowsBetween(groups, OPEN_ROWS, MAX_ROWS))}</details>`;
  const lost = all > MAX_ROWS ? html`<p class="mute">${count(all - MAX_ROWS, noun)} more only in the API</p>` : '';
  return html`${dataTable(view, caption, columns, rowsBetween(groups, 0, OPEN_ROWS))}${rest}${lost}`;
}

/** Returns the groups with only the rows in a range; groups without rows are left out. */
function rowsBetween<T>(groups: readonly RowGroup<T>[], from: number, to: number): readonly RowGroup<T>[] {
  let before = 0;
  return groups.flatMap(({ label, rows }) => {
    const some = rows.slice(Math.max(0, from - before), Math.max(0, to - before));
    before += rows.length;
    return some.length === 0 ? [] : [{ label, rows: some, all: rows.length }];
  });
}

function cell<T>({ label, numeric, className, cell: content }: Column<T>, row: T): Html {
  return html`<td class="${numeric === true ? 'num' : ''} ${className ?? ''}" data-label="${label}">${content(row)}</td>`;
}

/** The arrow shows the current order; the link reverses it. */
function header<T>(view: View, { label, sort, numeric }: Column<T>, sorting: Sorting | undefined): Html {
  const className = numeric === true ? 'num' : '';
  if (sort === undefined || sorting === undefined) return html`<th scope="col" class="${className}">${label}</th>`;
  const active = sorting.by === sort;
  const direction = active ? (sorting.descending ? 'descending' : 'ascending') : undefined;
  // Numbers start with the largest, words with the first.
  const isDown = active ? !sorting.descending : numeric === true;
  const next = isDown ? `-${sort}` : sort;
  const link = `${href(view, sorting.path, { ...sorting.keep, sort: next })}${sorting.anchor}`;
  return html`<th scope="col" class="${className}"${direction === undefined ? '' : html` aria-sort="${direction}"`}><a href="${link}">${label}${active ? (sorting.descending ? ' ↓' : ' ↑') : ''}</a></th>`;
}

/** The part of a list that is shown. */
export interface Part {
  readonly page: number;
  readonly pages: number;
  /** The anchor of the list, such as `#clusters`, so that paging keeps the scroll position. */
  readonly anchor?: string;
}

/** The range of a list that is shown, with links to the adjacent pages. */
export function pager(
  view: View,
  path: string,
  keep: Readonly<Record<string, string | undefined>>,
  { page, pages, anchor = '' }: Part,
): Html {
  if (pages <= 1) return html``;
  const link = (to: number, label: string) =>
    to < 1 || to > pages
      ? html`<span></span>`
      : html`<a href="${href(view, path, { ...keep, page: to === 1 ? undefined : String(to) })}${anchor}">${label}</a>`;
  return html`<nav class="pager" aria-label="Parts of the list">${link(page - 1, '← Previous')}<span class="mute">Part ${number(page)} of ${number(pages)}</span>${link(page + 1, 'Next →')}</nav>`;
}

/** A text with a button to copy it; with `question` the button asks for confirmation. */
export function copyable(id: string, text: string, question?: string): Html {
  const ask = question === undefined ? '' : html` data-ask="${question}"`;
  return html`<div class="copy"><pre id="${id}" tabindex="0">${text}</pre><button type="button" class="quiet" data-copy="${id}"${ask}>Copy${question === undefined ? '' : ' …'}</button></div>`;
}
