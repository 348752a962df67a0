import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAzureEstate } from '../../../shared/azure/estate/azure-estate.ts';
import { type ArmServer, startArmServer } from '../support/arm-server.ts';
import { reach } from '../support/reach.ts';
import { aRow, idOf, SUBSCRIPTION } from '../support/rows.ts';

const signal = AbortSignal.timeout(60_000);
let server: ArmServer;
beforeAll(async () => {
  server = await startArmServer();
});
afterAll(() => server.stop());

const estate = () => createAzureEstate(reach(server));

describe('listClusters', () => {
  it('reads every page', async () => {
    const next = `${server.endpoint}/subscriptions/${SUBSCRIPTION}/providers/Microsoft.ContainerService/managedClusters?page=2&api-version=x`;
    server.reply({ body: { value: [aRow('one')], nextLink: next } }, { body: { value: [aRow('two')] } });

    const { clusters, incomplete } = await estate().listClusters(SUBSCRIPTION, signal);

    expect(incomplete).toBeUndefined();
    expect(clusters.map(({ name }) => name)).toEqual(['one', 'two']);
    expect(clusters[0]).toEqual({
      id: idOf('one').toLowerCase(),
      name: 'one',
      subscriptionId: SUBSCRIPTION,
      resourceGroup: 'rg-One',
      location: 'westeurope',
      tags: { team: 'shop' },
    });
    expect(server.asked.at(-1)).toMatchObject({ method: 'GET', authorization: 'Bearer the-token' });
  });

  it('never treats a list as complete when nextLink leads back to a page that was read', async () => {
    const next = `${server.endpoint}/subscriptions/${SUBSCRIPTION}/again?api-version=x`;
    server.reply({ body: { value: [aRow('one')], nextLink: next } });
    const before = server.asked.length;

    await expect(estate().listClusters(SUBSCRIPTION, signal)).rejects.toMatchObject({
      code: 'malformed',
      message: expect.stringContaining('nextLink points to a page'),
    });
    expect(server.asked.length - before).toBe(2);
  });

  it('sends its token to no other server, whatever nextLink contains', async () => {
    const other = await startArmServer();
    server.reply({ body: { value: [aRow('one')], nextLink: `${other.endpoint}/subscriptions/x` } });

    await expect(estate().listClusters(SUBSCRIPTION, signal)).rejects.toMatchObject({ code: 'malformed' });
    expect(other.asked).toEqual([]);
    await other.stop();
  });

  it('reads null as an empty list, and fails when the list is missing', async () => {
    server.reply({ body: { value: null } });
    expect(await estate().listClusters(SUBSCRIPTION, signal)).toEqual({ clusters: [] });
    server.reply({ body: { nextLink: null } });
    await expect(estate().listClusters(SUBSCRIPTION, signal)).rejects.toMatchObject({ code: 'malformed' });
  });

  it('needs only the id of an entry', async () => {
    const odd = { id: idOf('two'), name: 7, location: '', tags: 'none', properties: 'moved' };
    server.reply({ body: { value: [aRow('one'), odd, { id: idOf('three') }] } });

    const { clusters, incomplete } = await estate().listClusters(SUBSCRIPTION, signal);

    expect(clusters.map(({ name }) => name)).toEqual(['one', 'two', 'three']);
    expect(incomplete).toBeUndefined();
  });

  it.each([
    ['no id', { name: 'two' }, 'an entry without an id'],
    ['null for an entry', null, 'an entry without an id'],
    ['the id of something else', { id: '/subscriptions/x' }, '/subscriptions/x'],
    ['the id of a node pool', { id: `${idOf('two')}/agentPools/a` }, 'agentPools/a'],
    ['a cluster of another subscription', { id: idOf('two', '99999999-0000-4000-8000-000000000001') }, '99999999'],
  ])('keeps the rest of a list that contains %s, and reports that it may be incomplete', async (_, row, what) => {
    server.reply({ body: { value: [row, aRow('one')] } });

    const { clusters, incomplete } = await estate().listClusters(SUBSCRIPTION, signal);

    expect(clusters.map(({ name }) => name)).toEqual(['one']);
    expect(incomplete).toMatchObject({ code: 'malformed', message: expect.stringContaining(what) });
  });

  it('takes the later of two entries for one cluster, and counts all that tell none', async () => {
    server.reply({ body: { value: [{ id: idOf('one'), location: 'old' }, null, aRow('one'), {}] } });
    const { clusters, incomplete } = await estate().listClusters(SUBSCRIPTION.toUpperCase(), signal);
    expect(clusters.map(({ location }) => location)).toEqual(['westeurope']);
    expect(incomplete?.message).toMatch(/: 2\)/);
  });

  it('names the missing permission when access is denied', async () => {
    server.reply({ status: 403, body: { error: { code: 'AuthorizationFailed', message: 'The client does not have authorization.' } } });

    await expect(estate().listClusters(SUBSCRIPTION, signal)).rejects.toMatchObject({
      code: 'denied',
      message: `Cannot list the clusters of subscription ${SUBSCRIPTION}: Azure answered 403 AuthorizationFailed: The client does not have authorization. The identity lacks Microsoft.ContainerService/managedClusters/read: give it a role that allows it.`,
    });
  });
});

it('sends no token to an address without TLS, and says which setting is wrong', async () => {
  const azure = createAzureEstate(reach(server, { armEndpoint: 'http://127.0.0.1:1' }));
  await expect(azure.listClusters(SUBSCRIPTION, signal)).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringContaining('KATAUDIT_ARM_ENDPOINT must begin with https'),
  });
});

describe('getCluster', () => {
  it('makes no call for an id that is not a cluster', async () => {
    const before = server.asked.length;
    await expect(estate().getCluster('kubeconfig:x', signal)).rejects.toMatchObject({ code: 'malformed' });
    expect(server.asked).toHaveLength(before);
  });

  it('reads one cluster, whatever the case of its id', async () => {
    server.reply({ body: aRow('One') });

    const listed = await estate().getCluster(idOf('one').toLowerCase(), signal);

    expect(listed.cluster).toMatchObject({ id: idOf('one').toLowerCase(), name: 'One' });
  });

  it.each([
    ['a deleted cluster', { status: 404, body: { error: { code: 'ResourceNotFound', message: 'm' } } }, 'not-found'],
    ['a subscription without access', { status: 404, body: { error: { code: 'SubscriptionNotFound', message: 'm' } } }, 'denied'],
    ['a 404 that is not from Azure', { status: 404, body: '<html>not here</html>' }, 'malformed'],
    [
      'a token that is not accepted',
      { status: 401, body: { error: { code: 'InvalidAuthenticationToken', message: 'm' } } },
      'unauthenticated',
    ],
    ['an answer about another cluster', { body: aRow('other') }, 'malformed'],
    ['an answer that is not JSON', { body: '{"id":' }, 'malformed'],
    ['an answer that is null', { body: 'null' }, 'malformed'],
  ] as const)('tells %s apart', async (_, reply, code) => {
    server.reply(reply);

    await expect(estate().getCluster(idOf('one'), signal)).rejects.toMatchObject({ name: 'Fault', code });
  });
});
