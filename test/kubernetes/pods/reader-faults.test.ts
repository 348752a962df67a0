import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { observe } from '../../../shared/domain/snapshot/observation.ts';
import type { OpenOptions } from '../../../shared/kubernetes/open-cluster.ts';
import type { FaultAction, FaultRule } from '../../../shared/local/estate/server/fault-injection.ts';
import { READING, type SimulatedCluster, soon, startCluster } from '../support/simulated-cluster.ts';

let cluster: SimulatedCluster;
let whole: number;

beforeAll(async () => {
  cluster = await startCluster();
  whole = pods(await read());
});
afterAll(() => cluster.running.stop());
beforeEach(() => {
  cluster.asked();
  cluster.waits.length = 0;
});
afterEach(() => cluster.running.faults.clear());

const PODS = /\/api\/v1\/pods/;
const inject = (action: FaultAction, rule: Partial<FaultRule> = {}) => cluster.running.faults.inject({ path: PODS, action, ...rule });

/** The workloads of the snapshot. */
async function read(options: Partial<OpenOptions> = {}) {
  const reader = await cluster.reader(options);
  try {
    const seen = await observe(() => reader.workloads(READING, soon()));
    return seen.state === 'observed' ? seen.value : seen;
  } finally {
    reader.close();
  }
}

function pods(seen: Awaited<ReturnType<typeof read>>): number {
  if (seen.state !== 'observed') throw new Error(`Expected pods, got ${seen.reason.message}`);
  expect(seen.coverage).toEqual({ kind: 'full', by: 'pages, because pages of 100 objects are configured' });
  return seen.value.reduce((sum, group) => sum + group.pods, 0);
}

function reason(seen: Awaited<ReturnType<typeof read>>) {
  if (seen.state === 'observed') throw new Error(`Expected no pods, got ${seen.value.length} groups.`);
  return seen.reason;
}

describe('a list whose resource version expires', () => {
  test('once is restarted from its first page', async () => {
    inject({ kind: 'status', status: 410 }, { path: /pods\?.*continue=/, skip: 2, times: 1 });
    expect(pods(await read())).toBe(whole);
    expect(cluster.asked().filter((path) => path === '/api/v1/pods?limit=100')).toHaveLength(2);
  });

  test('twice is read namespace by namespace', async () => {
    inject({ kind: 'status', status: 410 }, { path: /\/api\/v1\/pods\?.*continue=/ });
    expect(pods(await read())).toBe(whole);
    expect(cluster.asked()).toContain('/api/v1/namespaces/kube-system/pods?limit=100');
  });

  test('twice, with a namespace that is not found, is not returned in part', async () => {
    inject({ kind: 'status', status: 410 }, { path: /\/api\/v1\/pods\?.*continue=/ });
    inject({ kind: 'status', status: 404 }, { path: /namespaces\/team-0\/pods/ });
    expect(reason(await read())).toMatchObject({ code: 'not-found' });
  });

  test('also by namespace has expired, and no part of it is returned', async () => {
    inject({ kind: 'status', status: 410 }, { path: /pods\?.*continue=/ });
    expect(reason(await read())).toMatchObject({ code: 'expired', message: expect.stringContaining('410') });
  });
});

describe('a server that throttles the reader', () => {
  test('gets the next request after Retry-After, and the list is complete', async () => {
    inject({ kind: 'status', status: 429, retryAfterSeconds: 7 }, { skip: 1, times: 2 });
    expect(pods(await read())).toBe(whole);
    expect(cluster.waits).toEqual([7_000, 7_000]);
  });

  test('for longer than the time limit causes the fault throttled', async () => {
    inject({ kind: 'status', status: 429, retryAfterSeconds: 25 });
    expect(reason(await read())).toMatchObject({ code: 'throttled', message: expect.stringContaining('429') });
    expect(cluster.waits).toEqual([25_000, 25_000]);
  });

  test('without Retry-After gets requests after waits that double', async () => {
    inject({ kind: 'status', status: 503 }, { times: 3 });
    expect(pods(await read())).toBe(whole);
    expect(cluster.waits).toEqual([250, 500, 1_000]);
  });

  test('with errors until the time limit is unreachable', async () => {
    inject({ kind: 'status', status: 500 });
    expect(reason(await read())).toMatchObject({ code: 'unreachable', message: expect.stringContaining('500') });
    expect(cluster.waits.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(60_000);
  });
});

describe('an answer that breaks', () => {
  test('off once is requested again', async () => {
    inject({ kind: 'cut', afterBytes: 5_000 }, { skip: 2, times: 1 });
    expect(pods(await read())).toBe(whole);
  });

  test('off every time is unreachable, and the part that was read is not returned', async () => {
    inject({ kind: 'cut', afterBytes: 5_000 }, { skip: 2 });
    expect(reason(await read())).toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('closed the connection during the response'),
    });
  });

  test('off before its first byte is unreachable', async () => {
    inject({ kind: 'cut' });
    expect(reason(await read())).toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('closed the connection during the response'),
    });
  });

  test('as half a document is malformed', async () => {
    inject({ kind: 'broken-body' });
    expect(reason(await read())).toMatchObject({ code: 'malformed', message: expect.stringContaining('list of pods') });
  });

  test('as protobuf that ends early is malformed', async () => {
    inject({ kind: 'rewrite', rewrite: (body) => body.subarray(0, body.length - 2_000) });
    expect(reason(await read())).toMatchObject({ code: 'malformed' });
  });

  test('as a list of something else is malformed', async () => {
    inject({ kind: 'broken-body', body: '{"kind":"SecretList","metadata":{},"items":[]}' });
    expect(reason(await read())).toMatchObject({ code: 'malformed', message: expect.stringContaining('expected a PodList') });
  });

  test('larger than the limit is refused, with and without a declared length', async () => {
    inject({ kind: 'oversized-body', bytes: 3 * 1_048_576 });
    expect(reason(await read({ maxBody: 2 * 1_048_576 }))).toMatchObject({
      code: 'too-large',
      message: expect.stringContaining('The API server sent more than 2 MiB in one response.'),
    });
  });

  test('that unpacks to more than the limit is refused', async () => {
    inject({ kind: 'oversized-body', bytes: 3 * 1_048_576 });
    expect(reason(await read({ maxBody: 2 * 1_048_576, gzip: 'on' }))).toMatchObject({ code: 'too-large' });
  });

  test('and points back to a page that was read is malformed', async () => {
    const token = Buffer.from(JSON.stringify({ rv: '1000000', start: 100 })).toString('base64url');
    inject({ kind: 'broken-body', body: JSON.stringify({ kind: 'PodList', metadata: { continue: token }, items: [] }) });
    expect(reason(await read())).toMatchObject({ code: 'malformed', message: expect.stringContaining('same continue token twice') });
  });
});

describe('a server that never answers', () => {
  test('is given up after the silence limit', async () => {
    inject({ kind: 'hang' });
    expect(reason(await read({ silenceMs: 60 }))).toMatchObject({ code: 'timed-out', message: expect.stringContaining('sent nothing') });
  });

  test('is given up at the time limit of a page', async () => {
    inject({ kind: 'hang' });
    expect(reason(await read({ list: { pageMs: 60 } }))).toMatchObject({ code: 'timed-out' });
  });

  test('is given up at the time limit of the whole read', async () => {
    inject({ kind: 'hang' });
    expect(reason(await read({ readMs: 60 }))).toMatchObject({ code: 'timed-out' });
  });
});

describe('a server that refuses', () => {
  test('the token gets one more request with a new one, and no further one', async () => {
    inject({ kind: 'status', status: 401 });
    expect(reason(await read())).toMatchObject({ code: 'unauthenticated' });
    // A page that an earlier reader requested ahead may arrive only now.
    expect(cluster.asked().filter((path) => !path.includes('continue='))).toHaveLength(2);
  });

  test('the list names the permission that is missing', async () => {
    inject({ kind: 'status', status: 403 });
    const { code, message } = reason(await read());
    expect(code).toBe('denied');
    expect(message).toContain('Microsoft.ContainerService/managedClusters/pods/read');
    expect(message).toContain('"list" on pods');
    expect(cluster.waits).toEqual([]);
  });

  test('an unknown API is unsupported', async () => {
    inject({ kind: 'status', status: 418 });
    expect(reason(await read())).toMatchObject({ code: 'unsupported', message: expect.stringContaining('418') });
  });
});

describe('more workloads than the limit', () => {
  test('are truncated and marked as truncated', async () => {
    const reader = await cluster.reader();
    const seen = await reader.workloads({ ...READING, pods: { ...READING.pods, maxWorkloads: 5 } }, soon());
    reader.close();
    if (seen.state !== 'observed') throw new Error('Expected pods.');
    expect(seen.value).toHaveLength(5);
    const kept = seen.value.reduce((sum, group) => sum + group.pods, 0);
    expect(seen.coverage).toEqual({ kind: 'truncated', message: expect.stringContaining(`${whole - kept} of ${whole} pods`) });
  });
});
