import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';

/** How a key signs: Ed25519, or ECDSA over P-256 with SHA-256, which is what Azure Key Vault offers. */
export const SIGNATURE_ALGORITHMS = ['Ed25519', 'ES256'] as const;
export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number];

/** A signature with all that is needed to check it. */
export interface Signature {
  readonly algorithm: SignatureAlgorithm;
  /** The public key, SubjectPublicKeyInfo in PEM. */
  readonly publicKey: string;
  /** Base64url. */
  readonly value: string;
}

/**
 * Whether the key that a signature names signed these bytes; `false` as well for a key that cannot be
 * read, and for any but the one spelling of key and value, so that no bit of a signature is free.
 */
export function isSignedBy(bytes: Uint8Array, { algorithm, publicKey, value }: Signature): boolean {
  const key = readPublicKey(publicKey);
  if (key === undefined || algorithmOf(key) !== algorithm) return false;
  const signature = Buffer.from(value, 'base64url');
  if (signature.toString('base64url') !== value || key.export({ type: 'spki', format: 'pem' }) !== publicKey) return false;
  if (algorithm === 'Ed25519') return verify(null, bytes, key, signature);
  return verify('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }, signature);
}

/** The name of a public key for people to compare: `SHA256:` and the digest of its bytes; `undefined` when it is no key. */
export function keyFingerprint(publicKey: string): string | undefined {
  const key = readPublicKey(publicKey);
  if (key === undefined) return undefined;
  return `SHA256:${createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('base64url')}`;
}

/** How a key signs; `undefined` for a key of another kind. */
export function algorithmOf(key: KeyObject): SignatureAlgorithm | undefined {
  if (key.asymmetricKeyType === 'ed25519') return 'Ed25519';
  return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? 'ES256' : undefined;
}

function readPublicKey(pem: string): KeyObject | undefined {
  // A private key would do for `createPublicKey` too, and must never be where a public one is expected.
  if (!pem.includes('-----BEGIN PUBLIC KEY-----')) return undefined;
  try {
    return createPublicKey(pem);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}
