import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCluster } from '../../../shared/kubernetes/open-cluster.ts';
import { startRawServer } from '../support/raw-server.ts';
import { soon } from '../support/simulated-cluster.ts';

const MIB = 1_048_576;
const names = Array.from({ length: 20 }, (_, at) => `node-${at}`);
const asked: number[] = [];
let padding = 'x'.repeat(200_000);
let server: Awaited<ReturnType<typeof startRawServer>>;

beforeAll(async () => {
  server = await startRawServer((request, response) => {
    const query = new URL(request.url ?? '', 'http://x').searchParams;
    const [limit, from] = [Number(query.get('limit')), Number(query.get('continue') ?? 0)];
    asked.push(limit);
    const items = names.slice(from, from + limit).map((name) => ({ metadata: { name, annotations: { padding } } }));
    const next = from + limit < names.length ? { continue: String(from + limit) } : {};
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ kind: 'NodeList', metadata: { resourceVersion: '1', ...next }, items }));
  });
});
afterAll(() => server.stop());

async function nodes() {
  asked.length = 0;
  const access = {
    server: server.url,
    credentials: async () => ({ tls: {}, headers: {} }),
    kubeConfig: () => Promise.reject(new Error('unused')),
  };
  const reader = await openCluster(access, { clock: () => new Date(), maxBody: MIB, list: { pageSize: 20 } });
  try {
    return (await reader.nodes(soon())).map(({ name }) => name);
  } finally {
    reader.close();
  }
}

// Kubernetes accepts objects of 1.5 MiB: 100 waiting pods of that size make a page that is too large for memory.
test('a page over the size limit is requested in smaller ones until it fits, and no object is lost or read twice', async () => {
  expect(await nodes()).toEqual(names);
  expect(asked.slice(0, 2)).toEqual([20, 2]);
  expect(new Set(asked.slice(1))).toEqual(new Set([2]));
});

test('a single object over the size limit is reported', async () => {
  padding = 'x'.repeat(2 * MIB);
  await expect(nodes()).rejects.toMatchObject({ code: 'too-large' });
  expect(asked).toEqual([20, 2, 1]);
});
