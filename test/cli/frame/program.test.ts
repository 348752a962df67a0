import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { COMMANDS, PARENTS } from '../../../shared/cli/commands/index.ts';
import { failureOf, withDefault } from '../../../shared/cli/frame/program.ts';
import { UsageError } from '../../../shared/cli/frame/usage-error.ts';
import { Fault } from '../../../shared/domain/snapshot/fault.ts';

describe('every command', () => {
  it.each(COMMANDS)('$path: accepts each of its examples', ({ path, command, examples }) => {
    expect(examples.length).toBeGreaterThan(0);
    for (const [call] of examples) {
      const own =
        new RegExp(`kataudit ${path}(?: .*)?$`).exec(call.split(' | ').find((one) => one.includes(`kataudit ${path}`)) ?? call)?.[0] ??
        call;
      expect(own).toMatch(new RegExp(`^kataudit ${path}(?: |$)`));
      const words = own
        .slice(`kataudit ${path}`.length)
        .split(' ')
        .filter((word) => word !== '');
      expect(command.parseOptions(words).unknown).toEqual([]);
    }
  });

  it.each(COMMANDS)('$path: describes its purpose and each of its exit codes', ({ command, exitCodes }) => {
    expect(command.description()).toMatch(/^[A-Z].*\.$/);
    expect(Object.keys(exitCodes)).toEqual(expect.arrayContaining(['0', '2']));
    for (const option of command.options) expect(option.description).toMatch(/^(?:[a-z"]|ARM |Ed25519|RuntimeClass)/);
  });

  it('with a subcommand has a parent with a description', () => {
    const parents = new Set(COMMANDS.flatMap(({ path }) => (path.includes(' ') ? [path.split(' ')[0]] : [])));
    expect([...parents].toSorted()).toEqual(Object.keys(PARENTS).toSorted());
  });
});

describe('kataudit without a command', () => {
  it.each([
    [[], ['audit']],
    [
      ['-o', 'json'],
      ['audit', '-o', 'json'],
    ],
    [['--help'], ['--help']],
    [['-V'], ['-V']],
    [
      ['bogus', '-o', 'json'],
      ['bogus', '-o', 'json'],
    ],
  ])('treats %j as %j', (args, expected) => expect(withDefault(args)).toEqual(expected));
});

describe('the exit of a command that throws', () => {
  it.each([
    ['wrong usage', new UsageError('Give a file.'), 'kataudit: Give a file.'],
    ['an external fault', new Fault('unreachable', 'No answer.'), 'kataudit: No answer.'],
  ])('for %s is one sentence and exit code 2', (_, error, message) => expect(failureOf(error)).toEqual({ exitCode: 2, message }));

  it('for a bug says that it is a bug, shows its stack, and differs from the exit code for findings', () => {
    const { exitCode, message } = failureOf(new TypeError('x is undefined'));
    expect(exitCode).toBe(2);
    expect(message).toMatch(/^kataudit: This is a bug in Kataudit.*\nTypeError: x is undefined\n {4}at /);
  });

  it('does not repeat a message of commander, and treats help as success', () => {
    expect(failureOf(new CommanderError(1, 'commander.unknownOption', 'unknown'))).toEqual({ exitCode: 2 });
    expect(failureOf(new CommanderError(0, 'commander.helpDisplayed', 'help'))).toEqual({ exitCode: 0 });
  });
});
