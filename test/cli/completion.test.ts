import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../support/command.ts';

const MAIN = resolve(import.meta.dirname, '../../shared/cli/main.ts');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kataudit-completion-'));
  await writeFile(join(folder, 'a snapshot.json'), '');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The completions that bash offers for the last of some words, with only the script. */
async function inBash(...words: readonly string[]): Promise<readonly string[]> {
  const { out } = await run(['completion', 'bash']);
  const script = `kataudit() { "$NODE" "$MAIN" "$@"; }
${out}
COMP_WORDS=(kataudit "$@"); COMP_CWORD=$#; _kataudit; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const env = { PATH: process.env.PATH, NODE: process.execPath, MAIN };
  const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', script, 'bash', ...words], { cwd: folder, env });
  return stdout.trimEnd().split('\n');
}

const has = (shell: string) => spawnSync(shell, ['-c', 'exit 0']).status === 0;
const SHELL_ENV = { PATH: process.env.PATH, NODE: process.execPath, MAIN };

/** The completions that zsh gets, as value and description, without zsh's own completion functions, to which an array is passed by name. */
async function inZsh(...words: readonly string[]): Promise<readonly string[]> {
  const { out } = await run(['completion', 'zsh']);
  const script = `compdef() { : }
_describe() { print -rl -- "\${(P@)2}" }
_files() { print -r -- FILES }
kataudit() { "$NODE" "$MAIN" "$@" }
${out}
words=(kataudit "$@"); CURRENT=\${#words}; _kataudit`;
  const { stdout } = await promisify(execFile)('zsh', ['-f', '-c', script, 'zsh', ...words], { cwd: folder, env: SHELL_ENV });
  return stdout.trimEnd().split('\n');
}

/** The completions that fish offers for the end of a line. */
async function inFish(line: string): Promise<readonly string[]> {
  const { out } = await run(['completion', 'fish']);
  const script = `function kataudit; $NODE $MAIN $argv; end
${out}
complete -C ${JSON.stringify(line)}`;
  const { stdout } = await promisify(execFile)('fish', ['--no-config', '-c', script], { cwd: folder, env: { ...SHELL_ENV, HOME: folder } });
  return stdout.trimEnd().split('\n');
}

describe.skipIf(!has('zsh'))('kataudit completion in zsh', () => {
  it('offers commands with their descriptions, values, and otherwise files', async () => {
    expect(await inZsh('policy', 'ex')).toEqual([expect.stringMatching(/^explain:Show which entries/)]);
    expect(await inZsh('audit', '--fail-on', 'h')).toEqual([expect.stringMatching(/^high:/)]);
    expect(await inZsh('evaluate', 'a')).toEqual(['FILES']);
  });
});

describe.skipIf(!has('fish'))('kataudit completion in fish', () => {
  it('offers commands with their descriptions, and values', async () => {
    expect(await inFish('kataudit policy ex')).toEqual([expect.stringMatching(/^explain\tShow which entries/)]);
    expect(await inFish('kataudit audit --fail-on h')).toEqual(['high']);
  });
});

describe('kataudit completion', () => {
  it('completes commands and values in bash', async () => {
    expect(await inBash('policy', 'ex')).toEqual(['explain']);
    expect(await inBash('audit', '-o', 'js')).toEqual(['json']);
  });

  it('completes file names where it has no completions', async () => {
    expect(await inBash('evaluate', 'a')).toEqual(['a snapshot.json']);
  });

  it.each(['zsh', 'fish', 'powershell'])('prints a script for %s that passes on every word of the line', async (shell) => {
    const { code, out } = await run(['completion', shell]);
    expect([code, out]).toEqual([0, expect.stringMatching(/kataudit __complete '?--'? /)]);
  });

  it('refuses other shells', async () => {
    const { code, err } = await run(['completion', 'csh']);
    expect([code, err]).toEqual([2, expect.stringContaining('It must be one of bash, zsh, fish, powershell.')]);
  });
});
