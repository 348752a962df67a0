import type { CommandUnknownOpts } from '@commander-js/extra-typings';

/** A possible last word of a command line, with its description. */
export interface Completion {
  readonly value: string;
  readonly what: string;
}

/** The words to choose from, in the description of an option or argument: `table, json, csv; default: table`. */
const LISTED = /^(?:[^:;]*: )?([\w-]+(?:, [\w-]+)+)(?:;|$)/;

/** The candidates for the last word; none if only the user can know it, such as a file name. */
export function complete(program: CommandUnknownOpts, words: readonly string[]): readonly Completion[] {
  const typed = words.at(-1) ?? '';
  const { command, before } = reached(program, words.slice(0, -1));
  return candidates(command, before, typed).filter(({ value }) => value.startsWith(typed));
}

/** The deepest command that the words name, and the word before the one to complete. */
function reached(program: CommandUnknownOpts, words: readonly string[]) {
  let command = program;
  for (const word of words) command = command.commands.find((one) => one.name() === word) ?? command;
  return { command, before: words.at(-1) ?? '' };
}

function candidates(command: CommandUnknownOpts, before: string, typed: string): readonly Completion[] {
  const awaiting = command.options.find(({ short, long, required }) => required && (before === short || before === long));
  if (awaiting !== undefined) return valuesIn(awaiting.description);
  if (typed.startsWith('-')) return [...command.options, HELP].map(({ long, description }) => ({ value: long ?? '', what: description }));
  if (command.commands.length > 0) return command.commands.map((one) => ({ value: one.name(), what: one.summary() || one.description() }));
  return command.registeredArguments.flatMap(({ description }) => valuesIn(description));
}

const HELP = { long: '--help', description: 'display help for command' };

function valuesIn(description: string): readonly Completion[] {
  return (LISTED.exec(description)?.[1]?.split(', ') ?? []).map((value) => ({ value, what: '' }));
}
