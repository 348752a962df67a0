import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { staticToken } from '../../../shared/azure/client/credential.ts';
import { lazySigner, makeKeyFile, openSigner } from '../../../shared/compose/container/signer.ts';

const signal = new AbortController().signal;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kataudit-signer-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('a path names a key file, opened when it first signs', async () => {
  const path = join(folder, 'https:key.pem');
  const signer = lazySigner(path, staticToken('t'));
  await expect(signer.sign(Buffer.from('x'), signal)).rejects.toThrow();
  await makeKeyFile(path);
  expect(await signer.sign(Buffer.from('x'), signal)).toMatchObject({ algorithm: expect.any(String) });
});

it.each(['https://elsewhere.example/keys/k', 'http://evidence.vault.azure.net/keys/k'])(
  'an address names a key in a vault: %s',
  async (key) => {
    await expect(openSigner(key, staticToken('t'))).rejects.toThrow('is not a key in a vault');
  },
);
