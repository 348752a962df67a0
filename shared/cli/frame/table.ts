import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import { cleanLine } from '../../domain/text/clean.ts';
import { type Page, PLAIN_PAGE, type Style } from './terminal.ts';

/** The gap between two columns. */
const GAP = '  ';
/** The narrowest that a column may become. */
const MIN_WIDTH = 8;

/** A row of a table, with optional lines below it, such as the command that fixes the finding in the row. */
export interface Row {
  readonly cells: readonly string[];
  /** The style of the first cell. */
  readonly style?: Style;
  readonly below?: readonly string[];
}

/**
 * Lays out rows in columns. On a terminal, cells wrap to fit the width; in a pipe each row is one complete line. Nothing is cut
 * off. Control characters are shown, not interpreted.
 */
export function table(header: readonly string[], rows: readonly (readonly string[] | Row)[], page: Page = PLAIN_PAGE): string {
  const all = rows.map((row): Row => ('cells' in row ? row : { cells: row }));
  const cells = [header, ...all.map((row) => row.cells.map(plain))];
  const widths = fitted(
    header.map((_, column) => Math.max(...cells.map((row) => stringWidth(row[column] ?? '')))),
    page.columns,
  );
  const [head = '', ...bodies] = cells.map((row) => layOut(row, widths));
  const painted = bodies.map((body, at) => {
    const { style, cells: [first = ''] = [], below = [] } = all[at] ?? {};
    return [style === undefined ? body : `${page.paint(style, first)}${body.slice(first.length)}`, ...below].join('\n');
  });
  return [page.paint('strong', head), ...painted].join('\n');
}

/** Wraps prose to the page width, with each line indented. */
export function prose(text: string, page: Page, indent = ''): string {
  const lines = page.columns === undefined ? [plain(text)] : wrapped(plain(text), Math.max(MIN_WIDTH, page.columns - indent.length));
  return lines.map((line) => `${indent}${line}`).join('\n');
}

/** Makes text safe for a terminal: names in clusters are hostile. */
export function plain(text: string): string {
  return cleanLine(text);
}

/** Narrows the widest column repeatedly until all fit or none can become narrower. */
function fitted(natural: readonly number[], columns: number | undefined): readonly number[] {
  const widths = [...natural];
  const available = (columns ?? Number.POSITIVE_INFINITY) - GAP.length * (widths.length - 1);
  while (widths.reduce((sum, width) => sum + width, 0) > available) {
    const widest = Math.max(...widths);
    if (widest <= MIN_WIDTH) break;
    widths[widths.indexOf(widest)] = widest - 1;
  }
  return widths;
}

function layOut(cells: readonly string[], widths: readonly number[]): string {
  const columns = widths.map((width, column) => wrapped(cells[column] ?? '', width));
  const height = Math.max(...columns.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    widths
      .map((width, column) => padded(columns[column]?.[line] ?? '', width))
      .join(GAP)
      .trimEnd(),
  ).join('\n');
}

function wrapped(text: string, width: number): readonly string[] {
  return stringWidth(text) <= width ? [text] : wrapAnsi(text, width, { hard: true }).split('\n');
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stringWidth(text)));
}
