import { Command, CommanderError, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { VERSION } from '../../compose/container/version.ts';
import { Fault } from '../../domain/snapshot/fault.ts';
import { type CliCommand, GROUPS } from './command.ts';
import { UsageError } from './usage-error.ts';

/** What a command that has sub-commands is about. */
export type Parents = Readonly<Record<string, Pick<CliCommand, 'group'> & { readonly summary: string }>>;

/** Without a command, an audit: `kataudit -n payments` asks what `kataudit audit -n payments` asks. */
const DEFAULT_COMMAND = 'audit';
/** The exit code of whatever went wrong; 1 is for findings. */
const COULD_NOT = 2;
const OF_THE_PROGRAM: ReadonlySet<string> = new Set(['-h', '--help', '-V', '--version']);

/** The command tree, each command with its examples and exit codes below its help. */
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

/** Puts the default command in front of arguments that name none. */
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
  if (about === undefined) throw new Error(`Nothing says what the commands of ${name} are about.`);
  const made = framed(new Command(name)).description(about.summary).helpGroup(`${about.group}:`);
  held.set(name, made);
  program.addCommand(made);
  return made;
}

/** Errors are thrown, not ended with, and begin as all of ours do. */
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

/** How a command that threw ends: its exit code, and what is still to be said. */
export function failureOf(error: unknown): { readonly exitCode: number; readonly message?: string } {
  // Commander has said it already.
  if (error instanceof CommanderError) return { exitCode: error.exitCode === 0 ? 0 : COULD_NOT };
  if (isForPeople(error)) return { exitCode: COULD_NOT, message: `kataudit: ${error.message}` };
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { exitCode: COULD_NOT, message: `kataudit: This is a bug in Kataudit; please report it with what follows.\n${what}` };
}

/** Whether whoever sits at the terminal can fix it. */
function isForPeople(error: unknown): error is Error {
  return error instanceof UsageError || error instanceof Fault || (error instanceof Error && error.name === 'SettingsError');
}
