import type { Signer } from '../ports/signer.ts';

/** The signer that a text names: a key file. */
export async function openSigner(key: string): Promise<Signer> {
  const { keyFileSigner } = await import('../signing/key-file-signer.ts');
  return keyFileSigner(key);
}

/** Makes a new key file. */
export async function makeKeyFile(path: string): Promise<void> {
  const { writeKeyFile } = await import('../signing/key-file-signer.ts');
  await writeKeyFile(path);
}
