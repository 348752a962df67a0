import { timingSafeEqual } from 'node:crypto';

/** Who may call: any process on this machine, or holders of a key; `system` is the key of the Event Grid extension. */
export type Keys = 'no-auth' | { readonly function: string; readonly master: string; readonly system?: string };

/** The access that an HTTP function requires. */
export type Access = 'anonymous' | 'function' | 'admin';

type Request = { readonly url: URL; readonly headers: Readonly<Record<string, string>> };

/** Whether a request contains a key that the function accepts, in the header `x-functions-key` or the parameter `code`. */
export function allows(keys: Keys, access: Access, request: Request): boolean {
  if (keys === 'no-auth' || access === 'anonymous') return true;
  const given = givenKey(request);
  return equal(given, keys.master) || (access === 'function' && equal(given, keys.function));
}

/**
 * The real host's answer to an unauthorized call of its own paths: 401 without a known key, 403 with a function key
 * where another is required; `undefined` for an authorized call.
 */
export function refusal(keys: Keys, wanted: 'master' | 'system', request: Request): 401 | 403 | undefined {
  if (keys === 'no-auth') return undefined;
  const given = givenKey(request);
  const allowed = equal(given, keys.master) || (wanted === 'system' && keys.system !== undefined && equal(given, keys.system));
  if (allowed) return undefined;
  return equal(given, keys.function) ? 403 : 401;
}

function givenKey({ url, headers }: Request): string {
  return headers['x-functions-key'] ?? url.searchParams.get('code') ?? '';
}

function equal(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
