import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ArmBudgets } from '../../../../shared/local/estate/arm/arm-budgets.ts';
import { defaultEstate } from '../../../../shared/local/estate/default-estate.ts';
import { type RunningEstate, startEstate } from '../../../../shared/local/estate/server.ts';
import { ask, readKubeconfig } from '../client.ts';

const estate = defaultEstate('arm test', new Date('2026-09-01T12:00:00.000Z'));
const [payments] = estate.subscriptions;
const subscription = `/subscriptions/${payments?.id}`;
const cluster = `${subscription}/resourceGroups/rg-pay-prod-weu/providers/Microsoft.ContainerService/managedClusters/pay-prod-weu`;
let running: RunningEstate;

interface Page {
  readonly value: readonly { readonly name: string }[];
  readonly nextLink?: string;
}

beforeAll(async () => {
  running = await startEstate(estate);
});
afterAll(() => running.stop());

const arm = (path: string, options: Parameters<typeof ask>[2] = {}) =>
  ask(running, `${running.armEndpoint}${path}${path.includes('?') ? '&' : '?'}api-version=2026-06-01`, options);

describe('the simulated Azure Resource Manager', () => {
  test('lists the clusters of a subscription in pages, each once', async () => {
    const names: string[] = [];
    let pages = 0;
    let next: string | undefined =
      `${running.armEndpoint}${subscription}/providers/Microsoft.ContainerService/managedClusters?api-version=1`;
    while (next !== undefined) {
      const page: Page = (await ask(running, next)).json();
      names.push(...page.value.map(({ name }) => name));
      next = page.nextLink;
      pages += 1;
    }
    expect(names).toEqual(payments?.clusters.map(({ name }) => name));
    expect(pages).toBeGreaterThan(1);
  });

  test('returns a cluster for any spelling of its id', async () => {
    const shown = (await arm(cluster.toUpperCase())).json();
    expect(shown).toMatchObject({
      name: 'pay-prod-weu',
      properties: { powerState: { code: 'Running' }, aadProfile: { managed: true }, currentKubernetesVersion: '1.34.2' },
    });
  });

  test('returns node pools flat in the cluster and with an envelope in their own list', async () => {
    const { properties }: { properties: { agentPoolProfiles: { name: string; workloadRuntime?: string }[] } } = (await arm(cluster)).json();
    const { value }: { value: { name: string; properties: { workloadRuntime?: string } }[] } = (await arm(`${cluster}/agentPools`)).json();
    expect(properties.agentPoolProfiles.find(({ name }) => name === 'kata')?.workloadRuntime).toBe('KataVmIsolation');
    expect(value.find(({ name }) => name === 'kata')?.properties.workloadRuntime).toBe('KataVmIsolation');
  });

  test('offers the newest image of the pool in its upgrade profile', async () => {
    const profile = (await arm(`${cluster}/agentPools/kata/upgradeProfiles/default`)).json();
    expect(profile).toMatchObject({ properties: { latestNodeImageVersion: 'AKSAzureLinux-V3katagen2-202608.27.0', osType: 'Linux' } });
  });

  test('returns the maintenance configurations of a cluster, or an empty list', async () => {
    const planned = `${subscription}/resourceGroups/rg-pay-prod-neu/providers/Microsoft.ContainerService/managedClusters/pay-prod-neu`;
    expect((await arm(`${planned}/maintenanceConfigurations`)).json()).toMatchObject({
      value: [
        { name: 'default', properties: { maintenanceWindow: { schedule: { weekly: { dayOfWeek: 'Wednesday' } } } } },
        { name: 'aksManagedNodeOSUpgradeSchedule', properties: { maintenanceWindow: { schedule: { weekly: { dayOfWeek: 'Sunday' } } } } },
      ],
    });
    expect((await arm(`${cluster}/maintenanceConfigurations`)).json()).toEqual({ value: [] });
    expect((await arm(`${cluster}x/maintenanceConfigurations`)).status).toBe(404);
  });

  test('returns a kubeconfig with an exec plugin and no secret for a cluster with Entra ID', async () => {
    const reply = await arm(`${cluster}/listClusterUserCredential`, { method: 'POST' });
    const { kubeconfigs }: { kubeconfigs: { name: string; value: string }[] } = reply.json();
    const text = Buffer.from(kubeconfigs[0]?.value ?? '', 'base64').toString('utf8');
    expect(text).toContain('command: kubelogin');
    expect(text).not.toContain('client-key-data');
    expect(readKubeconfig(text).server).toBe(readKubeconfig(running.kubeconfigFor('pay-prod-weu')).server);
  });

  test('lists a cluster that it refuses to return individually', async () => {
    const hub = estate.subscriptions.find(({ name }) => name === 'shared-services');
    const below = `/subscriptions/${hub?.id}/resourceGroups/rg-hub-denied-weu/providers/Microsoft.ContainerService/managedClusters`;
    const listed: Page = (await arm(below)).json();
    expect(listed.value.map(({ name }) => name)).toEqual(['hub-denied-weu']);
    for (const path of ['', '/agentPools', '/agentPools/kata/upgradeProfiles/default', '/maintenanceConfigurations']) {
      const answer = await arm(`${below}/hub-denied-weu${path}`);
      expect([answer.status, answer.json()]).toMatchObject([403, { error: { code: 'AuthorizationFailed' } }]);
    }
  });

  test('refuses a request without the token, and one without an api-version', async () => {
    expect((await arm(cluster, { token: null })).status).toBe(401);
    expect((await arm(cluster, { token: 'wrong' })).status).toBe(401);
    expect((await ask(running, `${running.armEndpoint}${cluster}`)).json()).toMatchObject({
      error: { code: 'MissingApiVersionParameter' },
    });
  });

  test('reports what does not exist', async () => {
    expect((await arm(`${cluster}x`)).json()).toMatchObject({ error: { code: 'ResourceNotFound' } });
    expect((await arm('/subscriptions/00000000-0000-0000-0000-000000000000')).json()).toMatchObject({
      error: { code: 'SubscriptionNotFound' },
    });
    expect((await arm(`${cluster}/listClusterUserCredential`)).status).toBe(405);
  });

  test('lists the subscriptions of a management group', async () => {
    const { value }: { value: { name: string }[] } = (
      await arm('/providers/Microsoft.Management/managementGroups/corp-internal/subscriptions')
    ).json();
    expect(value.map(({ name }) => name)).toEqual(estate.subscriptions.slice(1).map(({ id }) => id));
  });
});

describe('the simulated Resource Graph', () => {
  const query = (body: unknown) => arm('/providers/Microsoft.ResourceGraph/resources', { method: 'POST', body });
  const clusters =
    "Resources | where type =~ 'Microsoft.ContainerService/managedClusters' | project id, name, properties | order by id asc";

  test('pages through every cluster in scope with its skip token', async () => {
    const names: string[] = [];
    let $skipToken: string | undefined;
    do {
      const options = { $top: 5, resultFormat: 'objectArray', ...($skipToken === undefined ? {} : { $skipToken }) };
      const page: { data: { name: string }[]; totalRecords: number; $skipToken?: string } = (
        await query({ query: clusters, options })
      ).json();
      names.push(...page.data.map(({ name }) => name));
      $skipToken = page.$skipToken;
    } while ($skipToken !== undefined);
    expect(names.toSorted()).toEqual(estate.subscriptions.flatMap((one) => one.clusters.map(({ name }) => name)).toSorted());
  });

  test('returns only the requested subscriptions and management groups', async () => {
    expect((await query({ query: clusters, subscriptions: [payments?.id] })).json()).toMatchObject({ totalRecords: 4 });
    const internal = estate.subscriptions
      .filter(({ managementGroup }) => managementGroup === 'corp-internal')
      .flatMap((one) => one.clusters);
    const answer = (await query({ query: clusters, managementGroups: ['corp-internal'] })).json();
    expect(answer).toMatchObject({ totalRecords: internal.length });
    expect(internal.length).toBeGreaterThan(4);
  });

  test('returns no skip token when the rows have no id, like the real one', async () => {
    const nameless = "resources | where type == 'microsoft.containerservice/managedclusters' | project name";
    const page = (await query({ query: nameless, options: { $top: 2 } })).json();
    expect(page).not.toHaveProperty('$skipToken');
    expect(page).toMatchObject({ count: 2, resultTruncated: 'true' });
  });

  test('refuses a query that it cannot answer', async () => {
    expect((await query({ query: 'resources | where type =~ "microsoft.compute/virtualmachines"' })).status).toBe(400);
    expect((await query({ query: `${clusters} | join kind=inner (resources) on id` })).status).toBe(400);
  });
});

describe('the published budgets', () => {
  test('allow their burst and then refuse calls until the bucket has filled', () => {
    let now = 0;
    const budgets = new ArmBudgets(() => now);
    const charge = { kind: 'other-aks', method: 'GET', subscription: 's', location: 'westeurope' } as const;
    expect(Array.from({ length: 60 }, () => budgets.spend(charge)).every((wait) => wait === undefined)).toBe(true);
    expect(budgets.spend(charge)).toBe(1);
    expect(budgets.spend({ ...charge, location: 'eastus' })).toBeUndefined();
    now = 999;
    expect(budgets.spend(charge)).toBe(1);
    now = 1_000;
    expect(budgets.spend(charge)).toBeUndefined();
    expect(budgets.overruns).toBe(2);
  });

  test('are charged by the kind of request, and counted', async () => {
    const strict = await startEstate(estate, { enforceBudgets: true, budgetClock: () => 0 });
    try {
      const list = `${subscription}/resourceGroups/rg-pay-prod-weu/providers/Microsoft.ContainerService/managedClusters?api-version=1`;
      const replies = await Promise.all(Array.from({ length: 100 }, () => ask(strict, strict.armEndpoint + list)));
      const refused = replies.filter(({ status }) => status === 429);
      // No time passes, so the bucket of 60 gets no new token.
      expect(refused).toHaveLength(40);
      expect(strict.budgetOverruns).toBe(refused.length);
      const left = replies.map(({ headers }) => Number(headers['x-ms-ratelimit-remaining-subscription-reads']));
      // Lists that an AKS bucket refused do not use Azure Resource Manager's own bucket.
      expect(Math.min(...left)).toBe(250 - 60);
      expect(refused.every(({ headers }) => headers['retry-after'] === '1')).toBe(true);
    } finally {
      await strict.stop();
    }
  });
});
