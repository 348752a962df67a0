import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { algorithmOf } from '../domain/evidence/signature.ts';
import { Fault } from '../domain/snapshot/fault.ts';
import type { Signer } from '../ports/signer.ts';

/** A signer over an Ed25519 private key in a file (PKCS#8 in PEM, as `openssl genpkey -algorithm ed25519` writes it). */
export async function keyFileSigner(path: string): Promise<Signer> {
  const key = readKey(await readPem(path), path);
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
  return {
    sign: async (bytes) => ({ algorithm: 'Ed25519', publicKey, value: sign(null, bytes, key).toString('base64url') }),
  };
}

/** Writes a new private key that only its owner may read, and its public key beside it (`.pub`); never overwrites a file. */
export async function writeKeyFile(path: string): Promise<void> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const made: string[] = [];
  try {
    for (const [file, text, mode] of [
      [path, privateKey.export({ type: 'pkcs8', format: 'pem' }), 0o600] as const,
      [`${path}.pub`, publicKey.export({ type: 'spki', format: 'pem' }), 0o666] as const,
    ]) {
      await writeFile(file, '', { flag: 'wx', mode });
      // Only a file that was not there before is removed again.
      made.push(file);
      await writeFile(file, text, { flush: true });
    }
  } catch (cause) {
    // A partial pair is useless, and would block a second attempt, which never overwrites.
    for (const file of made) await rm(file, { force: true });
    throw new Fault('conflict', `Cannot write the key ${path}: ${messageOf(cause)}`, { cause });
  }
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new Fault('not-found', `Cannot read the signing key ${path}: ${messageOf(cause)}`, { cause });
  }
}

function readKey(pem: string, path: string) {
  try {
    const key = createPrivateKey(pem);
    if (algorithmOf(key) === 'Ed25519') return key;
  } catch (cause) {
    // The message of the library may contain parts of the key.
    throw new Fault('malformed', `${path} is not a private key in PEM without a passphrase.`, { cause });
  }
  throw new Fault('unsupported', `${path} is not an Ed25519 key; \`openssl genpkey -algorithm ed25519\` makes one.`);
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
