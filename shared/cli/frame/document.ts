import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { type CliCommand, GROUPS } from './command.ts';

const HEAD = `# The command line

Generated from \`shared/cli/commands\` by \`npm run documents\`; a test compares the two.

\`kataudit\` without a command audits the cluster of the current kubectl context. Installed, it is a plugin of kubectl too:
\`kubectl kataudit\`. Results go to standard output, everything else to standard error. \`-\` names standard input where a file is
read, and standard output where one is written. Formats and severities may be typed in any case. Nothing wraps or is colored in a
pipe, and \`NO_COLOR\` turns colors off.
`;

/** The documentation page of all commands: usage, options, examples and exit codes. */
export function cliDocument(commands: readonly CliCommand[]): string {
  const parts = GROUPS.flatMap((group) => {
    const ones = commands.filter((one) => one.group === group);
    return ones.length === 0 ? [] : [`## ${group}`, ...ones.map(commandText)];
  });
  return `${[HEAD.trimEnd(), ...parts].join('\n\n')}\n`;
}

function commandText({ path, command, examples, exitCodes }: CliCommand): string {
  const codes = Object.entries(exitCodes).map(([code, what]) => `${code}: ${what}`);
  return [
    `### kataudit ${path}`,
    command.description(),
    fenced([usage(path, command)]),
    ...optionTable(command),
    fenced(examples.flatMap(([call, what]) => [`# ${what}`, call])),
    `Exit codes: ${codes.join('; ')}.`,
  ].join('\n\n');
}

function usage(path: string, command: CommandUnknownOpts): string {
  const names = command.registeredArguments.map((one) => {
    const name = `${one.name()}${one.variadic ? '...' : ''}`;
    return one.required ? `<${name}>` : `[${name}]`;
  });
  return ['kataudit', path, ...(command.options.length === 0 ? [] : ['[options]']), ...names].join(' ');
}

function optionTable(command: CommandUnknownOpts): readonly string[] {
  const rows = [
    ...command.registeredArguments.map((one) => [one.name(), one.description, '']),
    ...command.options.filter(({ hidden }) => !hidden).map((one) => [one.flags, one.description, defaultOf(one)]),
  ];
  if (rows.length === 0) return [];
  const lines = rows.map(([name = '', what = '', byDefault = '']) => `| \`${cell(name)}\` | ${cell(what)} | ${byDefault} |`);
  return [['| option or argument | what it is | default |', '| --- | --- | --- |', ...lines].join('\n')];
}

function defaultOf({ defaultValue, defaultValueDescription, envVar }: CommandUnknownOpts['options'][number]): string {
  const value =
    defaultValueDescription ?? (typeof defaultValue === 'boolean' || defaultValue === undefined ? undefined : String(defaultValue));
  return [...(envVar === undefined ? [] : [`\`$${envVar}\``]), ...(value === undefined ? [] : [`\`${cell(value)}\``])].join(', else ');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function fenced(lines: readonly string[]): string {
  return ['```sh', ...lines, '```'].join('\n');
}
