import { Command, CommanderError, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { VERSION } from '../../compose/container/version.ts';
import { Fault } from '../../domain/snapshot/fault.ts';
import { type CliCommand, GROUPS } from './command.ts';
import { UsageError } from './usage-error.ts';

/** The description of a command that has subcommands. */
export type Parents = Readonly<Record<string, Pick<CliCommand, 'group'> & { readonly summary: string }>>;

/** The default command is an audit: `kataudit -n payments` means `kataudit audit -n payments`. */
const DEFAULT_COMMAND = 'audit';
/** The exit code for every error; 1 is for findings. */
const COULD_NOT = 2;
const OF_THE_PROGRAM: ReadonlySet<string> = new Set(['-h', '--help', '-V', '--version']);

/** The command tree. The help of each command ends with its examples and exit codes. */
export function createProgram(commands: readonly CliCommand[], parents: Parents): CommandUnknownOpts {
  const program = framed(new Command('kataudit'))
    .description('Audits Kata pod sandboxing on AKS. Without a command it audits the cluster of the current kubectl context.')
    .version(VERSION, '-V, --version', 'print the version')
    .showHelpAfterError('(kataudit --help lists the commands)');
  const held = new Map<string, CommandUnknownOpts>();
  for (const group of GROUPS) {
    for (const one of commands.filter((command) => command.group === group)) add(program, held, one, parents);
  }
  return program;
}

/** Inserts the default command if the arguments name none. */
export function withDefault(args: readonly string[]): readonly string[] {
  const [first] = args;
  if (first === undefined) return [DEFAULT_COMMAND];
  return first.startsWith('-') && !OF_THE_PROGRAM.has(first) ? [DEFAULT_COMMAND, ...args] : args;
}

function add(program: CommandUnknownOpts, held: Map<string, CommandUnknownOpts>, one: CliCommand, parents: Parents): void {
  const [first = '', second] = one.path.split(' ');
  const command = framed(one.command)
    .name(second ?? first)
    .showHelpAfterError(`(kataudit ${one.path} --help shows how it is used)`)
    .addHelpText('after', () => below(one));
  if (second === undefined) program.addCommand(command.helpGroup(`${one.group}:`));
  else parent(program, held, first, parents).addCommand(command);
}

function parent(program: CommandUnknownOpts, held: Map<string, CommandUnknownOpts>, name: string, parents: Parents): CommandUnknownOpts {
  const there = held.get(name);
  if (there !== undefined) return there;
  const about = parents[name];
  if (about === undefined) throw new Error(`The commands of ${name} have no group description.`);
  const made = framed(new Command(name)).description(about.summary).helpGroup(`${about.group}:`);
  held.set(name, made);
  program.addCommand(made);
  return made;
}

/** Makes commander throw errors instead of ending the process, with the prefix of all our messages. */
function framed(command: CommandUnknownOpts): CommandUnknownOpts {
  return command
    .exitOverride()
    .helpCommand(false)
    .showSuggestionAfterError()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'kataudit: ')) });
}

function below({ examples, exitCodes }: CliCommand): string {
  const calls = examples.map(([call, what]) => `  ${call}\n      ${what}`);
  const codes = Object.entries(exitCodes).map(([code, what]) => `  ${code}  ${what}`);
  return ['', 'Examples:', ...calls, '', 'Exit codes:', ...codes].join('\n');
}

/** The exit code of a command that threw, and the message that is still to be printed. */
export function failureOf(error: unknown): { readonly exitCode: number; readonly message?: string } {
  // commander has printed the message already.
  if (error instanceof CommanderError) return { exitCode: error.exitCode === 0 ? 0 : COULD_NOT };
  if (isForPeople(error)) return { exitCode: COULD_NOT, message: `kataudit: ${error.message}` };
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { exitCode: COULD_NOT, message: `kataudit: This is a bug in Kataudit. Please report it with the following text.\n${what}` };
}

/** Whether the user can fix the problem. */
function isForPeople(error: unknown): error is Error {
  return error instanceof UsageError || error instanceof Fault || (error instanceof Error && error.name === 'SettingsError');
}
