import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writePieces } from '../../../shared/cli/frame/stream-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kataudit-write-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function* pieces(...texts: readonly string[]): AsyncGenerator<string> {
  yield* texts;
}

async function* breaking(): AsyncGenerator<string> {
  yield 'half';
  throw new Error('It broke off.');
}

describe('a written file', () => {
  it('can be read only by its owner, whatever was there before', async () => {
    const path = join(folder, 'findings.csv');
    await writeFile(path, 'old', { mode: 0o644 });
    await writePieces(path, pieces('new'));
    expect(await readFile(path, 'utf8')).toBe('new');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('is not written through a link that another user put beside it', async () => {
    const victim = join(folder, 'victim');
    await writeFile(victim, 'untouched');
    await symlink(victim, join(folder, 'findings.csv.part'));
    await writePieces(join(folder, 'findings.csv'), pieces('new'));
    expect(await readFile(victim, 'utf8')).toBe('untouched');
  });

  it('leaves nothing behind when writing fails', async () => {
    const path = join(folder, 'findings.csv');
    await writeFile(path, 'old');
    await expect(writePieces(path, breaking())).rejects.toThrow('broke off');
    expect(await readdir(folder)).toEqual(['findings.csv']);
    expect(await readFile(path, 'utf8')).toBe('old');
  });
});
