import { timingSafeEqual } from 'node:crypto';

/** Who may call: everybody on this machine, or whoever has a key. */
export type Keys = 'no-auth' | { readonly function: string; readonly master: string };

/** What an HTTP function asks of its callers. */
export type Access = 'anonymous' | 'function' | 'admin';

/** Whether a request carries a key that the function takes, as header `x-functions-key` or parameter `code`. */
export function allows(
  keys: Keys,
  access: Access,
  request: { readonly url: URL; readonly headers: Readonly<Record<string, string>> },
): boolean {
  if (keys === 'no-auth' || access === 'anonymous') return true;
  const given = request.headers['x-functions-key'] ?? request.url.searchParams.get('code') ?? '';
  return equal(given, keys.master) || (access === 'function' && equal(given, keys.function));
}

function equal(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
