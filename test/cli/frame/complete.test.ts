import { describe, expect, it } from 'vitest';
import { COMMANDS, PARENTS } from '../../../shared/cli/commands/index.ts';
import { complete } from '../../../shared/cli/frame/complete.ts';
import { createProgram } from '../../../shared/cli/frame/program.ts';

const program = createProgram(COMMANDS, PARENTS);
const values = (...words: readonly string[]) => complete(program, words).map(({ value }) => value);

describe('completion', () => {
  it.each([
    ['a command', ['eval'], ['evaluate']],
    ['the subcommands of a command', ['parked', ''], ['list', 'replay', 'drop']],
    ['options', ['audit', '--fail'], ['--fail-on-new', '--fail-on']],
    ['help', ['audit', '--he'], ['--help']],
    ['the value of an option', ['audit', '--fail-on', 'c'], ['critical']],
    ['the value of a short option', ['audit', '-o', 'o'], ['ocsf', 'openreports']],
    ['an argument of few words', ['completion', 'po'], ['powershell']],
    ['nothing where a file is expected', ['evaluate', ''], []],
    ['nothing where an option takes a file', ['audit', '--policy', ''], []],
    ['nothing for a word that matches no command', ['zzz'], []],
  ])('offers %s', (_, words, expected) => expect(values(...words)).toEqual(expected));

  it('adds the description of each command', () => {
    expect(complete(program, ['rul'])).toEqual([{ value: 'rules', what: 'List the rules, or print one in full.' }]);
  });
});
