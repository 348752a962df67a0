import { describe, expect, it } from 'vitest';
import type { AccessRules } from '../../../shared/http/access/decide.ts';
import { ROUTE_NAMES, ROUTE_TABLE, type RouteName } from '../../../shared/http/access/route-table.ts';
import { serve } from '../../../shared/http/framework/serve.ts';
import { ROUTES } from '../../../shared/http/routes.ts';
import { aWorld, KEYS_ALONE, OPERATOR_KEY, principal, READER_KEY, SIGN_IN_ALONE } from '../../support/access.ts';
import { ask, read } from '../client.ts';
import { anEstate } from '../estate.ts';

const OR_KEY: AccessRules = { ...KEYS_ALONE, signIn: 'or-key' };
const NOBODY: AccessRules = { signIn: 'off', keys: [] };
const operator = { 'x-functions-key': OPERATOR_KEY };
const reader = { 'x-functions-key': READER_KEY };
const forged = principal('Kataudit.Operator');
const OPEN: readonly RouteName[] = ['get-health', 'open-session', 'end-session'];

/** The authorization result of a route, separated from the route's own answer. */
async function decision(name: RouteName, headers: Record<string, string>, rules: AccessRules): Promise<401 | 403 | 'in'> {
  const { method, route } = ROUTE_TABLE[name];
  const path = `/${route.replaceAll(/\{\*?\w+\}/g, 'x')}`;
  const body = method === 'PUT' || method === 'POST' ? '{}' : '';
  const answer = await ask(anEstate(), path, { method, headers, body, rules });
  if (answer.status !== 401 && answer.status !== 403) return 'in';
  expect(answer.headers['content-type']).toBe('application/problem+json');
  expect(answer.json).toMatchObject({ type: 'about:blank', status: answer.status });
  expect(answer.headers['www-authenticate']).toBe(answer.status === 401 ? 'Bearer realm="kataudit"' : undefined);
  return answer.status;
}

describe('every route', () => {
  it.each([
    ['no credential, only keys', {}, KEYS_ALONE, 401, 401],
    ['no credential, only sign-in', {}, SIGN_IN_ALONE, 401, 401],
    ['nobody, either', {}, OR_KEY, 401, 401],
    ['anyone, when nothing is configured', operator, NOBODY, 401, 401],
    ['a wrong key', { 'x-functions-key': `${OPERATOR_KEY}x` }, KEYS_ALONE, 401, 401],
    ['a reader by key', reader, KEYS_ALONE, 'in', 403],
    ['an operator by key', operator, KEYS_ALONE, 'in', 'in'],
    ['an operator by bearer', { authorization: `Bearer ${OPERATOR_KEY}` }, KEYS_ALONE, 'in', 'in'],
    ['a forged principal, only keys', forged, KEYS_ALONE, 401, 401],
    ['a forged principal and a key for reading', { ...forged, ...reader }, KEYS_ALONE, 'in', 403],
    ['a reader who signed in', principal('Kataudit.Reader'), SIGN_IN_ALONE, 'in', 403],
    ['an operator who signed in', principal('Kataudit.Operator'), SIGN_IN_ALONE, 'in', 'in'],
    ['a user of the tenant without a role', principal('Other.Role'), SIGN_IN_ALONE, 403, 403],
    ['a key, only sign-in', operator, SIGN_IN_ALONE, 401, 401],
    ['a bearer key, only sign-in', { authorization: `Bearer ${OPERATOR_KEY}` }, SIGN_IN_ALONE, 401, 401],
    ['a key, either', operator, OR_KEY, 'in', 'in'],
    ['a sign-in, either', principal('Kataudit.Reader'), OR_KEY, 'in', 403],
    ['an unreadable principal', { 'x-ms-client-principal': 'eyJ' }, SIGN_IN_ALONE, 401, 401],
    ['a principal of another provider', otherProvider(), SIGN_IN_ALONE, 401, 401],
  ] as const)('gives %s the access that the route table allows', async (_who, headers, rules, reading, writing) => {
    for (const name of ROUTE_NAMES.filter((one) => !OPEN.includes(one))) {
      const wanted = ROUTE_TABLE[name].access === 'reader' ? reading : writing;
      expect([name, await decision(name, headers, rules)]).toEqual([name, wanted]);
    }
  });

  it('has an access level in the table, and only liveness and sessions are open', () => {
    expect(ROUTE_NAMES.filter((name) => ROUTE_TABLE[name].access === 'anyone')).toEqual(OPEN);
    for (const name of ROUTE_NAMES) {
      if (!OPEN.includes(name))
        expect([name, ROUTE_TABLE[name].access]).toEqual([name, ROUTE_TABLE[name].method === 'GET' ? 'reader' : 'operator']);
    }
  });
});

describe('an app that cannot start', () => {
  const route = (name: RouteName) => ROUTES.find((one) => one.name === name) ?? expect.fail(name);
  const request = (path: string, headers: Record<string, string>) => ({
    method: 'GET',
    url: `https://kataudit.example/api/${path}`,
    headers: new Headers(headers),
    params: {},
  });
  const broken = () => aWorld(() => Promise.reject(new Error('KATAUDIT_NOTIFY_URL: expected …')));

  it('reports what is wrong only to callers who may read', async () => {
    const world = broken();
    const told = await read(await serve(route('get-health-detail'), world, request('health/detail', reader)));
    expect(told).toMatchObject({ status: 503, json: { checks: [{ message: expect.stringContaining('KATAUDIT_NOTIFY_URL') }] } });
    expect(world.bugs).toEqual([new Error('KATAUDIT_NOTIFY_URL: expected …')]);
    const refused = await read(await serve(route('get-health-detail'), broken(), request('health/detail', {})));
    expect(refused.status).toBe(401);
    expect(refused.text).not.toContain('KATAUDIT_NOTIFY_URL');
  });

  it('does not report it to a caller whose session cannot be checked', async () => {
    const cookie = { cookie: `__Host-kataudit=${'0'.repeat(16)}.1.${'a'.repeat(43)}` };
    const answer = await read(await serve(route('get-health-detail'), broken(), request('health/detail', cookie)));
    expect(answer.status).toBe(503);
    expect(answer.text).not.toContain('KATAUDIT_NOTIFY_URL');
  });

  it('reports that it has no sessions to a caller who brings one, and not as a bug', async () => {
    const { cursorSecret: _, ...app } = anEstate();
    const world = aWorld(async () => app);
    const cookie = { cookie: `__Host-kataudit=${'0'.repeat(16)}.1.${'a'.repeat(43)}` };
    expect((await serve(route('list-findings'), world, request('findings', cookie))).status).toBe(503);
    expect(world.bugs).toEqual([]);
  });

  it('denies every request when its access settings are invalid, except liveness', async () => {
    const world = {
      ...aWorld(async () => anEstate()),
      rules: () => {
        throw new Error('KATAUDIT_SIGN_IN: expected …');
      },
    };
    for (const name of ['list-findings', 'get-health-detail'] as const) {
      const answer = await read(await serve(route(name), world, request(ROUTE_TABLE[name].route, { ...operator, ...forged })));
      expect(answer.status).toBe(503);
      expect(answer.text).not.toContain('KATAUDIT_SIGN_IN');
    }
    expect(world.bugs).toEqual(Array(2).fill(new Error('KATAUDIT_SIGN_IN: expected …')));
    expect((await serve(route('get-health'), world, request('health', {}))).status).toBe(200);
  });
});

describe('the recorded caller', () => {
  it('is the object id of the signed-in user, and never a name', async () => {
    const estate = anEstate();
    const answer = await ask(estate, '/audits', { method: 'POST', headers: principal('Kataudit.Operator') });
    expect(estate.asked).toEqual(['aaaaaaaa-0000-4000-8000-000000000001']);
    expect(answer.text).not.toContain('Some Body');
  });

  it('is never taken from an unchecked header', async () => {
    const estate = anEstate();
    await ask(estate, '/audits', { method: 'POST', headers: { ...forged, ...operator }, rules: KEYS_ALONE });
    expect(estate.asked).toEqual([undefined]);
  });
});

describe('a path without an operation', () => {
  it.each([
    ['GET', '/nothing', 404],
    ['GET', '/findings/a/b/c', 404],
    ['PATCH', '/findings', 405],
    ['PUT', '/audits', 405],
    ['OPTIONS', '/findings', 405],
  ])('%s %s is a problem with %i', async (method, path, status) => {
    const answer = await ask(anEstate(), path, { method });
    expect(answer).toMatchObject({ status, headers: { 'content-type': 'application/problem+json' }, json: { status } });
    if (status === 405) expect(answer.headers.allow).toMatch(/^GET, HEAD/);
  });
});

function otherProvider(): Record<string, string> {
  const claims = [{ typ: 'roles', val: 'Kataudit.Operator' }];
  return { 'x-ms-client-principal': Buffer.from(JSON.stringify({ auth_typ: 'github', claims })).toString('base64') };
}
