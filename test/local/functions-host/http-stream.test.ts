import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpStreamAddress } from '../../../shared/local/functions-host/core-module.ts';
import { endless } from './fixtures/endless.ts';
import { KEYS, startFixtures, startGate, type TestHost } from './support.ts';

let host: TestHost;

beforeAll(async () => {
  host = await startFixtures(['streams']);
});
afterAll(() => host.stop());

describe('an app that streams HTTP', () => {
  it('sends the first part of its answer before the last exists', async () => {
    const gate = await startGate();
    const headers = { 'x-functions-key': KEYS.function };
    const response = await fetch(`${host.url}/api/flows/a%20b?q=1`, { method: 'POST', body: gate.url, headers });
    const reader = (response.body ?? expect.unreachable()).pipeThrough(new TextDecoderStream()).getReader();

    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/plain',
      'x-id': 'a b',
      'x-query': '1',
      'x-url': `${host.url}/api/flows/a%20b?q=1`,
    });
    expect(await reader.read()).toEqual({ done: false, value: 'first,' });
    gate.open();
    expect(await reader.read()).toEqual({ done: false, value: 'second' });
    expect(await reader.read()).toMatchObject({ done: true });
    await gate.stop();
  });

  it('requires its key', async () => {
    expect((await fetch(`${host.url}/api/flows/1`, { method: 'POST', body: 'x' })).status).toBe(401);
  });

  it('answers 500 when it throws before it answers', async () => {
    expect((await fetch(`${host.url}/api/fails`)).status).toBe(500);
    expect(await host.line('failed before it answered')).toMatch(/^error fails: /);
  });

  it('cuts the answer off when it throws in the middle, so that half an answer never looks complete', async () => {
    const gate = await startGate();
    const response = await fetch(`${host.url}/api/breaks`, { method: 'POST', body: gate.url });
    gate.open();

    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
    await gate.stop();
    expect(await host.line('asked to fail')).toMatch(/^error breaks: /);
  });

  it('produces no more than the reader reads, and stops when the reader disconnects', async () => {
    const hangUp = new AbortController();
    const response = await fetch(`${host.url}/api/endless`, { signal: hangUp.signal });
    let read = 0;
    let mostAhead = 0;
    for await (const chunk of response.body ?? expect.unreachable()) {
      read += chunk.length;
      mostAhead = Math.max(mostAhead, endless.made - read);
      if (read > 100_000_000) break;
    }
    hangUp.abort();

    // What the socket buffers hold; without backpressure everything would be produced before anything is read.
    expect(mostAhead).toBeLessThan(30_000_000);
    await endless.left;
  });

  it.each(['127.0.0.2', '[::1]'])('opens its own server only on 127.0.0.1, not on %s', async (other) => {
    const address = new URL((await httpStreamAddress()) ?? expect.unreachable());
    expect(address.hostname).toBe('127.0.0.1');
    address.hostname = other;

    // Every address of this machine would work if the server listened on all of them.
    const headers = { 'x-ms-invocation-id': 'x' };
    await expect(fetch(address, { headers, signal: AbortSignal.timeout(5_000) })).rejects.toThrow('fetch failed');
  });

  it('gets headers, and answers HEAD', async () => {
    expect(await (await fetch(`${host.url}/api/mark`, { headers: { 'x-mark': 'm' } })).text()).toBe('m');
    expect((await fetch(`${host.url}/api/mark`, { method: 'HEAD' })).status).toBe(202);
  });
});
