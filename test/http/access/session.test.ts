import { describe, expect, it } from 'vitest';
import type { AccessRules } from '../../../shared/http/access/decide.ts';
import { keyOf } from '../../../shared/http/access/keys.ts';
import { openSession, sessionCookie } from '../../../shared/http/access/session.ts';
import { serve } from '../../../shared/http/framework/serve.ts';
import { ROUTES } from '../../../shared/http/routes.ts';
import { aWorld, digestOf, KEYS_ALONE, OPERATOR_KEY, ORIGIN, principal, READER_KEY, SIGN_IN_ALONE } from '../../support/access.ts';
import { ask } from '../client.ts';
import { anEstate } from '../estate.ts';

const SECRET = 'a secret of the test';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const NOW = new Date('2026-11-23T12:00:00.000Z');

/** Sends a request with the cookies of the answer. */
async function raw(name: string, method: string, path: string, headers: Record<string, string>, body = '') {
  const route = ROUTES.find((one) => one.name === name) ?? expect.fail(name);
  const request = { method, url: `${ORIGIN}/api${path}`, headers: new Headers(headers), params: {}, body: new Blob([body]).stream() };
  return serve(
    route,
    aWorld(async () => anEstate(), KEYS_ALONE),
    request,
  );
}
const cookieOf = (key: string, now = NOW, rules = KEYS_ALONE) => {
  const { name, value } = sessionCookie(keyOf(rules.keys, key) ?? expect.fail(key), SECRET, now, rules.origin);
  return { cookie: `other=1; ${name}=${value}` };
};

describe('the exchange of a key for a session', () => {
  it('returns a cookie that scripts and other sites cannot read and that does not contain the key', async () => {
    const answer = await raw(
      'open-session',
      'POST',
      '/session',
      { 'content-type': 'application/json' },
      JSON.stringify({ key: READER_KEY }),
    );
    expect(answer.status).toBe(200);
    expect(answer.cookies).toMatchObject([
      { name: '__Host-kataudit', httpOnly: true, secure: true, sameSite: 'Lax', path: '/', maxAge: 28_800 },
    ]);
    expect(JSON.stringify(answer)).not.toContain(READER_KEY);
    expect(JSON.stringify(answer)).not.toContain(digestOf(READER_KEY).slice(0, 16));
  });

  it('redirects from the form to the requested page', async () => {
    const body = new URLSearchParams({ key: OPERATOR_KEY, next: '/api/dashboard/findings?severity=high&code=left' }).toString();
    const answer = await raw('open-session', 'POST', '/session', FORM, body);
    expect(answer).toMatchObject({ status: 303, headers: { location: '/api/dashboard/findings?severity=high' } });
  });

  it.each([
    'https://evil.example/',
    '//evil.example/api/dashboard',
    '/\\evil.example',
    '/api/dashboard.evil',
    'javascript:alert(1)',
    '',
    '/api/session',
  ])('redirects to no other site: %j', async (next) => {
    const answer = await raw('open-session', 'POST', '/session', FORM, new URLSearchParams({ key: READER_KEY, next }).toString());
    expect(answer.headers.location).toBe('/api/dashboard');
  });

  it.each([
    ['a wrong key', JSON.stringify({ key: 'x'.repeat(43) }), {}, KEYS_ALONE, 401],
    ['a digest instead of the key', JSON.stringify({ key: digestOf(READER_KEY) }), {}, KEYS_ALONE, 401],
    ['no key', '{}', {}, KEYS_ALONE, 400],
    ['an empty key', '{"key":""}', {}, KEYS_ALONE, 400],
    ['a key of 200 characters', JSON.stringify({ key: 'x'.repeat(200) }), {}, KEYS_ALONE, 401],
    ['a key of 201 characters', JSON.stringify({ key: 'x'.repeat(201) }), {}, KEYS_ALONE, 400],
    ['a page of another site', JSON.stringify({ key: READER_KEY }), { 'sec-fetch-site': 'cross-site' }, KEYS_ALONE, 403],
    ['sign-in alone', JSON.stringify({ key: READER_KEY }), {}, SIGN_IN_ALONE, 403],
  ])('is refused with %s', async (_case, body, headers, rules, status) => {
    const answer = await ask(anEstate(), '/session', { method: 'POST', headers, body, rules });
    expect(answer.status).toBe(status);
  });

  it('accepts no weak key, whatever digest the deployment has', async () => {
    const rules: AccessRules = { ...KEYS_ALONE, keys: [{ role: 'operator', sha256: digestOf('hunter2') }] };
    expect((await ask(anEstate(), '/findings', { headers: { 'x-functions-key': 'hunter2' }, rules })).status).toBe(401);
  });

  it('removes the key from the URL of a page, and from no other URL', async () => {
    const answer = await raw('get-dashboard', 'GET', `/dashboard/rules?sort=name&code=${READER_KEY}`, BROWSER);
    expect(answer).toMatchObject({ status: 303, headers: { location: '/api/dashboard/rules?sort=name' } });
    expect(answer.cookies).toHaveLength(1);
    expect((await ask(anEstate(), `/findings?code=${READER_KEY}`, { rules: KEYS_ALONE })).status).toBe(401);
  });
});

describe('a session', () => {
  it.each([
    [READER_KEY, 200, 403],
    [OPERATOR_KEY, 200, 202],
  ])('allows what its key allows', async (key, reading, writing) => {
    const headers = cookieOf(key);
    expect((await ask(anEstate(), '/findings', { headers, rules: KEYS_ALONE })).status).toBe(reading);
    expect((await ask(anEstate(), '/audits', { method: 'POST', headers, rules: KEYS_ALONE })).status).toBe(writing);
  });

  it.each([
    ['has ended', cookieOf(OPERATOR_KEY, new Date(NOW.getTime() - 28_800_000)), KEYS_ALONE],
    ['belongs to a removed key', cookieOf(OPERATOR_KEY), { ...KEYS_ALONE, keys: KEYS_ALONE.keys.slice(0, 1) }],
    ['belongs to a reader and names an operator', mixed(), KEYS_ALONE],
    ['claims a later end', later(), KEYS_ALONE],
    ['comes from a browser without TLS', { cookie: cookieOf(OPERATOR_KEY).cookie.replace('__Host-', '') }, KEYS_ALONE],
    ['is used where only sign-in is accepted', cookieOf(OPERATOR_KEY), SIGN_IN_ALONE],
  ])('is refused when it %s', async (_case, headers, rules) => {
    expect((await ask(anEstate(), '/findings', { headers, rules })).status).toBe(401);
  });

  it('ends one second after its last second and not before', () => {
    const { value } = sessionCookie(KEYS_ALONE.keys[0] ?? expect.fail(), SECRET, NOW, ORIGIN);
    const at = (milliseconds: number) => openSession(KEYS_ALONE.keys, value, SECRET, new Date(NOW.getTime() + milliseconds));
    expect(at(28_799_999)).toBeDefined();
    expect(at(28_800_000)).toBeUndefined();
    expect(openSession(KEYS_ALONE.keys, value, 'another secret', NOW)).toBeUndefined();
  });

  it.each([
    ['a form of another site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['an app on the same domain', { 'sec-fetch-site': 'same-site' }, 403],
    ['an old browser on another site', { origin: 'https://evil.example' }, 403],
    ['a page without an origin', { origin: 'null' }, 403],
    ['the dashboard', { 'sec-fetch-site': 'same-origin' }, 202],
    ['an old browser on the dashboard', { origin: ORIGIN }, 202],
    ['no browser', {}, 202],
  ])('lets %s write: %j is %i', async (_case, headers, status) => {
    const asked = { method: 'POST', headers: { ...cookieOf(OPERATOR_KEY), ...headers }, rules: KEYS_ALONE };
    expect((await ask(anEstate(), '/audits', asked)).status).toBe(status);
  });

  it('is ended by its holder, and by no other site', async () => {
    const ended = await raw('end-session', 'DELETE', '/session', {});
    expect(ended).toMatchObject({ status: 204, cookies: [{ name: '__Host-kataudit', value: '', maxAge: 0 }] });
    expect((await raw('end-session', 'DELETE', '/session', { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  });
});

describe('the sign-in page', () => {
  it('comes again after a wrong key in the form, with the page to continue with; a program gets problem details', async () => {
    const key = 'x'.repeat(43);
    const form = await raw('open-session', 'POST', '/session', FORM, new URLSearchParams({ key, next: '/api/dashboard/rules' }).toString());
    expect([form.status, form.headers['content-type'], form.cookies]).toEqual([401, 'text/html; charset=utf-8', undefined]);
    expect(form.body).toContain('name="next" value="/api/dashboard/rules"');
    expect(form.body).toContain('role="alert"');
    const { status, headers, json } = await ask(anEstate(), '/session', {
      method: 'POST',
      body: JSON.stringify({ key }),
      rules: KEYS_ALONE,
    });
    expect([status, headers['www-authenticate'], json]).toEqual([401, 'Bearer realm="kataudit"', expect.objectContaining({ status: 401 })]);
  });

  it('is not needed by a program, which gets its role and the end of its session', async () => {
    const asked = { method: 'POST', body: JSON.stringify({ key: READER_KEY }), rules: KEYS_ALONE };
    expect((await ask(anEstate(), '/session', asked)).json).toEqual({ role: 'reader', expiresAt: expect.stringMatching(/^2026-11-2.*Z$/) });
  });

  it('leads to the first page from a form that names none', async () => {
    const answer = await raw('open-session', 'POST', '/session', FORM, new URLSearchParams({ key: READER_KEY }).toString());
    expect(answer).toMatchObject({ status: 303, headers: { location: '/api/dashboard' } });
  });

  it('takes no key from the URL where only sign-in is accepted', async () => {
    const { status, text } = await ask(anEstate(), `/dashboard?code=${READER_KEY}`, { headers: BROWSER, rules: SIGN_IN_ALONE });
    expect([status, text.includes('type="password"'), text.includes(READER_KEY)]).toEqual([401, false, false]);
  });

  it.each([
    ['a session that ended', cookieOf(READER_KEY, new Date(0)), true],
    ['no session', { cookie: 'other=1' }, false],
  ])('says what is wrong only to who brings %s', async (_, cookie, isTold) => {
    const { status, text } = await ask(anEstate(), '/dashboard', { headers: { ...BROWSER, ...cookie }, rules: KEYS_ALONE });
    expect([status, text.includes('role="alert"')]).toEqual([401, isTold]);
  });

  it('is not shown to who signed in and may not read: a page says so', async () => {
    const asked = { headers: { ...BROWSER, ...principal('Other.Role') }, rules: SIGN_IN_ALONE };
    const { status, headers, text } = await ask(anEstate(), '/dashboard', asked);
    expect(text).toMatch(/<h1[^>]*>Not allowed</);
    expect([status, headers['content-type'], text.includes('Kataudit.Reader'), text.includes('/.auth/login')]).toEqual([
      403,
      'text/html; charset=utf-8',
      true,
      false,
    ]);
  });

  it('is shown to a browser instead of problem details, without any part of the key', async () => {
    const answer = await ask(anEstate(), `/dashboard/rules?q=%22%3E%3Cscript%3E&code=${'w'.repeat(43)}`, {
      headers: BROWSER,
      rules: KEYS_ALONE,
    });
    expect(answer.status).toBe(401);
    expect(answer.text).toContain('name="next" value="/api/dashboard/rules?q=%22%3E%3Cscript%3E"');
    expect(answer.text).toContain('role="alert"');
    expect(answer.text).not.toContain('w'.repeat(43));
  });

  it.each([
    ['off', true, false],
    ['or-key', true, true],
    ['required', false, true],
  ] as const)('offers, with sign-in %s, what opens the app', async (signIn, takesKeys, takesSignIn) => {
    const { text } = await ask(anEstate(), '/dashboard', { headers: BROWSER, rules: { ...KEYS_ALONE, signIn } });
    expect([text.includes('type="password"'), text.includes('/.auth/login/aad?post_login_redirect_uri=')]).toEqual([
      takesKeys,
      takesSignIn,
    ]);
  });
});

/** The seal of a reader's session with the name of the operator's key. */
function mixed(): Record<string, string> {
  const [name, value] = cookieOf(READER_KEY).cookie.split('; ')[1]?.split('=') ?? [];
  const id = cookieOf(OPERATOR_KEY).cookie.split('=')[2]?.split('.')[0];
  return { cookie: `${name}=${id}.${value?.split('.').slice(1).join('.')}` };
}

function later(): Record<string, string> {
  const [id, end, seal] = cookieOf(OPERATOR_KEY).cookie.split('=')[2]?.split('.') ?? [];
  return { cookie: `__Host-kataudit=${id}.${Number(end) + 1}.${seal}` };
}
