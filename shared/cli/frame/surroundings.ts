import { createTerminal, type Terminal } from './terminal.ts';

/** What a command may know about its process; tests supply their own. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
  readonly terminal: Terminal;
  /** Whether standard input is a terminal, so that a sign-in program may ask questions. */
  readonly canAsk: boolean;
}

/** The surroundings of the running process. */
export function surroundingsOf({ env, stdin, stdout, stderr }: Pick<NodeJS.Process, 'env' | 'stdin' | 'stdout' | 'stderr'>): Surroundings {
  return { env, now: () => new Date(), terminal: createTerminal(stdout, stderr, env), canAsk: stdin.isTTY === true };
}
