import { styleText } from 'node:util';

/** How text is laid out for its destination. */
export interface Page {
  /** Columns to wrap to; `undefined` in a pipe or a file, where nothing is wrapped. */
  readonly columns: number | undefined;
  paint(style: Style, text: string): string;
}

/** The meaning of a text, which a terminal shows as a color. */
export type Style = 'critical' | 'high' | 'medium' | 'low' | 'info' | 'good' | 'faint' | 'strong';

/** Where a command writes: results to standard output, everything else to standard error. */
export interface Terminal {
  /** The page of standard output. */
  readonly page: Page;
  /** Writes a result, followed by a line feed. */
  print(text: string): void;
  /** Writes a message that is not part of the result to standard error. */
  say(text: string): void;
  /** Shows progress, only on a terminal. Each call replaces the previous line; an empty text clears it. */
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
      // One line at most: a wrapped line could not be cleared.
      shown = line.slice(0, (stderr.columns || 80) - 1);
      stderr.write(shown);
    },
  };
}

/** A terminal that prints only results and errors, for `--quiet`. */
export function quiet(terminal: Terminal): Terminal {
  return { ...terminal, say: () => undefined, progress: () => undefined };
}

function paint(style: Style, text: string): string {
  return styleText([...STYLES[style]], text, { validateStream: false });
}
