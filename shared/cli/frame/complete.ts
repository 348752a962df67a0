import type { CommandUnknownOpts } from '@commander-js/extra-typings';

/** A word that may stand at the end of a command line, and what it is. */
export interface Completion {
  readonly value: string;
  readonly what: string;
}

/** Words of which one is meant, from the description of an option or argument: `table, json, csv; default: table`. */
const LISTED = /^(?:[^:;]*: )?([\w-]+(?:, [\w-]+)+)(?:;|$)/;

/** What may stand in place of the last word; nothing where only the person knows, such as a file's name. */
export function complete(program: CommandUnknownOpts, words: readonly string[]): readonly Completion[] {
  const typed = words.at(-1) ?? '';
  const { command, before } = reached(program, words.slice(0, -1));
  return candidates(command, before, typed).filter(({ value }) => value.startsWith(typed));
}

/** The deepest command that the words name, and the word before the one to be completed. */
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
