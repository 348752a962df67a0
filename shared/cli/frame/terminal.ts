import { styleText } from 'node:util';

/** How text is laid out for whoever reads it. */
export interface Page {
  /** Columns to wrap to; `undefined` in a pipe or a file, where nothing is wrapped. */
  readonly columns: number | undefined;
  paint(style: Style, text: string): string;
}

/** What a text is, which a terminal shows by its color. */
export type Style = 'critical' | 'high' | 'medium' | 'low' | 'info' | 'good' | 'faint' | 'strong';

/** Where a command writes: results to standard output, everything else to standard error. */
export interface Terminal {
  /** The page that standard output is. */
  readonly page: Page;
  /** Writes a result, with a line feed behind it. */
  print(text: string): void;
  /** Says something beside the result, on standard error. */
  say(text: string): void;
  /** Shows how far the work is, on a terminal only; each call replaces the line before, and an empty one clears it. */
  progress(line: string): void;
}

const STYLES = {
  critical: ['bold', 'red'],
  high: ['red'],
  medium: ['yellow'],
  low: ['cyan'],
  info: ['blue'],
  good: ['green'],
  faint: ['dim'],
  strong: ['bold'],
} as const satisfies Record<Style, readonly string[]>;

const CLEAR_LINE = '\r\u001b[2K';

/** A page without width or colors: a pipe or a file. */
export const PLAIN_PAGE: Page = { columns: undefined, paint: (_, text) => text };

type Stream = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>;

/** The terminal over two streams; `NO_COLOR` and `TERM=dumb` turn colors off (no-color.org). */
export function createTerminal(stdout: Stream, stderr: Stream, env: Readonly<Record<string, string | undefined>>): Terminal {
  const dumb = env.TERM === 'dumb';
  const colors = stdout.isTTY === true && !dumb && (env.NO_COLOR ?? '') === '';
  let shown = '';
  const clear = () => {
    if (shown !== '') stderr.write(CLEAR_LINE);
    shown = '';
  };
  return {
    page: stdout.isTTY === true ? { columns: stdout.columns, paint: colors ? paint : PLAIN_PAGE.paint } : PLAIN_PAGE,
    print: (text) => {
      clear();
      stdout.write(`${text}\n`);
    },
    say: (text) => {
      clear();
      stderr.write(`kataudit: ${text}\n`);
    },
    progress: (line) => {
      if (stderr.isTTY !== true || dumb) return;
      clear();
      // One line at most: what wraps could not be cleared.
      shown = line.slice(0, (stderr.columns || 80) - 1);
      stderr.write(shown);
    },
  };
}

/** A terminal that shows results and errors alone, for `--quiet`. */
export function quiet(terminal: Terminal): Terminal {
  return { ...terminal, say: () => undefined, progress: () => undefined };
}

function paint(style: Style, text: string): string {
  return styleText([...STYLES[style]], text, { validateStream: false });
}
