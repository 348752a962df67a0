import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { plain, prose, table } from '../../../shared/cli/frame/table.ts';
import type { Page } from '../../../shared/cli/frame/terminal.ts';

const page = (columns: number): Page => ({ columns, paint: (_, text) => text });
const LONG = 'Three pods of the workload run with runc and not in a pod VM of their own, says the node';
const ROWS = [['critical', 'workload-sandboxed', 'Deployment shop/cart', LONG]];
const HEADER = ['SEVERITY', 'RULE', 'SUBJECT', 'OBSERVED'];
/** A table parsed back: the words of a column, from all its lines. */
const words = (text: string) => text.split(/\s+/).filter((word) => word !== '');

describe('a table', () => {
  it('keeps every row on one line and cuts nothing in a pipe', () => {
    const lines = table(HEADER, ROWS).split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toBe(`critical  workload-sandboxed  Deployment shop/cart  ${LONG}`);
  });

  it.each([40, 60, 80, 120])('fits a terminal of %i columns without losing a word', (columns) => {
    const text = table(HEADER, ROWS, page(columns));
    for (const line of text.split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
    for (const word of words(LONG)) expect(text.replaceAll(/\s+/g, ' ')).toContain(word);
  });

  it('aligns columns by the display width of characters, not by their number', () => {
    const [, first = '', second = ''] = table(
      ['NAME', 'IS'],
      [
        ['日本語', 'x'],
        ['abcdef', 'x'],
      ],
    ).split('\n');
    expect(stringWidth(first)).toBe(stringWidth(second));
  });

  it('prints the details of a row below it, unchanged', () => {
    const command = `    Fix: ${'kubectl '.repeat(20)}`;
    expect(table(['A'], [{ cells: ['a'], below: [command] }, ['b']], page(40)).split('\n')).toEqual(['A', 'a', command, 'b']);
  });

  it('colors only the first cell', () => {
    const painted: Page = { columns: undefined, paint: (style, text) => `<${style}>${text}` };
    expect(table(['A', 'B'], [{ cells: ['high', 'b'], style: 'high' }], painted).split('\n')).toEqual(['<strong>A     B', '<high>high  b']);
  });

  it('shows control characters instead of sending them to the terminal', () => {
    expect(table(['A'], [['x\u001b[2J\u202ey\nz']])).toBe('A\nx\ufffd[2J\ufffdy z');
    expect(plain('a\u0000b')).toBe('a\ufffdb');
  });
});

describe('prose', () => {
  it('wraps to the terminal with its indentation, and stays one line in a pipe', () => {
    const lines = prose(LONG, page(40), '  ').split('\n');
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines) expect(line).toMatch(/^ {2}\S.{0,37}$/);
    expect(prose(LONG, { ...page(40), columns: undefined })).toBe(LONG);
  });
});
