import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';

/** Signature algorithms: Ed25519, or ECDSA over P-256 with SHA-256, which Azure Key Vault supports. */
export const SIGNATURE_ALGORITHMS = ['Ed25519', 'ES256'] as const;
export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number];

/** A signature and what is needed to verify it. */
export interface Signature {
  readonly algorithm: SignatureAlgorithm;
  /** The public key, SubjectPublicKeyInfo in PEM. */
  readonly publicKey: string;
  /** Base64url. */
  readonly value: string;
}

/**
 * Whether the key in a signature signed these bytes. Also `false` for a key that cannot be read, and for
 * another encoding of key or value, so that no second form of a signature is accepted.
 */
export function isSignedBy(bytes: Uint8Array, { algorithm, publicKey, value }: Signature): boolean {
  const key = readPublicKey(publicKey);
  if (key === undefined || algorithmOf(key) !== algorithm) return false;
  const signature = Buffer.from(value, 'base64url');
  if (signature.toString('base64url') !== value || key.export({ type: 'spki', format: 'pem' }) !== publicKey) return false;
  if (algorithm === 'Ed25519') return verify(null, bytes, key, signature);
  return verify('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }, signature);
}

/** The order of the curve P-256. Source: SEC 2, 2.4.2. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const HALF_BYTES = 32;

/**
 * The accepted form of an ES256 signature: (r, s) and (r, n−s) are equally valid, and the one with the smaller s
 * is accepted. Otherwise anybody could make a second, different file of the same bundle. Ed25519 has one form.
 */
export function oneForm(signature: Signature): Signature {
  const bytes = Buffer.from(signature.value, 'base64url');
  if (signature.algorithm !== 'ES256' || bytes.length !== 2 * HALF_BYTES) return signature;
  const s = BigInt(`0x${bytes.subarray(HALF_BYTES).toString('hex')}`);
  if (s <= ORDER / 2n || s >= ORDER) return signature;
  const smaller = (ORDER - s).toString(16).padStart(2 * HALF_BYTES, '0');
  return { ...signature, value: Buffer.concat([bytes.subarray(0, HALF_BYTES), Buffer.from(smaller, 'hex')]).toString('base64url') };
}

/** The fingerprint of a public key: `SHA256:` and the digest of its bytes; `undefined` for a text that is not a key. */
export function keyFingerprint(publicKey: string): string | undefined {
  const key = readPublicKey(publicKey);
  if (key === undefined) return undefined;
  return `SHA256:${createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('base64url')}`;
}

/** Returns the signature algorithm of a key; `undefined` for an unsupported key. */
export function algorithmOf(key: KeyObject): SignatureAlgorithm | undefined {
  if (key.asymmetricKeyType === 'ed25519') return 'Ed25519';
  return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? 'ES256' : undefined;
}

function readPublicKey(pem: string): KeyObject | undefined {
  // `createPublicKey` also accepts a private key, which must never be in the place of a public one.
  if (!pem.includes('-----BEGIN PUBLIC KEY-----')) return undefined;
  try {
    return createPublicKey(pem);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}
