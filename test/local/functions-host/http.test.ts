import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KEYS, startFixtures, startGate, type TestHost } from './support.ts';

let host: TestHost;

beforeAll(async () => {
  host = await startFixtures(['echo'], { settings: { FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '1000' } });
});
afterAll(() => host.stop());

const call = (path: string, init: RequestInit = {}) =>
  fetch(`${host.url}${path}`, { ...init, headers: { 'x-functions-key': KEYS.function, ...init.headers } });

/** A raw request that no HTTP client normalizes. */
function raw(text: string): Promise<string> {
  return new Promise((done, fail) => {
    const socket = connect(Number(new URL(host.url).port), '127.0.0.1', () => socket.end(text));
    let said = '';
    socket.on('data', (chunk) => {
      said += String(chunk);
    });
    socket.on('close', () => done(said));
    socket.on('error', fail);
  });
}

describe('HTTP triggers', () => {
  it('get the method, the URL, parameters, query, headers and body', async () => {
    const response = await call('/api/echo/a%20b?x=1&x=2&y=', { method: 'POST', body: 'hällo', headers: { 'x-mark': 'm' } });

    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual({
      method: 'POST',
      url: `${host.url}/api/echo/a%20b?x=1&x=2&y=`,
      params: { id: 'a b' },
      query: { x: '1,2', y: '' },
      body: 'hällo',
      mark: 'm',
    });
  });

  it.each([
    ['/api/echo', {}],
    ['/API/Echo/7', { id: '7' }],
    ['/api/files', {}],
    ['/api/files/a/b/c', { rest: 'a/b/c' }],
    ['/api/files/a%2Fb', { rest: 'a%2Fb' }],
    ['/api/things/1', { number: '1' }],
    ['/api/things/20', { number: '20' }],
    ['/api/things/21', { name: '21' }],
    ['/api/things/0', { name: '0' }],
    ['/api/things/word', { name: 'word' }],
  ])('%s has the parameters %o', async (path, params) => {
    expect(await (await call(path)).json()).toMatchObject({ params });
  });

  it('are tried in the order of their names, ignoring case, and not by how specific their routes are', async () => {
    expect(await (await call('/api/things/exact')).text()).toBe('exact');
    expect(await (await call('/api/files')).json()).toMatchObject({ params: {} });
  });

  it('use the name of the function when they have no route, and accept GET and POST', async () => {
    const response = await call('/api/no-route', { method: 'POST' });

    expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array([0, 255]));
    expect((await call('/api/no-route', { method: 'DELETE' })).status).toBe(404);
  });

  it('have the id of their invocation in their answers', async () => {
    expect((await call('/api/echo')).headers.get('x-ms-invocation-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect((await call('/api/none')).headers.get('x-ms-invocation-id')).toBeNull();
  });

  it.each(['/api', '/echo', '/api/none', '/api/echo/a/b', '/api//echo', '/api/things//word'])('%s is not found', async (path) => {
    expect((await call(path)).status).toBe(404);
  });

  it('are not found with another method, as on the real host', async () => {
    expect((await call('/api/echo', { method: 'PUT' })).status).toBe(404);
  });

  it('answer HEAD without a body', async () => {
    const response = await call('/api/echo', { method: 'HEAD' });

    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
  });

  it('send headers, status and cookies', async () => {
    const response = await call('/api/cookies');

    expect(response.status).toBe(201);
    expect(response.headers.get('x-answer')).toBe('yes');
    expect(response.headers.getSetCookie()).toEqual([
      'one=a%20b; Max-Age=60; Path=/; SameSite=Strict; Secure; HttpOnly',
      'two=2; Domain=example.org; Expires=Wed, 02 Jan 2030 03:04:05 GMT',
    ]);
  });

  it('send a body that is a stream', async () => {
    expect(await (await call('/api/streamed')).text()).toBe('first,second');
  });

  it('answer 204 without a result, and 500 for an error, whose reason is only logged', async () => {
    expect((await call('/api/nothing')).status).toBe(204);
    const response = await call('/api/throws');

    expect(response.status).toBe(500);
    expect(await response.text()).toBe('');
    expect(await host.line('secret reason')).toMatch(/^error throws: /);
  });

  it('refuse a body over the limit and accept one at the limit', async () => {
    const at = await call('/api/echo', { method: 'POST', body: 'x'.repeat(1000) });
    const over = await call('/api/echo', { method: 'POST', body: 'x'.repeat(1001) });

    expect(at.status).toBe(200);
    expect(over.status).toBe(413);
    expect(await over.text()).toBe('The body is longer than 1000 bytes.');
  });

  it('survive a malformed path and a malformed Host header', async () => {
    expect(await raw('GET /api/echo/%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
    expect(await raw('GET /api/echo HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
    expect((await call('/api/echo')).status).toBe(200);
  });
});

describe('keys', () => {
  const status = async (path: string, headers: Record<string, string> = {}) => (await fetch(`${host.url}${path}`, { headers })).status;

  it.each([
    ['/api/echo', {}, 401],
    ['/api/echo', { 'x-functions-key': 'wrong' }, 401],
    ['/api/echo', { 'x-functions-key': KEYS.function }, 200],
    ['/api/echo', { 'x-functions-key': KEYS.master }, 200],
    [`/api/echo?code=${KEYS.function}`, {}, 200],
    ['/api/echo?code=wrong', {}, 401],
    ['/api/admin', { 'x-functions-key': KEYS.function }, 401],
    ['/api/admin', { 'x-functions-key': KEYS.master }, 200],
    ['/api/nothing', {}, 204],
  ])('%s with %o answers %i', async (path, headers, expected) => {
    expect(await status(path, headers)).toBe(expected);
  });

  it('are not required when they are off', async () => {
    const open = await startFixtures(['echo'], { keys: 'no-auth' });
    try {
      expect((await fetch(`${open.url}/api/echo`)).status).toBe(200);
      expect((await fetch(`${open.url}/api/admin`)).status).toBe(200);
    } finally {
      await open.stop();
    }
  });
});

describe('the route prefix', () => {
  it.each([
    ['', '/echo'],
    ['v1/api', '/v1/api/echo'],
  ])('%j puts a function at %s', async (routePrefix, path) => {
    const prefixed = await startFixtures(['echo'], { keys: 'no-auth', hostJson: { extensions: { http: { routePrefix } } } });
    try {
      expect((await fetch(`${prefixed.url}${path}`)).status).toBe(200);
      expect((await fetch(`${prefixed.url}/api/echo`)).status).toBe(404);
    } finally {
      await prefixed.stop();
    }
  });
});

describe('stop', () => {
  it('lets a running request finish, and accepts no other', async () => {
    const gate = await startGate();
    const stopping = await startFixtures(['echo']);
    const answered = fetch(`${stopping.url}/api/waits`, { method: 'POST', body: gate.url });
    await gate.asked(1);
    const stopped = stopping.stop();

    await expect(fetch(`${stopping.url}/api/nothing`)).rejects.toThrow();
    gate.open();
    expect(await (await answered).text()).toBe('through');
    await stopped;
    await stopping.stop();
    await gate.stop();
  });

  it('gives up on a request after the drain limit', async () => {
    const gate = await startGate();
    const stopping = await startFixtures(['echo'], { drainLimit: 20 });
    const answered = fetch(`${stopping.url}/api/waits`, { method: 'POST', body: gate.url });
    const cut = expect(answered).rejects.toThrow();
    await gate.asked(1);
    await stopping.stop();

    await cut;
    expect(stopping.lines).toContain('warning: after 20 ms some work is not finished and is abandoned.');
    await gate.stop();
  });
});
