import { execFile } from 'node:child_process';
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

/** What bash offers for the last of some words, with nothing but the script. */
async function inBash(...words: readonly string[]): Promise<readonly string[]> {
  const { out } = await run(['completion', 'bash']);
  const script = `kataudit() { "$NODE" "$MAIN" "$@"; }
${out}
COMP_WORDS=(kataudit "$@"); COMP_CWORD=$#; _kataudit; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const env = { PATH: process.env.PATH, NODE: process.execPath, MAIN };
  const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', script, 'bash', ...words], { cwd: folder, env });
  return stdout.trimEnd().split('\n');
}

describe('kataudit completion', () => {
  it('completes commands and values in bash', async () => {
    expect(await inBash('policy', 'ex')).toEqual(['explain']);
    expect(await inBash('audit', '-o', 'js')).toEqual(['json']);
  });

  it('completes file names where it has nothing to say', async () => {
    expect(await inBash('evaluate', 'a')).toEqual(['a snapshot.json']);
  });

  it.each(['zsh', 'fish', 'powershell'])('prints a script for %s that asks for every word of the line', async (shell) => {
    const { code, out } = await run(['completion', shell]);
    expect([code, out]).toEqual([0, expect.stringMatching(/kataudit __complete '?--'? /)]);
  });

  it('knows no other shell', async () => {
    const { code, err } = await run(['completion', 'csh']);
    expect([code, err]).toEqual([2, expect.stringContaining('It is one of bash, zsh, fish, powershell.')]);
  });
});
