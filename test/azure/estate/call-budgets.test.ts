import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Bucket } from '../../../shared/azure/budget/bucket.ts';
import * as published from '../../../shared/azure/budget/published-budgets.ts';
import { parseBody } from '../../../shared/azure/client/body.ts';
import { type AzureOptions, budgetsOf } from '../../../shared/azure/client/options.ts';
import { createAzureEstate } from '../../../shared/azure/estate/azure-estate.ts';
import { clusterCredential } from '../../../shared/azure/estate/cluster-credential.ts';
import { ClusterRow, toListedCluster } from '../../../shared/azure/estate/cluster-row.ts';
import { permissionsOn } from '../../../shared/azure/permissions.ts';
import { type ArmServer, type Reply, startArmServer } from '../support/arm-server.ts';
import { reach, sleepingClock } from '../support/reach.ts';
import { aRow, idOf, SUBSCRIPTION } from '../support/rows.ts';

let server: ArmServer;
beforeAll(async () => {
  server = await startArmServer();
});
afterAll(() => server.stop());

const listed = toListedCluster(parseBody(ClusterRow, JSON.stringify(aRow('one')), 'read'));
const signal = new AbortController().signal;
const reads = published.armReadsBucket(SUBSCRIPTION);
const other = published.otherAksBucket(SUBSCRIPTION, listed.cluster.location);
const list = { body: { value: [] } };
const kubeconfig = { body: { kubeconfigs: [{ name: 'c', value: Buffer.from('kind: Config').toString('base64') }] } };
const graph = { body: { totalRecords: 1, count: 1, data: [{ id: idOf('one'), name: 'one', location: 'x', tags: null }] } };

it.each<[string, (options: AzureOptions) => Promise<unknown>, Reply, readonly Bucket[]]>([
  [
    'a cluster is read',
    (options) => createAzureEstate(options).getCluster(idOf('one'), signal),
    { body: aRow('one') },
    [published.getClusterBucket(idOf('one')), reads],
  ],
  [
    'clusters are listed',
    (options) => createAzureEstate(options).listClusters(SUBSCRIPTION, signal),
    list,
    [published.listClustersBucket(SUBSCRIPTION), reads],
  ],
  ['the estate is listed', (options) => createAzureEstate(options).listEstate([SUBSCRIPTION], signal), graph, [published.RESOURCE_GRAPH]],
  [
    'the newest image is asked for',
    (options) => createAzureEstate(options).latestNodeImage(listed, 'kata1', signal),
    { body: { properties: { latestNodeImageVersion: 'i' } } },
    [other, reads],
  ],
  ['maintenance windows are read', (options) => createAzureEstate(options).maintenanceConfigurations(listed, signal), list, [other, reads]],
  [
    'subscriptions are listed',
    (options) => createAzureEstate(options).listSubscriptions('root', signal),
    list,
    [published.ARM_TENANT_READS],
  ],
  [
    'a credential is read',
    (options) => clusterCredential(options)(listed, signal),
    kubeconfig,
    [other, published.armWritesBucket(SUBSCRIPTION)],
  ],
  ['permissions are listed', (options) => permissionsOn(options, idOf('one'), signal), list, [reads]],
])('%s within the budgets that count the call', async (_, call, reply, buckets) => {
  server.reply(reply);
  const sleptWhenSpent = async (bucket: Bucket) => {
    const { clock, sleep, slept } = sleepingClock();
    const options = reach(server, { clock, sleep });
    budgetsOf(options).learnRemaining(bucket, 0);
    await call(options);
    return slept.length > 0;
  };
  for (const bucket of buckets) expect([bucket.key, await sleptWhenSpent(bucket)]).toEqual([bucket.key, true]);
  for (const key of ['arm-reads/another', 'aks-other/another/x']) expect(await sleptWhenSpent({ key, burst: 1, perSecond: 1 })).toBe(false);
});
