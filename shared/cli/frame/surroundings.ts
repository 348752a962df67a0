import { createTerminal, type Terminal } from './terminal.ts';

/** What a command may know of the process that it runs in; tests give their own. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
  readonly terminal: Terminal;
  /** Whether somebody sits at the standard input, so that a program that signs in may ask. */
  readonly canAsk: boolean;
}

/** The surroundings of a process. */
export function surroundingsOf({ env, stdin, stdout, stderr }: Pick<NodeJS.Process, 'env' | 'stdin' | 'stdout' | 'stderr'>): Surroundings {
  return { env, now: () => new Date(), terminal: createTerminal(stdout, stderr, env), canAsk: stdin.isTTY === true };
}
