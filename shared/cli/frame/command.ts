import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { type Surroundings, surroundingsOf } from './surroundings.ts';
import { quiet } from './terminal.ts';
import { sayCalls } from './verbose.ts';

/** The headings of `kataudit --help`, in order. */
export const GROUPS = ['Inspect clusters', 'Judge offline', 'Policy', 'A running app', 'Evidence', 'On this machine'] as const;

/** What an exit code means; every command documents each code that it returns. */
export type ExitCodes = Readonly<Record<number, string>>;

/** One command: its path, its help and its action. */
export interface CliCommand {
  /** What is typed after `kataudit`, such as `policy check`. */
  readonly path: string;
  readonly group: (typeof GROUPS)[number];
  /** Arguments, options and action; the name comes from the path. */
  readonly command: CommandUnknownOpts;
  /** Examples to copy, each with what it does. */
  readonly examples: readonly (readonly [call: string, what: string])[];
  readonly exitCodes: ExitCodes;
}

/**
 * The action of a command: runs it in this process and ends with the exit code that it returns. Handles `--quiet` and
 * `--verbose`.
 */
export function act<A extends readonly unknown[]>(run: (here: Surroundings, ...args: A) => Promise<number>): (...args: A) => Promise<void> {
  return async (...args) => {
    const isGiven = (option: string) => args.some((one) => one instanceof Command && one.opts()[option] === true);
    const isQuiet = isGiven('quiet');
    const here = surroundingsOf(process);
    if (isGiven('verbose')) sayCalls(here.terminal.say);
    process.exitCode = await run(isQuiet ? { ...here, terminal: quiet(here.terminal) } : here, ...args);
  };
}
