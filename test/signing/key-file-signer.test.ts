import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isSignedBy } from '../../shared/domain/evidence/signature.ts';
import { keyFileSigner, writeKeyFile } from '../../shared/signing/key-file-signer.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kataudit-key-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const bytes = Buffer.from('evidence');
const signal = new AbortController().signal;

describe('a key file', () => {
  it('that was written signs, can be read only by its owner, and is never overwritten', async () => {
    const path = join(folder, 'new.pem');
    await writeKeyFile(path);
    const signature = await (await keyFileSigner(path)).sign(bytes, signal);
    expect(isSignedBy(bytes, signature)).toBe(true);
    expect((await stat(path)).mode & 0o077).toBe(0);
    expect(await readFile(`${path}.pub`, 'utf8')).toBe(signature.publicKey);
    await expect(writeKeyFile(path)).rejects.toMatchObject({ name: 'Fault', code: 'conflict' });
    expect(await (await keyFileSigner(path)).sign(bytes, signal)).toEqual(signature);
  });

  it('is complete when it is said to be', async () => {
    const path = join(folder, 'whole.pem');
    await writeKeyFile(path);
    const [key, publicKey] = [path, `${path}.pub`].map((file) => readFileSync(file, 'utf8'));
    expect(key).toMatch(/^-----BEGIN PRIVATE KEY-----\n.*\n-----END PRIVATE KEY-----\n$/s);
    expect(publicKey).toMatch(/^-----BEGIN PUBLIC KEY-----\n.*\n-----END PUBLIC KEY-----\n$/s);
  });

  it('is removed again where its public key cannot be written, which stays as it was', async () => {
    const path = join(folder, 'half.pem');
    await writeFile(`${path}.pub`, 'another key');
    await expect(writeKeyFile(path)).rejects.toMatchObject({ name: 'Fault', code: 'conflict' });
    await expect(readFile(path)).rejects.toThrow('ENOENT');
    expect(await readFile(`${path}.pub`, 'utf8')).toBe('another key');
  });

  it('that is missing is reported', async () => {
    await expect(keyFileSigner(join(folder, 'none.pem'))).rejects.toMatchObject({ name: 'Fault', code: 'not-found' });
  });

  it.each([
    ['no key', 'secret text', 'malformed'],
    ['a public key', generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString(), 'malformed'],
    [
      'a key of another type',
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      'unsupported',
    ],
  ])('with %s is refused without its text', async (name, text, code) => {
    const path = join(folder, `${name.replaceAll(' ', '-')}.pem`);
    await writeFile(path, text);
    const error = await keyFileSigner(path).catch((fault: unknown) => fault);
    expect(error).toMatchObject({ name: 'Fault', code });
    expect(String(error)).not.toContain('secret text');
  });
});
