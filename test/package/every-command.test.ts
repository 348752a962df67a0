import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../shared/cli/commands/index.ts';
import type { CliCommand } from '../../shared/cli/frame/command.ts';
import { run } from '../support/command.ts';

/** The required arguments and options of each command, which are checked before other mistakes. */
function needed({ command }: CliCommand): readonly string[] {
  const options = command.options.filter(({ mandatory }) => mandatory).flatMap(({ long }) => [long ?? '', 'x']);
  return [...command.registeredArguments.filter(({ required }) => required).map(() => 'bash'), ...options];
}

/** Three uses that commander, or the parser of an option, must refuse. */
function wrongUses(one: CliCommand): readonly (readonly string[])[] {
  const given = needed(one);
  const isVariadic = one.command.registeredArguments.some(({ variadic }) => variadic);
  const withValue = one.command.options.find(({ required, mandatory }) => required && !mandatory);
  return [
    [...given, '--no-such-option'],
    [...given, '--no-such-option=value'],
    isVariadic ? [] : [...given, 'one', 'two', 'too', 'many'],
    ...(withValue === undefined ? [] : [[...given, withValue.long ?? '']]),
    ...(one.command.options.some(({ long }) => long === '--format') ? [[...given, '--format', 'docx']] : []),
    ...(one.command.options.some(({ long }) => long === '--timeout') ? [[...given, '--timeout', 'never']] : []),
  ];
}

describe.concurrent.each(COMMANDS.map((one) => [one.path, one] as const))('kataudit %s', { timeout: 120_000 }, (path, one) => {
  const words = path.split(' ');

  it('describes itself, with examples and exit codes', async () => {
    const { code, out, err } = await run([...words, '--help']);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(`Usage: kataudit ${path}`);
    expect(out).toMatch(/\nExamples:\n {2}\S.*\n\nExit codes:\n {2}0 {2}\S/s);
  });

  it('refuses wrong usage in one sentence, with exit code 2 and without a stack', async () => {
    const uses = wrongUses(one);
    expect(uses.length).toBeGreaterThanOrEqual(3);
    for (const args of uses) {
      const { code, out, err } = await run([...words, ...args]);
      expect([args, code, out]).toEqual([args, 2, '']);
      expect(err).toMatch(/^kataudit: .+\n(?:\(Did you mean .*\)\n)?\(kataudit .* --help shows how it is used\)\n$/);
    }
  });
});
