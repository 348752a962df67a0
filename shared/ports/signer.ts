import type { Signature } from '../domain/evidence/signature.ts';

/** A key that never leaves its place. Throws `Fault` when it cannot be reached or refuses. */
export interface Signer {
  sign(bytes: Uint8Array, abortSignal: AbortSignal): Promise<Signature>;
}
