import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { type Surroundings, surroundingsOf } from './surroundings.ts';
import { quiet } from './terminal.ts';
import { sayCalls } from './verbose.ts';

/** The headings under which `kataudit --help` lists commands, in their order. */
export const GROUPS = ['Look at clusters', 'Judge offline', 'Policy', 'A running app', 'Evidence', 'On this machine'] as const;

/** What an exit code means; every command says so for each code it ends with. */
export type ExitCodes = Readonly<Record<number, string>>;

/** One command: how it is called, what its help shows, and, in its action, what it does. */
export interface CliCommand {
  /** What is typed behind `kataudit`, such as `policy check`. */
  readonly path: string;
  readonly group: (typeof GROUPS)[number];
  /** Arguments, options and action; the name comes from the path. */
  readonly command: CommandUnknownOpts;
  /** Calls that people copy, each with what it does. */
  readonly examples: readonly (readonly [call: string, what: string])[];
  readonly exitCodes: ExitCodes;
}

/** A command's action: does its work with the surroundings of this process and ends with the exit code it returns. `--quiet` and `--verbose` are heeded here. */
export function act<A extends readonly unknown[]>(run: (here: Surroundings, ...args: A) => Promise<number>): (...args: A) => Promise<void> {
  return async (...args) => {
    const isGiven = (option: string) => args.some((one) => one instanceof Command && one.opts()[option] === true);
    const isQuiet = isGiven('quiet');
    const here = surroundingsOf(process);
    if (isGiven('verbose')) sayCalls(here.terminal.say);
    process.exitCode = await run(isQuiet ? { ...here, terminal: quiet(here.terminal) } : here, ...args);
  };
}
