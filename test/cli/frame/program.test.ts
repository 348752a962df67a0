import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { COMMANDS, PARENTS } from '../../../shared/cli/commands/index.ts';
import { failureOf, withDefault } from '../../../shared/cli/frame/program.ts';
import { UsageError } from '../../../shared/cli/frame/usage-error.ts';
import { Fault } from '../../../shared/domain/snapshot/fault.ts';

describe('every command', () => {
  it.each(COMMANDS)('$path: each example is one that the command takes', ({ path, command, examples }) => {
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

  it.each(COMMANDS)('$path: says what it does and what each of its exit codes means', ({ command, exitCodes }) => {
    expect(command.description()).toMatch(/^[A-Z].*\.$/);
    expect(Object.keys(exitCodes)).toEqual(expect.arrayContaining(['0', '2']));
    for (const option of command.options) expect(option.description).toMatch(/^(?:[a-z"]|ARM |Ed25519|RuntimeClass)/);
  });

  it('of two words has a parent that says what it is about, and no parent is without', () => {
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
  ])('takes %j for %j', (args, expected) => expect(withDefault(args)).toEqual(expected));
});

describe('how a command that throws ends', () => {
  it.each([
    ['a wrong use', new UsageError('Give a file.'), 'kataudit: Give a file.'],
    ['a fault of the world', new Fault('unreachable', 'No answer.'), 'kataudit: No answer.'],
  ])('%s is one sentence and 2', (_, error, message) => expect(failureOf(error)).toEqual({ exitCode: 2, message }));

  it('a bug is called one, keeps its stack, and is not taken for findings', () => {
    const { exitCode, message } = failureOf(new TypeError('x is undefined'));
    expect(exitCode).toBe(2);
    expect(message).toMatch(/^kataudit: This is a bug in Kataudit.*\nTypeError: x is undefined\n {4}at /);
  });

  it('what commander said already is not said again; help is no failure', () => {
    expect(failureOf(new CommanderError(1, 'commander.unknownOption', 'unknown'))).toEqual({ exitCode: 2 });
    expect(failureOf(new CommanderError(0, 'commander.helpDisplayed', 'help'))).toEqual({ exitCode: 0 });
  });
});
