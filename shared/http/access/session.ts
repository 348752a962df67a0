import { createHmac, timingSafeEqual } from 'node:crypto';
import type { HeldKey } from './keys.ts';

/** A cookie in the form of Azure Functions. */
export interface Cookie {
  name: string;
  value: string;
  path: string;
  httpOnly: boolean;
  secure: boolean;
  sameSite: 'Lax';
  /** In seconds. */
  maxAge: number;
}

/** A working day: a browser that is left open overnight has no valid session. */
const SESSION_SECONDS = 8 * 3_600;
const SESSION = /^([0-9a-f]{16})\.(\d{1,12})\.([\w-]{43})$/;

/**
 * Returns a cookie that represents a key for a limited time without containing it. It also ends when the key is removed. `Lax`: a link in
 * a chat must work, and no other site's form may write.
 */
export function sessionCookie(held: HeldKey, secret: string, now: Date, origin: string | undefined): Cookie & { expiresAt: string } {
  const end = Math.floor(now.getTime() / 1_000) + SESSION_SECONDS;
  const value = `${idOf(held)}.${end}.${seal(held, end, secret)}`;
  return { ...cookie(value, SESSION_SECONDS, origin), expiresAt: new Date(end * 1_000).toISOString() };
}

/** Returns the cookie that ends a session. */
export function endedCookie(origin: string | undefined): Cookie {
  return cookie('', 0, origin);
}

/** Returns the key that a session represents; `undefined` if the session is expired or forged, or its key was removed. */
export function openSession(keys: readonly HeldKey[], session: string, secret: string, now: Date): HeldKey | undefined {
  const [, id, end, given] = SESSION.exec(session) ?? [];
  const held = keys.find((key) => idOf(key) === id);
  if (held === undefined || given === undefined || Number(end) * 1_000 <= now.getTime()) return undefined;
  return timingSafeEqual(Buffer.from(given), Buffer.from(seal(held, Number(end), secret))) ? held : undefined;
}

/** Returns the session in a `Cookie` header. */
export function sessionOf(header: string | null, origin: string | undefined): string | undefined {
  const prefix = `${nameOf(origin)}=`;
  const pair = (header ?? '').split(';').map((part) => part.trim());
  return pair.find((part) => part.startsWith(prefix))?.slice(prefix.length);
}

function cookie(value: string, maxAge: number, origin: string | undefined): Cookie {
  return { name: nameOf(origin), value, path: '/', httpOnly: true, secure: isSecure(origin), sameSite: 'Lax', maxAge };
}

/** Browsers accept a name with this prefix only over TLS and from this exact host. Source: RFC 6265bis, 4.1.3.2. */
function nameOf(origin: string | undefined): string {
  return isSecure(origin) ? '__Host-kataudit' : 'kataudit';
}

/** Only an app on this machine is reached without TLS. */
function isSecure(origin: string | undefined): boolean {
  return !(origin?.startsWith('http:') ?? false);
}

function idOf({ role, sha256 }: HeldKey): string {
  return createHmac('sha256', 'kataudit key id').update(`${role}\n${sha256}`).digest('hex').slice(0, 16);
}

function seal({ role, sha256 }: HeldKey, end: number, secret: string): string {
  return createHmac('sha256', `kataudit session 1\n${secret}`).update(`${role}\n${sha256}\n${end}`).digest('base64url');
}
