import { createHash, timingSafeEqual } from 'node:crypto';

/** What a caller may do: read, or read and write. */
export type Role = 'reader' | 'operator';

/** A key that the deployment made, as its SHA-256 digest in hexadecimal digits: the key itself is held nowhere. */
export interface HeldKey {
  readonly role: Role;
  readonly sha256: string;
}

/** A key has 43 characters of chance; what somebody made up is shorter, and a digest of that could be guessed. */
const MIN_KEY_LENGTH = 32;
const MAX_KEY_LENGTH = 200;

/** The held key that a text is; the one that may write where both roles hold it. Every key is compared, so that time tells nothing. */
export function keyOf(keys: readonly HeldKey[], text: string): HeldKey | undefined {
  if (text.length < MIN_KEY_LENGTH || text.length > MAX_KEY_LENGTH) return undefined;
  const digest = createHash('sha256').update(text).digest();
  const fitting = keys.filter(({ sha256 }) => timingSafeEqual(Buffer.from(sha256, 'hex'), digest));
  return fitting.find(({ role }) => role === 'operator') ?? fitting[0];
}
