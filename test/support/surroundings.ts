import type { Surroundings } from '../../shared/cli/frame/surroundings.ts';
import { type Page, PLAIN_PAGE } from '../../shared/cli/frame/terminal.ts';

/** The environment of a command under test, and its output. */
export interface TestSurroundings extends Surroundings {
  /** The standard output. */
  readonly out: () => string;
  /** The standard error. */
  readonly err: () => string;
}

/** An environment that records what is written; by default a pipe at noon of the tests' day. */
export function someSurroundings(
  over: { readonly now?: Date; readonly page?: Page; readonly env?: Surroundings['env'] } = {},
): TestSurroundings {
  const printed: string[] = [];
  const said: string[] = [];
  return {
    env: over.env ?? {},
    now: () => over.now ?? new Date('2026-09-01T12:00:00.000Z'),
    terminal: {
      page: over.page ?? PLAIN_PAGE,
      print: (text) => void printed.push(text),
      say: (text) => void said.push(text),
      progress: () => undefined,
    },
    canAsk: false,
    out: () => printed.join('\n'),
    err: () => said.join('\n'),
  };
}
