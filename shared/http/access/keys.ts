import { createHash, timingSafeEqual } from 'node:crypto';

/** The caller's role: reader, or operator, who may also write. */
export type Role = 'reader' | 'operator';

/** A key of the deployment as its SHA-256 digest in hexadecimal digits; the key itself is not stored. */
export interface HeldKey {
  readonly role: Role;
  readonly sha256: string;
}

/** A generated key has 43 random characters; a shorter one was probably invented, and could be guessed from its digest. */
const MIN_KEY_LENGTH = 32;
const MAX_KEY_LENGTH = 200;

/**
 * Returns the held key that a text matches; the operator's if both roles have it. Every key is compared, so that the response time
 * reveals nothing.
 */
export function keyOf(keys: readonly HeldKey[], text: string): HeldKey | undefined {
  if (text.length < MIN_KEY_LENGTH || text.length > MAX_KEY_LENGTH) return undefined;
  const digest = createHash('sha256').update(text).digest();
  const fitting = keys.filter(({ sha256 }) => timingSafeEqual(Buffer.from(sha256, 'hex'), digest));
  return fitting.find(({ role }) => role === 'operator') ?? fitting[0];
}
