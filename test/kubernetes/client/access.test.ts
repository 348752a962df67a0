import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { accessFromAksCredential, type ClusterAccess } from '../../../shared/kubernetes/client/access.ts';
import { openCluster } from '../../../shared/kubernetes/open-cluster.ts';
import { type SimulatedCluster, soon, startCluster } from '../support/simulated-cluster.ts';

let cluster: SimulatedCluster;

beforeAll(async () => {
  cluster = await startCluster({ podsPerCluster: 10, nodesPerPool: 2 });
});
afterAll(async () => {
  await cluster.running.stop();
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

/** The host that the simulated Azure returns. */
const HOSTS = ['127.0.0.1'];

describe('access with a credential from Azure', () => {
  test.each([
    ['another host', 'https://evil.example:443', ['one.hcp.westeurope.azmk8s.io']],
    ['a host that begins with the right name', 'https://one.hcp.westeurope.azmk8s.io.evil.example', ['one.hcp.westeurope.azmk8s.io']],
    ['a host that ends with the right name', 'https://evil-one.hcp.westeurope.azmk8s.io', ['one.hcp.westeurope.azmk8s.io']],
    ['the right name as a user', 'https://one.hcp.westeurope.azmk8s.io@evil.example', ['one.hcp.westeurope.azmk8s.io']],
    ['a user at the right host', 'https://evil@one.hcp.westeurope.azmk8s.io', ['one.hcp.westeurope.azmk8s.io']],
    [
      'the public name of a cluster that has only a private one',
      'https://one.hcp.westeurope.azmk8s.io',
      ['one.privatelink.westeurope.azmk8s.io'],
    ],
    ['the same machine under another name', 'https://localhost:443', ['127.0.0.1']],
    ['any host when Azure returns none', 'https://127.0.0.1', []],
  ])('sends no token to %s', async (_, server, hosts) => {
    const { clusters, ...rest } = parse(cluster.running.kubeconfigFor(cluster.name));
    const leading = stringify({
      ...rest,
      clusters: clusters.map((one: { cluster: object }) => ({ ...one, cluster: { ...one.cluster, server } })),
    });
    const never = () => Promise.reject(new Error('The token was asked for.'));

    await expect(accessFromAksCredential(leading, never, hosts)).rejects.toMatchObject({
      code: 'malformed',
      message: expect.stringMatching(`API server is ${hosts[0] ?? 'none'}: no token was sent`),
    });
  });

  test('accepts the name of the API server in any case', async () => {
    const { clusters, ...rest } = parse(cluster.running.kubeconfigFor(cluster.name));
    const server = 'https://One.HCP.westeurope.azmk8s.io:443';
    const leading = stringify({
      ...rest,
      clusters: clusters.map((one: { cluster: object }) => ({ ...one, cluster: { ...one.cluster, server } })),
    });
    await expect(accessFromAksCredential(leading, 't', ['one.hcp.westeurope.azmk8s.io'])).resolves.toMatchObject({ server });
  });

  const clusterOf = (name: string) => ({
    name,
    cluster: { server: `https://${name}.azmk8s.io:443///`, 'certificate-authority-data': Buffer.from(name).toString('base64') },
  });
  test.each<[string, object, string]>([
    [
      'the one of the current context',
      {
        contexts: [
          { name: 'x', context: { cluster: 'a' } },
          { name: 'y', context: { cluster: 'b' } },
        ],
        'current-context': 'y',
      },
      'b',
    ],
    ['the first one without a current context', { contexts: [{ name: 'y', context: { cluster: 'b' } }] }, 'a'],
    ['the first one without contexts', { 'current-context': 'y' }, 'a'],
    ['the first one when the context names none', { contexts: [{ name: 'y', context: { cluster: 'c' } }], 'current-context': 'y' }, 'a'],
  ])('goes to a single cluster: %s', async (_, rest, expected) => {
    const renewals: (boolean | undefined)[] = [];
    const token = async (_signal?: AbortSignal, renew?: boolean) => {
      renewals.push(renew);
      return 'own';
    };
    const text = stringify({ clusters: [clusterOf('a'), clusterOf('b')], ...rest });
    const access = await accessFromAksCredential(text, token, ['a.azmk8s.io', 'b.azmk8s.io']);
    expect(access.server).toBe(`https://${expected}.azmk8s.io:443`);
    const { tls, headers } = await access.credentials(true, soon());
    expect([String(tls.ca), headers]).toEqual([expected, { authorization: 'Bearer own' }]);
    await access.credentials(false, soon());
    expect(renewals).toEqual([true, false]);
    const client = (await access.kubeConfig()).getCurrentCluster();
    expect(client).toMatchObject({ server: access.server, caData: Buffer.from(expected).toString('base64'), skipTLSVerify: false });
  });

  test("sends the identity's own token, and renews it", async () => {
    const tokens = ['stale', cluster.running.token];
    const access = await accessFromAksCredential(cluster.running.kubeconfigFor(cluster.name), async () => tokens.shift() ?? 'none', HOSTS);
    expect(await nodes(access)).toBe(6);
    expect(tokens).toEqual([]);
  });

  test('never sends the client certificate in it', async () => {
    const access = await accessFromAksCredential(cluster.running.kubeconfigFor(cluster.name), 'not a token', HOSTS);
    await expect(nodes(access)).rejects.toMatchObject({ code: 'unauthenticated' });
    const { tls } = await access.credentials(false, soon());
    expect(Object.keys(tls)).toEqual(['ca']);
    const client = await access.kubeConfig();
    expect(client.getCurrentUser()).toEqual({ name: 'identity', authProvider: { name: 'identity', config: {} } });
  });

  test('gives the Kubernetes client a valid token at each call', async () => {
    const tokens = ['first', 'second'];
    const access = await accessFromAksCredential(cluster.running.kubeconfigFor(cluster.name), async () => tokens.shift() ?? 'none', HOSTS);
    const client = await access.kubeConfig();
    const shown = async () => {
      const options: { headers?: Record<string, string> } = {};
      await client.applyToHTTPSOptions(options);
      return options.headers?.Authorization;
    };
    expect([await shown(), await shown()]).toEqual(['Bearer first', 'Bearer second']);
  });

  test('refuses a server without TLS and one without a certificate authority', async () => {
    const config = parse(cluster.running.kubeconfigFor(cluster.name));
    const changed = (change: object) =>
      stringify({
        ...config,
        clusters: config.clusters.map((one: { cluster: object }) => ({ ...one, cluster: { ...one.cluster, ...change } })),
      });
    await expect(accessFromAksCredential(changed({ server: 'http://x' }), 't', HOSTS)).rejects.toMatchObject({ code: 'malformed' });
    await expect(accessFromAksCredential(changed({ 'certificate-authority-data': undefined }), 't', HOSTS)).rejects.toMatchObject({
      code: 'malformed',
    });
    await expect(accessFromAksCredential('nothing', 't', HOSTS)).rejects.toMatchObject({ code: 'malformed' });
  });
});
