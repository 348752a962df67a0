import type { TokenCredential } from '@azure/identity';
import type { Signer } from '../../ports/signer.ts';

/** The signer that a text names: a key in Azure Key Vault by its address, or a key file by its path. */
export async function openSigner(key: string, credential?: TokenCredential): Promise<Signer> {
  if (!/^https?:/.test(key)) {
    const { keyFileSigner } = await import('../../signing/key-file-signer.ts');
    return keyFileSigner(key);
  }
  const [{ azureCredential }, { keyVaultSigner }] = await Promise.all([
    import('../../azure/client/credential.ts'),
    import('../../azure/key-vault-signer.ts'),
  ]);
  return keyVaultSigner({ credential: credential ?? (await azureCredential()), keyId: key });
}

/** A signer that is opened when it first signs, so that a wrong key fails the signing and not the app. */
export function lazySigner(key: string, credential: TokenCredential): Signer {
  return { sign: async (bytes, abortSignal) => (await openSigner(key, credential)).sign(bytes, abortSignal) };
}

/** Creates a new key file. */
export async function makeKeyFile(path: string): Promise<void> {
  const { writeKeyFile } = await import('../../signing/key-file-signer.ts');
  await writeKeyFile(path);
}
