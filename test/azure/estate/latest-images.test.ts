import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseBody } from '../../../shared/azure/client/body.ts';
import type { AzureEstateOptions } from '../../../shared/azure/client/options.ts';
import { createAzureEstate } from '../../../shared/azure/estate/azure-estate.ts';
import { ClusterRow, toListedCluster } from '../../../shared/azure/estate/cluster-row.ts';
import { type ArmServer, startArmServer } from '../support/arm-server.ts';
import { reach, sleepingClock } from '../support/reach.ts';
import { aPoolRow, aRow, idOf } from '../support/rows.ts';

const LATEST = 'AKSAzureLinux-V3katagen2-202608.20.0';
const offers = (image: unknown) => ({ body: { properties: { latestNodeImageVersion: image } } });
const denied = { status: 403, body: { error: { code: 'AuthorizationFailed', message: 'no' } } };

let server: ArmServer;
let before = 0;
beforeAll(async () => {
  server = await startArmServer();
});
afterAll(() => server.stop());
beforeEach(() => {
  before = server.asked.length;
});

const cluster = (name: string, pools: readonly unknown[] = [aPoolRow()], over: object = {}) =>
  toListedCluster(parseBody(ClusterRow, JSON.stringify({ ...aRow(name, { agentPoolProfiles: pools }), ...over }), 'read'));
const signal = () => new AbortController().signal;
const asked = () => server.asked.slice(before);
const estate = (over: Partial<AzureEstateOptions> = {}) => createAzureEstate(reach(server, over));

describe('the latest image of a pool', () => {
  it('is read from the upgrade profile of that pool', async () => {
    server.reply(offers(LATEST));

    await expect(estate().latestNodeImage(cluster('one'), 'kata1', signal())).resolves.toBe(LATEST);

    expect(asked()[0]?.url).toMatch(new RegExp(`^${idOf('one')}/agentPools/kata1/upgradeProfiles/default\\?api-version=`, 'i'));
  });

  it('is read once for all pools and clusters with the same variant, region and Kubernetes minor version', async () => {
    server.reply(offers(LATEST));
    const azure = estate();
    const older = aPoolRow({
      name: 'kata2',
      nodeImageVersion: 'AKSAzureLinux-V3katagen2-202601.27.0',
      currentOrchestratorVersion: '1.34.0',
    });

    await Promise.all(
      ['one', 'two', 'three'].flatMap((name) => [
        azure.latestNodeImage(cluster(name), 'kata1', signal()),
        azure.latestNodeImage(cluster(name, [older]), 'kata2', signal()),
      ]),
    );

    expect(asked()).toHaveLength(1);
  });

  it.each([
    ['another variant', [aPoolRow({ nodeImageVersion: 'AKSUbuntu-2204gen2containerd-202608.06.1' })], {}],
    ['another Kubernetes minor', [aPoolRow({ currentOrchestratorVersion: '1.33.9' })], {}],
    ['another Kubernetes major', [aPoolRow({ currentOrchestratorVersion: '2.34.2' })], {}],
    ['another region', [aPoolRow()], { location: 'northeurope' }],
  ])('is read again for %s', async (_, pools, over) => {
    server.reply(offers(LATEST), offers('AKSAzureLinux-V3katagen2-202608.99.0'));
    const azure = estate();

    await azure.latestNodeImage(cluster('one'), 'kata1', signal());
    await azure.latestNodeImage(cluster('two', pools, over), 'kata1', signal());

    expect(asked()).toHaveLength(2);
  });

  it('is read again for another pool of the same cluster with another variant', async () => {
    server.reply(offers(LATEST));
    const azure = estate();
    const both = cluster('one', [aPoolRow(), aPoolRow({ name: 'plain', nodeImageVersion: 'AKSUbuntu-2204gen2containerd-202608.06.1' })]);

    for (const pool of ['kata1', 'plain']) await azure.latestNodeImage(both, pool, signal());

    expect(asked()).toHaveLength(2);
  });

  it('is shared whatever letters Azure writes the region and the variant in', async () => {
    server.reply(offers(LATEST));
    const azure = estate();
    await azure.latestNodeImage(cluster('one'), 'kata1', signal());
    const shouted = aPoolRow({ nodeImageVersion: String(aPoolRow().nodeImageVersion).replace('AzureLinux', 'AZURELINUX') });
    await azure.latestNodeImage(cluster('two', [shouted], { location: 'WestEurope' }), 'kata1', signal());
    expect(asked()).toHaveLength(1);
  });

  it('is shared by the minor version of the pool, or else of the cluster, and never without one', async () => {
    server.reply(offers(LATEST));
    const azure = estate();
    const bare = aPoolRow({ currentOrchestratorVersion: null, orchestratorVersion: null });
    await azure.latestNodeImage(cluster('one'), 'kata1', signal());
    await azure.latestNodeImage(cluster('two', [bare]), 'kata1', signal());
    expect(asked()).toHaveLength(1);
    const { settings, ...listed } = cluster('three', [bare]);
    const { kubernetesVersion: _, ...unknown } = settings;
    for (let call = 0; call < 2; call++) await azure.latestNodeImage({ ...listed, settings: unknown }, 'kata1', signal());
    expect(asked()).toHaveLength(3);
  });

  it('is read for each pool whose own image is unreadable', async () => {
    server.reply(offers(LATEST));
    const azure = estate();
    const unread = cluster('one', [aPoolRow({ nodeImageVersion: null })]);

    await azure.latestNodeImage(unread, 'kata1', signal());
    await azure.latestNodeImage(unread, 'kata1', signal());

    expect(asked()).toHaveLength(2);
  });

  it.each([
    ['cached until it expires', 3_599_999, 1],
    ['read again when it has expired', 3_600_000, 2],
  ])('is %s', async (_, later, calls) => {
    server.reply(offers(LATEST));
    const { clock, sleep, advance } = sleepingClock();
    const azure = estate({ clock, sleep });

    await azure.latestNodeImage(cluster('one'), 'kata1', signal());
    advance(later);
    await azure.latestNodeImage(cluster('one'), 'kata1', signal());

    expect(asked()).toHaveLength(calls);
  });

  it('is read from another cluster when one cluster refuses it', async () => {
    server.reply(({ url }) => (url.includes('/managedClusters/one/') ? denied : offers(LATEST)));
    const azure = estate();

    const [one, two] = await Promise.allSettled([
      azure.latestNodeImage(cluster('one'), 'kata1', signal()),
      azure.latestNodeImage(cluster('two'), 'kata1', signal()),
    ]);

    expect(one).toMatchObject({ status: 'rejected', reason: { code: 'denied', message: expect.stringContaining('upgradeProfiles/read') } });
    expect(two).toMatchObject({ status: 'fulfilled', value: LATEST });
  });

  it('ends for an aborted caller while another caller still waits', async () => {
    const leaving = new AbortController();
    const staying = new AbortController();
    server.reply('never');
    const azure = estate();
    const first = azure.latestNodeImage(cluster('one'), 'kata1', staying.signal);
    const second = azure.latestNodeImage(cluster('two'), 'kata1', leaving.signal);
    await expect.poll(() => asked().length).toBe(1);

    leaving.abort();
    await expect(second).rejects.toMatchObject({ name: 'Fault', code: 'timed-out' });
    staying.abort();
    await expect(first).rejects.toMatchObject({ name: 'Fault', code: 'timed-out' });
    expect(asked()).toHaveLength(1);
  });

  it.each([[offers(undefined)], [offers(null)], [offers('')]])('is not available in %j, with a reason of its own', async (reply) => {
    server.reply(reply);

    await expect(estate().latestNodeImage(cluster('one'), 'kata1', signal())).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringMatching(/has no latestNodeImageVersion: Azure currently offers the pool no image\.$/),
    });
  });

  it.each([[offers(7)], [{ body: {} }]])('is malformed in %j', async (reply) => {
    server.reply(reply);

    await expect(estate().latestNodeImage(cluster('one'), 'kata1', signal())).rejects.toMatchObject({
      code: 'malformed',
      message: expect.stringContaining('properties'),
    });
  });

  it('is not found for a cluster that Azure does not know', async () => {
    const { nodePools, settings, cluster: known } = cluster('one');
    const local = { nodePools, settings, cluster: { ...known, id: 'kubeconfig:mine' } };

    await expect(estate().latestNodeImage(local, 'kata1', signal())).rejects.toMatchObject({ code: 'no-azure-access' });
    expect(asked()).toHaveLength(0);
  });
});
