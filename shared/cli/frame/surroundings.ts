import { createTerminal, type Terminal } from './terminal.ts';

/** What a command may know of the process that it runs in; tests give their own. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
  readonly terminal: Terminal;
}

/** The surroundings of a process. */
export function surroundingsOf({ env, stdout, stderr }: Pick<NodeJS.Process, 'env' | 'stdout' | 'stderr'>): Surroundings {
  return { env, now: () => new Date(), terminal: createTerminal(stdout, stderr, env) };
}
