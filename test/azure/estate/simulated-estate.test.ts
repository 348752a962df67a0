import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { staticToken } from '../../../shared/azure/client/credential.ts';
import { createAzureEstate } from '../../../shared/azure/estate/azure-estate.ts';
import { clusterCredential } from '../../../shared/azure/estate/cluster-credential.ts';
import { clusterId } from '../../../shared/local/estate/cluster-id.ts';
import { defaultEstate } from '../../../shared/local/estate/default-estate.ts';
import type { EstateCluster } from '../../../shared/local/estate/model.ts';
import { type RunningEstate, startEstate } from '../../../shared/local/estate/server.ts';
import { sleepingClock } from '../support/reach.ts';

let running: RunningEstate;
beforeAll(async () => {
  running = await startEstate(defaultEstate('azure-adapter', new Date('2026-11-23T04:00:00Z')));
});
afterAll(() => running.stop());
afterEach(() => running.faults.clear());

const signal = () => new AbortController().signal;
const options = () => {
  const { clock, sleep } = sleepingClock();
  const { armEndpoint, caPem, token } = running;
  return { credential: staticToken(token), armEndpoint, tlsOptions: { ca: caPem }, clock, sleep };
};
const subscriptions = () => running.estate.subscriptions;
/** The clusters that may be read individually. */
const readable = (cluster: EstateCluster) => cluster.denied?.includes('get managedclusters') !== true;
const everyId = () => subscriptions().flatMap(({ id, clusters }) => clusters.map((cluster) => clusterId(id, cluster).toLowerCase()));

describe('the adapter against the simulated estate', () => {
  it('finds every cluster, per subscription and for all subscriptions at once', async () => {
    const azure = createAzureEstate(options());

    const one = await Promise.all(subscriptions().map(({ id }) => azure.listClusters(id, signal())));
    const { clusters, notListed, detours } = await azure.listEstate(
      subscriptions().map(({ id }) => id),
      signal(),
    );

    expect(one.flatMap((listing) => listing.clusters.map(({ id }) => id))).toEqual(expect.arrayContaining(everyId()));
    expect(new Set(clusters.map(({ id }) => id))).toEqual(new Set(everyId()));
    expect({ notListed, detours }).toEqual({ notListed: [], detours: [] });
  });

  it('reads the same cluster from a list and individually', async () => {
    const azure = createAzureEstate(options());
    const lists = await Promise.all(subscriptions().map(({ id }) => azure.listClusters(id, signal())));
    const listed = lists.flatMap(({ clusters }) => clusters);

    const denied = subscriptions().flatMap(({ clusters }) => clusters.filter((one) => !readable(one)).map(({ name }) => name));
    expect(denied).toHaveLength(1);
    for (const one of listed) {
      const alone = azure.getCluster(one.id, signal());
      if (denied.includes(one.name)) await expect(alone).rejects.toMatchObject({ code: 'denied' });
      else await expect(alone).resolves.toMatchObject({ cluster: one });
    }
  });

  it('reads the latest image of every pool', async () => {
    const azure = createAzureEstate(options());
    for (const { id, clusters } of subscriptions()) {
      for (const cluster of clusters.filter(readable)) {
        const listed = await azure.getCluster(clusterId(id, cluster), signal());
        for (const { name, latestNodeImageVersion } of cluster.nodePools) {
          await expect(azure.latestNodeImage(listed, name, signal())).resolves.toBe(latestNodeImageVersion);
        }
      }
    }
  });

  it('finds the subscriptions below a management group', async () => {
    const azure = createAzureEstate(options());
    const [first] = subscriptions();
    const group = first?.managementGroup ?? '';

    const found = await azure.listSubscriptions(group, signal());

    expect(found).toEqual(subscriptions().flatMap(({ id, managementGroup }) => (managementGroup === group ? [id.toLowerCase()] : [])));
    await expect(azure.listSubscriptions('no such group', signal())).rejects.toMatchObject({ code: 'not-found' });
  });

  it('gets a kubeconfig only for running clusters with Entra ID', async () => {
    const azure = createAzureEstate(options());
    const credentialOf = clusterCredential(options());
    for (const { id, clusters } of subscriptions()) {
      for (const cluster of clusters.filter(readable)) {
        const listed = await azure.getCluster(clusterId(id, cluster), signal());
        const got = await credentialOf(listed, signal()).then(
          ({ kubeconfig }) => (kubeconfig.includes('server: https://') ? 'a kubeconfig' : kubeconfig),
          (fault: { code: string }) => fault.code,
        );
        const expected = cluster.powerState === 'Stopped' ? 'stopped' : cluster.entraId ? 'a kubeconfig' : 'not-entra-integrated';
        expect(got).toBe(expected);
      }
    }
  });

  it.each([
    ['a 429 that passes', { kind: 'status', status: 429, retryAfterSeconds: 3 } as const, 2, 'whole'],
    ['a 500 that passes', { kind: 'status', status: 500 } as const, 2, 'whole'],
    ['a broken connection that passes', { kind: 'cut' } as const, 2, 'whole'],
    ['a truncated body', { kind: 'cut', afterBytes: 200 } as const, 1, 'whole'],
    ['a denied request', { kind: 'status', status: 403 } as const, 1, 'denied'],
    ['half a document', { kind: 'broken-body' } as const, 1, 'malformed'],
  ])('returns a complete list or none with %s', async (_, action, times, outcome) => {
    const [subscription] = subscriptions();
    running.faults.inject({ server: 'arm', path: /managedClusters\?/, times, skip: 1, action });

    const got = await createAzureEstate(options())
      .listClusters(subscription?.id ?? '', signal())
      .then(
        ({ clusters }) => (clusters.length === subscription?.clusters.length ? 'whole' : 'short'),
        (fault: { code: string }) => fault.code,
      );

    expect(got).toBe(outcome);
  });

  it('reports a cluster as deleted only when Azure says so', async () => {
    const azure = createAzureEstate(options());
    const [id = ''] = everyId();

    await expect(azure.getCluster(`${id}-gone`, signal())).rejects.toMatchObject({ code: 'not-found' });
    await expect(azure.getCluster(id.replace(/subscriptions\/........./, 'subscriptions/00000000-'), signal())).rejects.toMatchObject({
      code: 'denied',
    });
  });
});
