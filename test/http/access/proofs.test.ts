import { describe, expect, it } from 'vitest';
import { isCrossSite } from '../../../shared/http/access/cross-site.ts';
import { type AccessRules, decide } from '../../../shared/http/access/decide.ts';
import { keyOf } from '../../../shared/http/access/keys.ts';
import { readPrincipal } from '../../../shared/http/access/principal.ts';
import { endedCookie, openSession, sessionCookie, sessionOf } from '../../../shared/http/access/session.ts';
import { digestOf, KEYS_ALONE, OBJECT_ID, OPERATOR_KEY, ORIGIN, principal, READER_KEY } from '../../support/access.ts';

const NOW = new Date('2026-11-23T12:00:00.000Z');
const OR_KEY: AccessRules = { ...KEYS_ALONE, signIn: 'or-key' };
const [reader, operator] = [READER_KEY, OPERATOR_KEY].map((key) => keyOf(KEYS_ALONE.keys, key) ?? expect.fail(key));
const held = operator ?? expect.fail('There is no key.');

describe('a key', () => {
  const holding = (key: string, ...roles: readonly ('reader' | 'operator')[]) =>
    keyOf(
      roles.map((role) => ({ role, sha256: digestOf(key) })),
      key,
    );

  it.each([
    [31, undefined],
    [32, 'reader'],
    [200, 'reader'],
    [201, undefined],
  ])('of %i characters gives the role %s', (length, role) => expect(holding('k'.repeat(length), 'reader')?.role).toBe(role));

  it('that belongs to both roles may write, in any order of the settings', () => {
    const key = 'k'.repeat(43);
    expect([holding(key, 'reader', 'operator')?.role, holding(key, 'operator', 'reader')?.role]).toEqual(['operator', 'operator']);
    expect(keyOf(KEYS_ALONE.keys, key)).toBeUndefined();
  });
});

describe('a principal', () => {
  const LONG_ID = 'http://schemas.microsoft.com/identity/claims/objectidentifier';
  const LONG_ROLE = 'http://schemas.microsoft.com/ws/2008/06/identity/claims/role';
  const of = (claims: readonly (readonly [string, string])[], over: object = {}) =>
    readPrincipal(
      Buffer.from(JSON.stringify({ auth_typ: 'aad', claims: claims.map(([typ, val]) => ({ typ, val })), ...over })).toString('base64'),
    );

  it.each<[string, ReturnType<typeof of>, ReturnType<typeof of>]>([
    ['that may read', of([['roles', 'Kataudit.Reader']]), { role: 'reader' }],
    [
      'that may do both',
      of([
        ['roles', 'Kataudit.Reader'],
        ['roles', 'Kataudit.Operator'],
      ]),
      { role: 'operator' },
    ],
    ['by the long name of a role', of([[LONG_ROLE, 'Kataudit.Operator']]), { role: 'operator' }],
    ['by a role claim type that it defines itself', of([['r', 'Kataudit.Reader']], { role_typ: 'r' }), { role: 'reader' }],
    ['whose name is the name of a role', of([['name', 'Kataudit.Operator']], { role_typ: null }), { role: undefined }],
    ['of another role', of([['roles', 'kataudit.operator']]), { role: undefined }],
    ['with an id', of([['oid', OBJECT_ID.toUpperCase()]]), { role: undefined, objectId: OBJECT_ID }],
    ['with the long name of an id', of([[LONG_ID, OBJECT_ID]]), { role: undefined, objectId: OBJECT_ID }],
    ['with an invalid id', of([['oid', `${OBJECT_ID}\n`]]), { role: undefined }],
    ['with an id after other text', of([['oid', `x${OBJECT_ID}`]]), { role: undefined }],
    ['with the maximum number of claims', of(Array(1_000).fill(['roles', 'Kataudit.Reader'])), { role: 'reader' }],
    ['with more', of(Array(1_001).fill(['roles', 'Kataudit.Reader'])), undefined],
    ['of another provider', of([['roles', 'Kataudit.Reader']], { auth_typ: 'github' }), undefined],
    ['that is not JSON', readPrincipal('eyJ'), undefined],
  ])('%s is read correctly', (_, read, expected) => expect(read).toEqual(expected));
});

describe('a session', () => {
  const cookie = sessionCookie(held, 'secret', NOW, ORIGIN);

  it('is a cookie of only this host, over TLS; without TLS only when the app is on this machine', () => {
    const common = { path: '/', httpOnly: true, sameSite: 'Lax', maxAge: 28_800 };
    expect(cookie).toMatchObject({ ...common, name: '__Host-kataudit', secure: true, expiresAt: '2026-11-23T20:00:00.000Z' });
    expect(sessionCookie(held, 'secret', NOW, undefined)).toMatchObject({ name: '__Host-kataudit', secure: true });
    expect(sessionCookie(held, 'secret', NOW, 'http://localhost:7071')).toMatchObject({ ...common, name: 'kataudit', secure: false });
    expect(endedCookie(ORIGIN)).toMatchObject({ name: '__Host-kataudit', secure: true, value: '', maxAge: 0 });
  });

  it.each<[string, string | null, string | undefined, string | undefined]>([
    ['among others', 'a=1;  __Host-kataudit=x=y; b=2', ORIGIN, 'x=y'],
    ['of this machine', 'kataudit=x', 'http://localhost', 'x'],
    ['of this machine on another host', 'kataudit=x', ORIGIN, undefined],
    ['of another name', 'not__Host-kataudit=x', ORIGIN, undefined],
    ['of no value', '__Host-kataudit', ORIGIN, undefined],
    ['of none', null, ORIGIN, undefined],
  ])('is found %s: %j', (_, header, origin, expected) => expect(sessionOf(header, origin)).toBe(expected));

  it.each([
    ['unchanged', cookie.value, true],
    ['with a line break after it', `${cookie.value}\n`, false],
    ['with a text before it', `x${cookie.value}`, false],
    ['with a truncated seal', cookie.value.slice(0, -1), false],
    ['with a text after it', `${cookie.value}x`, false],
  ])('is checked %s', (_, value, opens) => {
    expect(openSession(KEYS_ALONE.keys, value, 'secret', NOW)).toEqual(opens ? held : undefined);
  });

  it('belongs to its own key among several', () => {
    const { value } = sessionCookie(reader ?? expect.fail(), 'secret', NOW, ORIGIN);
    expect(openSession(KEYS_ALONE.keys.toReversed(), value, 'secret', NOW)?.role).toBe('reader');
  });
});

it.each([
  ['GET', { 'sec-fetch-site': 'cross-site' }, false],
  ['HEAD', { origin: 'https://evil.example' }, false],
  ['POST', { 'sec-fetch-site': 'none' }, false],
  ['POST', { 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' }, false],
  ['POST', { 'sec-fetch-site': 'cross-site', origin: ORIGIN }, true],
  ['DELETE', { 'sec-fetch-site': 'same-site' }, true],
  ['PUT', { origin: 'https://evil.example' }, true],
  ['PUT', { origin: ORIGIN }, false],
  ['PUT', {}, false],
])('%s with %j is cross-site: %s', (method, headers, expected) => {
  expect(isCrossSite({ method, headers: new Headers(headers) }, ORIGIN)).toBe(expected);
});

describe('authorization', () => {
  const NOTHING = { secret: () => Promise.reject(new Error('No secret is needed.')), now: () => NOW };
  const decided = (rules: AccessRules, headers: Record<string, string>, wanted: 'anyone' | 'reader' | 'operator' = 'reader') =>
    decide(rules, wanted, { method: 'GET', headers: new Headers(headers) }, NOTHING);
  const callerOf = async (...asked: Parameters<typeof decided>) => {
    const decision = await decided(...asked);
    return 'caller' in decision ? decision.caller : decision.status;
  };

  it.each<[string, AccessRules, Record<string, string>, object | number]>([
    ['a bearer key in any case', KEYS_ALONE, { authorization: `bEARER   ${OPERATOR_KEY}` }, { operator: true }],
    ['a bearer key with more text after it', KEYS_ALONE, { authorization: `Bearer ${OPERATOR_KEY} x` }, 401],
    ['a key with another scheme', KEYS_ALONE, { authorization: `Basic Bearer ${OPERATOR_KEY}` }, 401],
    ['an empty key and a bearer key', KEYS_ALONE, { 'x-functions-key': '', authorization: `Bearer ${READER_KEY}` }, { operator: false }],
    ['a wrong key and a right bearer key', KEYS_ALONE, { 'x-functions-key': 'wrong', authorization: `Bearer ${READER_KEY}` }, 401],
    [
      'a token and a sign-in',
      OR_KEY,
      { ...principal('Kataudit.Reader'), authorization: 'Bearer token' },
      { operator: false, objectId: OBJECT_ID },
    ],
    ['a wrong key and a sign-in', OR_KEY, { ...principal('Kataudit.Operator'), 'x-functions-key': 'wrong' }, 401],
    ['a key and a sign-in', OR_KEY, { ...principal('Kataudit.Reader'), 'x-functions-key': OPERATOR_KEY }, { operator: true }],
  ])('is decided by %s', async (_, rules, headers, expected) => {
    expect(await callerOf(rules, headers)).toStrictEqual(expected);
  });

  it.each<[string, AccessRules, Record<string, string>, 'reader' | 'operator', RegExp]>([
    ['no key when keys are accepted', KEYS_ALONE, {}, 'reader', /^Send a key of this app in the header x-functions-key\.$/],
    ['nothing when sign-in is required', { ...KEYS_ALONE, signIn: 'required' }, {}, 'reader', /^Send an Entra ID token for this app\.$/],
    ['nothing when either is accepted', OR_KEY, {}, 'reader', /^Send an Entra ID token .*, or a key of /],
    ['nothing when neither is configured', { signIn: 'off', keys: [] }, {}, 'reader', /refuses every request/],
    ['a key that may not write', KEYS_ALONE, { 'x-functions-key': READER_KEY }, 'operator', /needs an operator key or the app role/],
    ['a role that may not write', OR_KEY, principal('Kataudit.Reader'), 'operator', /needs the app role Kataudit\.Operator\.$/],
    ['nothing when there is one key', { ...KEYS_ALONE, keys: KEYS_ALONE.keys.slice(0, 1) }, {}, 'reader', /^Send a key of this app /],
    ['no role and no id', OR_KEY, anonymous(), 'reader', /needs the app role Kataudit\.Reader or Kataudit\.Operator\.$/],
    ['no role', OR_KEY, principal('Other'), 'reader', /needs the app role Kataudit\.Reader or Kataudit\.Operator\.$/],
  ])('says what is missing with %s', async (_, rules, headers, wanted, detail) => {
    expect(await decided(rules, headers, wanted)).toMatchObject({ detail: expect.stringMatching(detail) });
  });

  it.each([
    ['a sign-in', principal('Kataudit.Operator'), 403],
    ['a key', { 'x-functions-key': OPERATOR_KEY }, { operator: true }],
  ])('lets another site write with %s or not: only what browsers send on their own is dangerous', async (_, proof, expected) => {
    const headers = new Headers({ ...proof, 'sec-fetch-site': 'cross-site' });
    const decision = await decide(OR_KEY, 'operator', { method: 'POST', headers }, NOTHING);
    expect('caller' in decision ? decision.caller : decision.status).toEqual(expected);
  });

  it('allows everyone on an open route, whatever they send', async () => {
    expect(await callerOf(KEYS_ALONE, { 'x-functions-key': OPERATOR_KEY }, 'anyone')).toEqual({ operator: false });
  });
});

/** A sign-in without a role and without the id of an object. */
function anonymous(): Record<string, string> {
  return { 'x-ms-client-principal': Buffer.from(JSON.stringify({ auth_typ: 'aad', claims: [] })).toString('base64') };
}
