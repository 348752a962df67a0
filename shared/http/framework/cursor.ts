import { createHmac, timingSafeEqual } from 'node:crypto';
import { Problem } from './problem.ts';

const VERSION = '1';
const SEAL_LENGTH = 22;

/**
 * Seals a store's cursor for one list, so that it is opaque and valid only for the same list with the same filters. Without a secret, the
 * seal detects damage and mistakes, but not forgery.
 */
export function sealCursor(cursor: string, list: string, secret = ''): string {
  const payload = Buffer.from(cursor, 'utf8').toString('base64url');
  return `${VERSION}${seal(payload, list, secret)}${payload}`;
}

/** Opens a sealed cursor, or refuses it with 400. */
export function openCursor(text: string, list: string, secret = ''): string {
  const given = Buffer.from(text.slice(1, 1 + SEAL_LENGTH));
  const payload = text.slice(1 + SEAL_LENGTH);
  const expected = Buffer.from(seal(payload, list, secret));
  if (!text.startsWith(VERSION) || given.length !== expected.length || !timingSafeEqual(given, expected)) {
    const detail = 'is not a cursor of this list with these filters; use nextLink unchanged, or start again without a cursor';
    throw new Problem(400, 'The cursor is invalid.', [{ field: 'cursor', detail }]);
  }
  return Buffer.from(payload, 'base64url').toString('utf8');
}

function seal(payload: string, list: string, secret: string): string {
  const key = `kataudit cursor ${VERSION}\n${secret}`;
  return createHmac('sha256', key).update(`${list}\n${payload}`).digest('base64url').slice(0, SEAL_LENGTH);
}
