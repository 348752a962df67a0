import { Agent } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Compression, openCluster } from '../../shared/kubernetes/open-cluster.ts';
import { startRawServer } from './support/raw-server.ts';

/** An API server without namespaces that notes which encodings it may use, and has that name. */
async function aServer(name: string) {
  const encodings: unknown[] = [];
  const sockets = new Set<Socket>();
  const server = await startRawServer((request, response) => {
    encodings.push(request.headers['accept-encoding']);
    sockets.add(request.socket);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ kind: 'NamespaceList', metadata: {}, items: [] }));
  });
  onTestFinished(() => server.stop());
  // Every name leads to this machine.
  const agent = new Agent({
    keepAlive: true,
    lookup: (_, { all }, found) => (all ? found(null, [{ address: '127.0.0.1', family: 4 }]) : found(null, '127.0.0.1', 4)),
  });
  const access = { ...server.access({ agent }), server: server.url.replace('127.0.0.1', name) };
  return { access, encodings, connections: () => [...sockets].filter(({ destroyed }) => !destroyed).length };
}

describe('the responses of an API server', () => {
  it.each<[string, Compression | undefined, string]>([
    ['127.0.0.1', 'auto', 'identity'],
    ['localhost', undefined, 'identity'],
    ['127.0.0.1', 'on', 'gzip'],
    ['cluster.example', 'off', 'identity'],
    // Far away as long as nothing is known of the connection.
    ['cluster.example', 'auto', 'gzip'],
    ['cluster.127.example', undefined, 'gzip'],
    ['localhost.example', 'auto', 'gzip'],
  ])('at %s are, with %s, encoded as %s', async (name, gzip, expected) => {
    const { access, encodings } = await aServer(name);
    const reader = await openCluster(access, { clock: () => new Date(), ...(gzip === undefined ? {} : { gzip }) });
    expect(await reader.namespaces(AbortSignal.timeout(5_000))).toEqual([]);
    expect(encodings).toEqual([expected]);
    reader.close();
  });
});

it('a reader that is closed leaves no connection', async () => {
  const { access, connections } = await aServer('127.0.0.1');
  const reader = await openCluster(access, { clock: () => new Date() });
  await reader.namespaces(AbortSignal.timeout(5_000));
  expect(connections()).toBe(1);
  reader.close();
  await expect.poll(connections).toBe(0);
});
