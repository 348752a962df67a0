import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ProbeApi, probeApi } from '../../../shared/kubernetes/probe/probe-api.ts';

const elsewhere: string[] = [];
const servers: Server[] = [];

async function listen(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('a server that redirects the probe', () => {
  let api: ProbeApi;
  beforeAll(async () => {
    const other = await listen(
      createServer((request, response) => {
        elsewhere.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`);
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"kind":"Pod","metadata":{"name":"forged"},"items":[]}');
      }),
    );
    const server = await listen(
      createServer((request, response) => {
        request.resume();
        response.writeHead(307, { location: `${other}${request.url}` }).end();
      }),
    );
    const config = new KubeConfig();
    config.loadFromClusterAndUser({ name: 'c', server, skipTLSVerify: true }, { name: 'u', token: 'the-token' });
    api = await probeApi(config);
  });
  afterAll(() => {
    for (const server of servers) server.close();
  });

  const signal = () => AbortSignal.timeout(10_000);
  it.each<[string, () => Promise<unknown>]>([
    ['reading a pod', () => api.readPod('n', 'p', signal())],
    ['creating a canary', () => api.createPod('n', {}, signal())],
    ['reading its output', () => api.readLog('n', 'p', signal())],
    ['deleting it', () => api.deletePod('n', 'p', signal())],
    ['listing canaries', () => api.listPods('n', 'a=b', signal())],
  ])('is not followed, and proves nothing: %s', async (_call, call) => {
    await expect(call()).rejects.toMatchObject({ name: 'Fault' });
    expect(elsewhere).toEqual([]);
  });
});
