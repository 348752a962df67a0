import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { defaultEstate } from '../../../shared/local/estate/default-estate.ts';
import { type RunningEstate, startEstate } from '../../../shared/local/estate/server.ts';
import { ask, readKubeconfig } from './client.ts';

const estate = defaultEstate('faults test', new Date('2026-09-01T12:00:00.000Z'));
let running: RunningEstate;
let server: string;

beforeAll(async () => {
  running = await startEstate(estate);
  server = readKubeconfig(running.kubeconfigFor('pay-prod-weu')).server;
});
afterAll(() => running.stop());
afterEach(() => running.faults.clear());

const nodes = (signal?: AbortSignal) => ask(running, `${server}/api/v1/nodes`, signal === undefined ? {} : { signal });

describe('fault injection', () => {
  test('answers with a status and Retry-After the given number of times, on the given server', async () => {
    const fault = running.faults.inject({
      server: 'pay-prod-weu',
      path: /nodes/,
      skip: 1,
      times: 1,
      action: { kind: 'status', status: 429, retryAfterSeconds: 7 },
    });
    const replies = [await nodes(), await nodes(), await nodes()];
    expect(replies.map(({ status }) => status)).toEqual([200, 429, 200]);
    expect(replies[1]?.headers['retry-after']).toBe('7');
    expect(fault.hits).toBe(1);
    running.faults.inject({ server: 'arm', action: { kind: 'status', status: 500 } });
    expect((await nodes()).status).toBe(200);
  });

  test('hangs until the client gives up', async () => {
    running.faults.inject({ path: /nodes/, action: { kind: 'hang' } });
    await expect(nodes(AbortSignal.timeout(100))).rejects.toThrow(/abort/i);
  });

  test('cuts the connection at once, or in the middle of the body', async () => {
    running.faults.inject({ path: /nodes/, times: 1, action: { kind: 'cut' } });
    await expect(nodes()).rejects.toMatchObject({ code: 'ECONNRESET' });
    running.faults.inject({ path: /nodes/, action: { kind: 'cut', afterBytes: 100 } });
    await expect(nodes()).rejects.toThrow(/aborted/);
  });

  test('truncates, enlarges and rewrites the body', async () => {
    const broken = running.faults.inject({ path: /nodes/, action: { kind: 'broken-body' } });
    const reply = await nodes();
    expect(() => reply.json()).toThrow(SyntaxError);
    broken.remove();
    const swollen = running.faults.inject({ path: /nodes/, action: { kind: 'oversized-body', bytes: 1_000_000 } });
    expect((await nodes()).body.length).toBe(1_000_000);
    swollen.remove();
    running.faults.inject({ path: /nodes/, action: { kind: 'rewrite', rewrite: () => '{"kind":"NodeList","items":[]}' } });
    expect((await nodes()).json()).toEqual({ kind: 'NodeList', items: [] });
  });

  test('delays an answer, also together with another fault', async () => {
    running.faults.inject({ path: /nodes/, action: { kind: 'status', status: 503 } });
    running.faults.inject({ path: /nodes/, action: { kind: 'latency', ms: 60 } });
    const began = performance.now();
    expect((await nodes()).status).toBe(503);
    expect(performance.now() - began).toBeGreaterThanOrEqual(59);
  });

  test('records every request, in order', async () => {
    const before = running.requests.length;
    await nodes();
    await ask(running, `${running.armEndpoint}/subscriptions?api-version=1`, { token: null });
    expect(running.requests.slice(before)).toMatchObject([
      { server: 'pay-prod-weu', method: 'GET', path: '/api/v1/nodes', status: 200 },
      { server: 'arm', method: 'GET', path: '/subscriptions?api-version=1', status: 401 },
    ]);
  });
});
