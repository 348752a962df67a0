import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { advice } from '../../shared/cli/doctor.ts';
import { doctorCommands, remediationCommands } from '../support/printed-commands.ts';
import { posixWords, powershellWords } from '../support/shell-words.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const CLUSTER = { subscriptionId: '11111111-1111-4111-8111-111111111111', resourceGroup: 'rg-shop', name: 'shop' };

/** The lines of a document's fences that PowerShell must accept unchanged, without their comments. */
function documented(path: string): readonly string[] {
  const text = readFileSync(resolve(ROOT, path), 'utf8');
  const lines = [...text.matchAll(/^(?:\$ )?((?:az|azd|npm|git) .+)$/gm)].map(([, line = '']) => line);
  const inline = [...text.matchAll(/`((?:az|azd|npm) [a-z][^`]+)`/g)].map(([, line = '']) => line);
  return [...lines, ...inline].map((line) => line.replace(/\s+#.*$/, '').replaceAll(/…/g, 'x'));
}

/** The calls of a line, in sequence or in a pipe, which PowerShell 7 also supports. */
const callsOf = (line: string) => line.split(/ (?:&&|\|) /);

const reads = (line: string) => callsOf(line).map((call) => [call, powershellWords(call)] as const);
const expected = (line: string) => callsOf(line).map((call) => [call, posixWords(call)] as const);

describe('a command for people to run', () => {
  it.each(['docs/operate.md', 'docs/probe.md', 'docs/images.md', 'docs/notifications.md', 'README.md'])(
    'of %s is the same for PowerShell as for a POSIX shell',
    (path) => {
      const lines = documented(path).filter((line) => !/"\$\(/.test(line));
      expect(lines.map(reads)).toEqual(lines.map(expected));
    },
  );

  it('of a finding is the same for both shells', async () => {
    const commands = await remediationCommands();
    expect(commands.filter((line) => line.startsWith('az ')).length).toBeGreaterThan(5);
    expect(commands.map(reads)).toEqual(commands.map(expected));
  });

  it('of the doctor is the same for both shells', () => {
    const codes = (['not-entra-integrated', 'stopped'] as const).map((code) => ({ code, message: '' }));
    const permission = {
      plane: 'kubernetes',
      purpose: 'audit',
      action: '',
      why: '',
      attributes: { verb: 'get', group: '', resource: '' },
    } as const;
    const commands = [
      ...doctorCommands(CLUSTER),
      ...advice(
        codes.map((reason) => ({ permission, state: 'unknown', reason })),
        CLUSTER,
      ),
    ];
    expect(commands.length).toBeGreaterThan(12);
    expect(commands.map(reads)).toEqual(commands.map(expected));
  });
});

describe('PowerShell, within the rules of this test', () => {
  it.each([
    ['a variable', 'az x --name $NAME'],
    ['a variable in quotes', 'az x --name "$NAME"'],
    ['an escape', 'az x `'],
    ['a line that continues', 'az x \\'],
    ['splatting', 'az x --body @file.json'],
    ['JSON', `az x --body '{"a":1}'`],
    ['a quote in quotes of a POSIX shell', `az x --name 'it'\\''s'`],
    ['a script block', 'az x --query {a}'],
    ['a list', 'az x a, b'],
    ['two commands', 'az x; az y'],
    ['a redirection', 'az x >file'],
    ['a typographic quote', 'az x \u2019a'],
  ])('reads %s differently from a POSIX shell', (_, line) => {
    expect(() => powershellWords(line)).toThrow();
  });

  it.each([
    [`az x --query "[?a=='b'].{c: c}" -- y`, ['az', 'x', '--query', "[?a=='b'].{c: c}", '--', 'y']],
    [`kubectl patch --patch 'a: {b: c}' x,y`, ['kubectl', 'patch', '--patch', 'a: {b: c}', 'x,y']],
  ])('reads %s like a POSIX shell', (line, words) => {
    expect(powershellWords(line)).toEqual(words);
    expect(posixWords(line)).toEqual(words);
  });
});
