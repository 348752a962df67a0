import type { Signature } from '../domain/evidence/signature.ts';

/** Signs with a private key that is never exported. Throws `Fault` when the key cannot be reached or used. */
export interface Signer {
  sign(bytes: Uint8Array, abortSignal: AbortSignal): Promise<Signature>;
}
