import { createHmac, timingSafeEqual } from 'node:crypto';
import type { HeldKey } from './keys.ts';

/** A cookie, as Azure Functions takes it. */
export interface Cookie {
  name: string;
  value: string;
  path: string;
  httpOnly: boolean;
  secure: boolean;
  sameSite: 'Lax';
  /** Seconds. */
  maxAge: number;
}

/** A working day: who leaves a browser open comes back to a session that has ended. */
const SESSION_SECONDS = 8 * 3_600;
const SESSION = /^([0-9a-f]{16})\.(\d{1,12})\.([\w-]{43})$/;

/**
 * A cookie that stands for a key until it ends, and does not hold it. It ends too when the key is no longer
 * held. `Lax`: a link in a chat must open, and no other site's form may write.
 */
export function sessionCookie(held: HeldKey, secret: string, now: Date, origin: string | undefined): Cookie & { expiresAt: string } {
  const end = Math.floor(now.getTime() / 1_000) + SESSION_SECONDS;
  const value = `${idOf(held)}.${end}.${seal(held, end, secret)}`;
  return { ...cookie(value, SESSION_SECONDS, origin), expiresAt: new Date(end * 1_000).toISOString() };
}

/** The cookie that ends a session. */
export function endedCookie(origin: string | undefined): Cookie {
  return cookie('', 0, origin);
}

/** The key that a session stands for; `undefined` when it has ended, is forged, or its key is no longer held. */
export function openSession(keys: readonly HeldKey[], session: string, secret: string, now: Date): HeldKey | undefined {
  const [, id, end, given] = SESSION.exec(session) ?? [];
  const held = keys.find((key) => idOf(key) === id);
  if (held === undefined || given === undefined || Number(end) * 1_000 <= now.getTime()) return undefined;
  return timingSafeEqual(Buffer.from(given), Buffer.from(seal(held, Number(end), secret))) ? held : undefined;
}

/** The session in a `Cookie` header. */
export function sessionOf(header: string | null, origin: string | undefined): string | undefined {
  const prefix = `${nameOf(origin)}=`;
  const pair = (header ?? '').split(';').map((part) => part.trim());
  return pair.find((part) => part.startsWith(prefix))?.slice(prefix.length);
}

function cookie(value: string, maxAge: number, origin: string | undefined): Cookie {
  return { name: nameOf(origin), value, path: '/', httpOnly: true, secure: isSecure(origin), sameSite: 'Lax', maxAge };
}

/** Browsers take a name with this prefix over TLS and from this very host alone. Source: RFC 6265bis, 4.1.3.2. */
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
