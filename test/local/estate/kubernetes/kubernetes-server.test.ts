import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ListPage, parseListPage } from '../../../../shared/kubernetes/wire/list-page.ts';
import type { WirePod } from '../../../../shared/kubernetes/wire/messages.ts';
import { conditionsOf, tolerationsOf } from '../../../../shared/kubernetes/wire/opened.ts';
import { NAMESPACES, NODES, PODS, podsOf, type Resource, RUNTIME_CLASSES } from '../../../../shared/kubernetes/wire/resources.ts';
import { defaultEstate } from '../../../../shared/local/estate/default-estate.ts';
import { type RunningEstate, startEstate } from '../../../../shared/local/estate/server.ts';
import { ask, readKubeconfig } from '../client.ts';

const PROTOBUF = 'application/vnd.kubernetes.protobuf,application/json';
const estate = defaultEstate('kubernetes test', new Date('2026-09-01T12:00:00.000Z'));
let running: RunningEstate;
let server: string;

beforeAll(async () => {
  running = await startEstate(estate);
  server = readKubeconfig(running.kubeconfigFor('pay-prod-weu')).server;
});
afterAll(() => running.stop());

const get = (path: string, options: Parameters<typeof ask>[2] = {}) => ask(running, `${server}${path}`, options);

async function page<T>(resource: Resource<T>, query: string, accept: string): Promise<ListPage<T>> {
  return parseListPage((await get(`${resource.path}?${query}`, { accept })).body, resource);
}

/** Go omits from JSON what it writes empty into protobuf, and decoders may turn 64-bit numbers into objects: neither is a difference. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(plain);
  if (typeof value !== 'object' || value === null) return value === '' || value === 0 || value === false ? undefined : (value ?? undefined);
  if ('low' in value && 'unsigned' in value) return plain(Number(String(value)));
  const entries = Object.entries(value).flatMap(([key, one]) => {
    const kept = plain(one);
    return kept === undefined ? [] : [[key, kept]];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** The nested encoded fields of a pod, decoded: the two encodings differ only in when that happens. */
function opened(item: WirePod): WirePod {
  return {
    ...item,
    ...(item.spec ? { spec: { ...item.spec, tolerations: tolerationsOf(item) } } : {}),
    ...(item.status ? { status: { ...item.status, conditions: conditionsOf(item) } } : {}),
  };
}

describe('the simulated API server', () => {
  async function expectAlike<T>(resource: Resource<T>, open: (item: T) => unknown): Promise<void> {
    const [fromJson, fromProtobuf] = [await page(resource, '', 'application/json'), await page(resource, '', PROTOBUF)];
    expect(fromProtobuf.length).toBeGreaterThan(1);
    expect(Array.from(fromProtobuf.items(), (item) => plain(open(item)))).toEqual(
      Array.from(fromJson.items(), (item) => plain(open(item))),
    );
  }

  test.each([
    ['nodes', NODES],
    ['namespaces', NAMESPACES],
    ['runtime classes', RUNTIME_CLASSES],
  ] as const)('lists %s alike in JSON and in protobuf', (_, resource: Resource<unknown>) => expectAlike(resource, (item) => item));

  test('lists the same pods in JSON and in protobuf', () => expectAlike(PODS, opened));

  test('pages a list with the remaining count, to the last pod', async () => {
    const names = new Set<string>();
    let next = '';
    let total = 0;
    do {
      const one = await page(PODS, `limit=200&continue=${next}`, PROTOBUF);
      for (const { metadata } of one.items()) names.add(`${metadata?.namespace}/${metadata?.name}`);
      total = Math.max(total, one.length + Number(one.remaining ?? 0));
      next = one.next ?? '';
    } while (next !== '');
    expect(names.size).toBe(total);
    expect(total).toBeGreaterThan(500);
  });

  test('lists the pods of one node, without the remaining count', async () => {
    const [node] = [...(await page(NODES, '', PROTOBUF)).items()];
    const one = await page(PODS, `limit=2&fieldSelector=spec.nodeName%3D${node?.metadata?.name}`, PROTOBUF);
    expect([...one.items()].map(({ spec }) => spec?.nodeName)).toEqual([node?.metadata?.name, node?.metadata?.name]);
    expect(Number(one.remaining ?? 0)).toBe(0);
    expect(one.next).toBeDefined();
  });

  test('lists the pods of one namespace and by label', async () => {
    const checkout = await page(podsOf('checkout'), '', PROTOBUF);
    expect(checkout.length).toBe(120);
    expect((await page(podsOf('checkout'), 'labelSelector=team%3Dcards', PROTOBUF)).length).toBe(40);
  });

  test('refuses a selector and a continue token that it does not know', async () => {
    expect((await get('/api/v1/pods?fieldSelector=spec.priority%3D1')).status).toBe(400);
    expect((await get('/api/v1/pods?continue=nonsense')).status).toBe(400);
  });

  test('accepts a token and a client certificate, and nothing else', async () => {
    const { certificate } = readKubeconfig(running.kubeconfigFor('pay-prod-weu'));
    expect((await get('/version')).status).toBe(200);
    expect((await get('/version', { token: null, certificate })).status).toBe(200);
    expect((await get('/version', { token: null })).status).toBe(401);
    expect((await get('/version', { token: 'wrong' })).status).toBe(401);
  });

  test('of a cluster without Entra ID refuses the token and accepts the certificate', async () => {
    const { server: local, certificate } = readKubeconfig(running.kubeconfigFor('hub-local-weu'));
    expect((await ask(running, `${local}/version`)).status).toBe(401);
    expect((await ask(running, `${local}/version`, { token: null, certificate })).status).toBe(200);
  });

  test('of a private cluster refuses the connection', async () => {
    const { server: hidden } = readKubeconfig(running.kubeconfigFor('hub-priv-weu'));
    await expect(ask(running, `${hidden}/version`)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('that throttles refuses only its first lists, with Retry-After', async () => {
    const { server: busy } = readKubeconfig(running.kubeconfigFor('hub-busy-weu'));
    const replies = [];
    for (let at = 0; at < 3; at++) replies.push(await ask(running, `${busy}/api/v1/nodes`));
    expect(replies.map(({ status }) => status)).toEqual([429, 429, 200]);
    expect(replies[0]?.headers['retry-after']).toBe('1');
  });

  test('compresses a large answer for a client that can read it', async () => {
    const large = await get('/api/v1/pods', { headers: { 'accept-encoding': 'gzip' } });
    const small = await get('/api/v1/namespaces', { headers: { 'accept-encoding': 'gzip' } });
    expect(large.headers['content-encoding']).toBe('gzip');
    expect(small.headers['content-encoding']).toBeUndefined();
  });

  test('returns pods as large as real ones', async () => {
    const { body } = await get('/api/v1/namespaces/checkout/pods?limit=100');
    expect(body.length / 100).toBeGreaterThan(5_000);
  });
});

describe('a pod of the simulated estate', () => {
  test('has what admission injected from its class', async () => {
    const [pod] = [...(await page(podsOf('checkout'), 'limit=1', PROTOBUF)).items()];
    expect(pod?.spec).toMatchObject({ runtimeClassName: 'kata-vm-isolation', overhead: { memory: { string: '600Mi' } } });
    expect(pod?.status?.phase).toBe('Running');
  });

  test('is on a node that lists the handler of its class', async () => {
    const nodes = new Map([...(await page(NODES, '', PROTOBUF)).items()].map((node) => [node.metadata?.name, node]));
    const handlers = [...(await page(podsOf('checkout'), '', PROTOBUF)).items()].map(({ spec }) =>
      nodes.get(spec?.nodeName)?.status?.runtimeHandlers?.map(({ name }) => name),
    );
    expect(handlers.every((names) => names?.includes('kata'))).toBe(true);
  });
});

describe('an estate that changes', () => {
  test('serves the new state to new lists and the old one to lists that have begun', async () => {
    const own = await startEstate(estate);
    try {
      const address = readKubeconfig(own.kubeconfigFor('pay-stage-weu')).server;
      const before = parseListPage((await ask(own, `${address}/api/v1/namespaces?limit=1`)).body, NAMESPACES);
      const changed = structuredClone(estate);
      const cluster = changed.subscriptions[0]?.clusters.find(({ name }) => name === 'pay-stage-weu');
      cluster?.namespaces.push({ name: 'zz-new', labels: {} });
      await own.setEstate(changed);
      const after = parseListPage((await ask(own, `${address}/api/v1/namespaces`)).body, NAMESPACES);
      const rest = parseListPage((await ask(own, `${address}/api/v1/namespaces?continue=${before.next}`)).body, NAMESPACES);
      expect(rest.length).toBe(after.length - 2);
      for (let at = 0; at < 4; at++) await own.setEstate(structuredClone(changed));
      expect((await ask(own, `${address}/api/v1/namespaces?continue=${before.next}`)).status).toBe(410);
    } finally {
      await own.stop();
    }
  });

  test('starts and stops API servers with their clusters', async () => {
    const own = await startEstate(estate);
    try {
      const changed = structuredClone(estate);
      for (const cluster of changed.subscriptions[1]?.clusters ?? [])
        cluster.powerState = cluster.name === 'data-dev-eus' ? 'Running' : 'Stopped';
      await own.setEstate(changed);
      const started = readKubeconfig(own.kubeconfigFor('data-dev-eus')).server;
      const stopped = readKubeconfig(own.kubeconfigFor('data-prod-eus')).server;
      expect((await ask(own, `${started}/version`)).status).toBe(200);
      await expect(ask(own, `${stopped}/version`)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    } finally {
      await own.stop();
    }
  });
});
