import { KubeConfig } from '@kubernetes/client-node';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ProbeApi, probeApi } from '../../../shared/kubernetes/probe/probe-api.ts';
import { startRawServer } from '../support/raw-server.ts';

/** The answer to a request such as `GET /api/v1/…`: a status and a body; nothing is answered for `undefined`. */
type Answers = (request: string) => readonly [status: number, body?: unknown] | undefined;

const soon = () => AbortSignal.timeout(10_000);
const POD = '/api/v1/namespaces/lab/pods/web-0';

async function open(answers: Answers) {
  const asked: string[] = [];
  const server = await startRawServer((request, response) => {
    const path = `${request.method} ${request.url?.replace('?', ' ')}`;
    asked.push(path);
    const [status, body] = answers(path) ?? [];
    if (status === undefined) return;
    response.writeHead(status, { 'content-type': typeof body === 'string' ? 'text/plain' : 'application/json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body ?? {}));
  });
  onTestFinished(() => server.stop());
  const config = new KubeConfig();
  config.loadFromClusterAndUser({ name: 'c', server: server.url, skipTLSVerify: true }, { name: 'u', token: 't' });
  return { api: await probeApi(config), asked };
}

const status = (message: string) => ({ kind: 'Status', message });

describe('a call of the probe', () => {
  it.each<[string, (api: ProbeApi) => Promise<unknown>, string, unknown, unknown]>([
    [
      'creates a pod',
      (api) => api.createPod('lab', { metadata: { name: 'p' } }, soon()),
      'POST /api/v1/namespaces/lab/pods',
      {},
      undefined,
    ],
    ['reads a log', (api) => api.readLog('lab', 'web-0', soon()), `GET ${POD}/log limitBytes=4096`, 'printed', 'printed'],
    ['deletes a pod at once', (api) => api.deletePod('lab', 'web-0', soon()), `DELETE ${POD} gracePeriodSeconds=0`, {}, undefined],
    [
      'lists pods by a label, an unknown age as the oldest',
      (api) => api.listPods('lab', 'a=b', soon()),
      'GET /api/v1/namespaces/lab/pods labelSelector=a%3Db',
      { items: [{ metadata: { name: 'a', creationTimestamp: '2026-01-01T00:00:00Z' } }, { metadata: { name: 'b' } }, { metadata: {} }] },
      [
        { name: 'a', createdAt: new Date('2026-01-01T00:00:00Z') },
        { name: 'b', createdAt: new Date(0) },
      ],
    ],
  ])('%s', async (_, call, request, body, expected) => {
    const { api, asked } = await open(() => [200, body]);
    expect(await call(api)).toEqual(expected);
    expect(asked).toEqual([request]);
  });

  it.each([
    [400, 'unsupported'],
    [401, 'unauthenticated'],
    [403, 'denied'],
    [404, 'not-found'],
    [409, 'conflict'],
    [422, 'denied'],
    [429, 'throttled'],
    [499, 'unsupported'],
    [500, 'unreachable'],
    [503, 'unreachable'],
  ])('that is answered with %i is %s', async (code, expected) => {
    const { api, asked } = await open(() => [code, status('no')]);
    await expect(api.createPod('lab', {}, soon())).rejects.toMatchObject({ name: 'Fault', code: expected });
    await expect(api.readLog('lab', 'web-0', soon())).rejects.toMatchObject({ code: expected });
    await expect(api.listPods('lab', 'a=b', soon())).rejects.toMatchObject({ code: expected });
    expect(asked).toHaveLength(3);
  });

  it.each<[string, (api: ProbeApi) => Promise<unknown>]>([
    ['create a canary: the identity needs `create` on `pods` in lab', (api) => api.createPod('lab', {}, soon())],
    ['read a canary’s output: the identity needs `get` on `pods/log` in lab', (api) => api.readLog('lab', 'web-0', soon())],
    ['delete a canary: the identity needs `delete` on `pods` in lab', (api) => api.deletePod('lab', 'web-0', soon())],
    ['list canaries: the identity needs `list` on `pods` in lab', (api) => api.listPods('lab', 'a=b', soon())],
    ['read a pod: the identity needs `get` on `pods`', (api) => api.readPod('lab', 'web-0', soon())],
  ])('that may not be made says so: cannot %s', async (what, call) => {
    const { api } = await open(() => [403, status('')]);
    await expect(call(api)).rejects.toMatchObject({ code: 'denied', message: `Cannot ${what}.` });
  });

  it('quotes an admission policy in one line', async () => {
    const { api } = await open(() => [403, status('no canaries\nhere')]);
    await expect(api.createPod('lab', {}, soon())).rejects.toThrow(/no canaries here/);
  });

  it('that is not answered in time has timed out, and one to a closed port is unreachable', async () => {
    const { api } = await open(() => undefined);
    await expect(api.createPod('lab', {}, AbortSignal.timeout(20))).rejects.toMatchObject({ code: 'timed-out' });
    await expect(api.createPod('lab', {}, AbortSignal.abort())).rejects.toMatchObject({ code: 'timed-out' });
    const config = new KubeConfig();
    config.loadFromClusterAndUser({ name: 'c', server: 'http://127.0.0.1:1', skipTLSVerify: true }, { name: 'u' });
    await expect((await probeApi(config)).createPod('lab', {}, soon())).rejects.toMatchObject({ code: 'unreachable' });
  });

  it('that deletes what is gone succeeds, and no other failed deletion does', async () => {
    expect(await (await open(() => [404])).api.deletePod('lab', 'web-0', soon())).toBeUndefined();
    for (const code of [403, 500]) await expect((await open(() => [code])).api.deletePod('lab', 'web-0', soon())).rejects.toThrow();
  });
});

describe('a pod', () => {
  const waits = (reason: string) => ({ state: { waiting: { reason } } });
  const unscheduled = (met: string, type = 'PodScheduled') => ({ type, status: met, reason: 'Unschedulable' });

  it.each<[string, object, object]>([
    [
      'runs',
      { spec: { nodeName: 'n', containers: [{ name: 'a' }, { name: 'b' }] }, status: { phase: 'Running' } },
      { phase: 'Running', node: 'n', containers: ['a', 'b'] },
    ],
    ['says nothing', {}, { phase: 'Unknown', node: '', containers: [] }],
    [
      'waits for a container',
      {
        status: {
          phase: 'Pending',
          containerStatuses: [{ state: { running: {} } }, waits('ErrImagePull'), waits('x')],
          conditions: [unscheduled('False')],
        },
      },
      { phase: 'Pending', node: '', containers: [], waiting: 'ErrImagePull' },
    ],
    [
      'waits for a node',
      { status: { phase: 'Pending', conditions: [unscheduled('False', 'Ready'), unscheduled('False')] } },
      { phase: 'Pending', node: '', containers: [], waiting: 'Unschedulable' },
    ],
    ['has its node', { status: { phase: 'Pending', conditions: [unscheduled('True')] } }, { phase: 'Pending', node: '', containers: [] }],
  ])('that %s', async (_, pod, expected) => {
    const { api, asked } = await open(() => [200, pod]);
    expect(await api.readPod('lab', 'web-0', soon())).toEqual(expected);
    expect(asked).toEqual([`GET ${POD}`]);
  });

  const LIST = 'GET /api/v1/namespaces/lab/pods fieldSelector=metadata.name%3Dweb-0';
  it.each<[string, readonly [number, unknown?], readonly [number, unknown?], string | object | undefined, number]>([
    ['is gone', [404], [500], undefined, 1],
    ['may be listed, but not read', [403], [200, { items: [{ status: { phase: 'Running' } }] }], { phase: 'Running' }, 2],
    ['may be listed, but not read, and is gone', [403], [200, { items: [] }], undefined, 2],
    ['may be neither read nor listed', [403, status('get')], [403, status('list')], 'denied', 2],
    ['may not be read, when the list fails', [403], [500], 'denied', 2],
    ['cannot be read', [500], [200, { items: [] }], 'unreachable', 1],
  ])('that %s', async (_, got, listed, expected, requests) => {
    const { api, asked } = await open((request) => (request === LIST ? listed : got));
    const read = api.readPod('lab', 'web-0', soon());
    if (typeof expected === 'string') await expect(read).rejects.toMatchObject({ code: expected });
    else if (expected === undefined) expect(await read).toBeUndefined();
    else expect(await read).toMatchObject(expected);
    expect(asked).toEqual([`GET ${POD}`, LIST].slice(0, requests));
  });
});
