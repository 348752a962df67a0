import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { ClusterAccess } from '../../../shared/kubernetes/client/access.ts';
import { accessFromKubeconfig } from '../../../shared/kubernetes/kubeconfig/access.ts';
import { openCluster } from '../../../shared/kubernetes/open-cluster.ts';
import { startRawServer } from '../support/raw-server.ts';
import { type SimulatedCluster, soon, startCluster } from '../support/simulated-cluster.ts';

let cluster: SimulatedCluster;
let folder: string;
let server: string;
let caData: string;

beforeAll(async () => {
  cluster = await startCluster({ podsPerCluster: 10, nodesPerPool: 2 });
  folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
  server = cluster.access.server;
  caData = Buffer.from(cluster.running.caPem).toString('base64');
});
afterAll(async () => {
  await cluster.running.stop();
  await rm(folder, { recursive: true });
});

/** The number of nodes that are read with an access. */
async function nodes(access: ClusterAccess): Promise<number> {
  const reader = await openCluster(access, { clock: () => new Date() });
  try {
    return (await reader.nodes(soon())).length;
  } finally {
    reader.close();
  }
}

const WORLD = { environment: process.env, isTerminal: false, signInMs: 20_000, clock: () => new Date() };

let files = 0;
async function file(content: string): Promise<string> {
  const path = join(folder, `config-${files++}`);
  await writeFile(path, content);
  return path;
}

/** A kubeconfig with one context and the given user. */
function kubeconfig(user: object | undefined, target: object = { server, 'certificate-authority-data': caData }): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'one',
    contexts: [
      { name: 'one', context: { cluster: 'c', ...(user === undefined ? {} : { user: 'u' }) } },
      { name: 'two', context: { cluster: 'gone', user: 'u' } },
      { name: 'three', context: { cluster: 'c', user: 'gone' } },
    ],
    clusters: [{ name: 'c', cluster: target }],
    users: user === undefined ? [] : [{ name: 'u', user }],
  });
}

const open = async (content: string, context?: string) => accessFromKubeconfig(await file(content), context, WORLD);

describe('access from a kubeconfig', () => {
  test('sends its client certificate', async () => {
    const access = await open(cluster.running.kubeconfigFor(cluster.name));
    expect(access.contextName).toBe(cluster.name);
    expect(await nodes(access)).toBe(6);
  });

  test('sends its token', async () => {
    expect(await nodes(await open(kubeconfig({ token: cluster.running.token })))).toBe(6);
  });

  test('reads its token file, relative to itself, again each time and without the line break', async () => {
    await writeFile(join(folder, 'token'), 'old\n');
    const access = await open(kubeconfig({ tokenFile: 'token', token: 'worse' }));
    await expect(nodes(access)).rejects.toMatchObject({ code: 'unauthenticated' });
    await writeFile(join(folder, 'token'), `${cluster.running.token}\n`);
    expect(await nodes(access)).toBe(6);
  });

  test('runs its exec plugin, and again when the server refused the credential', async () => {
    const given = join(folder, 'given');
    const told = (token: string) =>
      JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token } });
    const program = `const fs=require('fs');const n=fs.existsSync(${JSON.stringify(given)});fs.writeFileSync(${JSON.stringify(given)},'');console.log(n?${JSON.stringify(told(cluster.running.token))}:${JSON.stringify(told('stale'))})`;
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: process.execPath, args: ['-e', program] };
    expect(await nodes(await open(kubeconfig({ exec })))).toBe(6);
  });

  test('whose exec plugin fails is unauthenticated and names the program', async () => {
    const access = await open(kubeconfig({ exec: { apiVersion: 'client.authentication.k8s.io/v1', command: '/nowhere/kubelogin' } }));
    await expect(nodes(access)).rejects.toMatchObject({
      code: 'unauthenticated',
      message: expect.stringContaining('/nowhere/kubelogin'),
    });
  });

  test('without a user still trusts the named authority, and sends no credential', async () => {
    await expect(nodes(await open(kubeconfig(undefined)))).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  test('does not trust a server with a certificate of another authority', async () => {
    const access = await open(kubeconfig({ token: cluster.running.token }, { server }));
    await expect(nodes(access)).rejects.toMatchObject({ code: 'unreachable', message: expect.stringContaining('is not trusted') });
  });

  test('over plain HTTP, as to a proxy on this machine, sends no credential', async () => {
    const seen: (string | undefined)[] = [];
    const proxy = await startRawServer((request, response) => {
      seen.push(request.headers.authorization);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ kind: 'NodeList', metadata: {}, items: [{ metadata: { name: 'n' } }] }));
    });
    try {
      expect(await nodes(await open(kubeconfig({ token: 'secret' }, { server: proxy.url })))).toBe(1);
      expect(seen).toEqual([undefined]);
    } finally {
      await proxy.stop();
    }
  });

  test('goes through the proxy that it names', async () => {
    const asked: (string | undefined)[] = [];
    const proxy = createServer();
    proxy.on('connect', ({ url }, caller) => {
      asked.push(url);
      const { hostname, port } = new URL(`http://${url}`);
      const called = connect(Number(port), hostname, () => caller.write('HTTP/1.1 200 Connection Established\r\n\r\n'));
      called.pipe(caller).pipe(called);
      for (const socket of [called, caller]) socket.on('error', () => undefined);
    });
    await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
    const address = proxy.address();
    const proxyPort = typeof address === 'object' && address !== null ? address.port : expect.unreachable();
    const target = { server, 'certificate-authority-data': caData, 'proxy-url': `http://127.0.0.1:${proxyPort}` };
    try {
      expect(await nodes(await open(kubeconfig({ token: cluster.running.token }, target)))).toBe(6);
      expect(new Set(asked)).toEqual(new Set([new URL(server).host]));
    } finally {
      proxy.closeAllConnections();
      proxy.close();
    }
  });

  test('whose server name cannot be resolved is unreachable', async () => {
    const access = await open(
      kubeconfig({ token: 't' }, { server: 'https://no-such-cluster.invalid', 'certificate-authority-data': caData }),
    );
    await expect(nodes(access)).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('no-such-cluster.invalid of the API server cannot be resolved'),
    });
  });

  test('whose server refuses the connection is unreachable', async () => {
    const access = await open(kubeconfig({ token: 't' }, { server: 'https://127.0.0.1:2', 'certificate-authority-data': caData }));
    await expect(nodes(access)).rejects.toMatchObject({ code: 'unreachable', message: expect.stringContaining('ECONNREFUSED') });
  });
});

describe('a kubeconfig that cannot be used', () => {
  test('because it does not exist is named', async () => {
    await expect(accessFromKubeconfig('/nowhere/config', undefined, WORLD)).rejects.toMatchObject({
      message: expect.stringContaining('/nowhere/config'),
    });
  });

  test.each([
    ['that is not YAML', ': : :\n- ]', 'cannot be read'],
    ['with another kind', 'contexts: 5', 'is not a kubeconfig'],
    ['that is a list', '- a', 'is not a kubeconfig'],
  ])('because it is a file %s is malformed', async (_, content, message) => {
    await expect(open(content)).rejects.toMatchObject({ code: 'malformed', message: expect.stringContaining(message) });
  });

  test('because it does not have the context lists its contexts', async () => {
    await expect(open(kubeconfig({}), 'four')).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringMatching(/has no context "four"\. Its contexts: one, two, three\./),
    });
  });

  test('because its context refers to missing entries is malformed', async () => {
    const missing = (context: string, what: string) => ({
      code: 'malformed',
      message: expect.stringMatching(new RegExp(`, context "${context}", refers to the ${what} "gone", which does not exist\\.$`)),
    });
    await expect(open(kubeconfig({}), 'two')).rejects.toMatchObject(missing('two', 'cluster'));
    await expect(open(kubeconfig({}), 'three')).rejects.toMatchObject(missing('three', 'user'));
  });

  test('because its server is not a URL is malformed', async () => {
    await expect(open(kubeconfig({}, { server: 'ftp://x' }))).rejects.toMatchObject({ code: 'malformed' });
  });
});
