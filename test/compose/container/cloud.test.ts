import { once } from 'node:events';
import { createServer } from 'node:http';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wire } from '../../../shared/compose/container/cloud.ts';
import { openParking } from '../../../shared/compose/container/parking.ts';
import { answer, apiOf, unknownPath } from '../../../shared/compose/functions/api.ts';
import { DEFAULT_POLICY } from '../../../shared/domain/policy/policy.ts';
import { clusterId } from '../../../shared/local/estate/cluster-id.ts';
import { type RunningEstate, startEstate } from '../../../shared/local/estate/server.ts';
import { createMemoryStorage } from '../../../shared/memory/storage.ts';
import { RULES } from '../../../shared/rules/index.ts';
import { smallEstate } from '../../faults/small-estate.ts';

const SUBSCRIPTION = '11111111-2222-4333-8444-555555555555';
const CLUSTER = `/subscriptions/${SUBSCRIPTION}/resourcegroups/rg/providers/microsoft.containerservice/managedclusters/c`;
const STORAGE = { AzureWebJobsStorage: 'UseDevelopmentStorage=true' };
const appOf = async (environment: Readonly<Record<string, string>> = {}) =>
  (await wire({ ...STORAGE, KATAUDIT_ACCESS_TOKEN: 'token', ...environment })).app;

describe('the app of an environment', () => {
  it.each<[string, Readonly<Record<string, string>>, object]>([
    [
      'audits the scope of the settings',
      { KATAUDIT_SUBSCRIPTIONS: SUBSCRIPTION, KATAUDIT_MANAGEMENT_GROUPS: 'root' },
      { scope: { subscriptions: [SUBSCRIPTION], managementGroups: ['root'] } },
    ],
    ['waits as long as the settings say', { KATAUDIT_SETTLE_SECONDS: '7' }, { settleSeconds: 7 }],
    ['probes nothing unless it is told to', {}, { probe: { mode: 'off' } }],
    ['probes as the settings say', { KATAUDIT_PROBE: 'exec' }, { probe: { mode: 'exec' } }],
    ['judges by every rule', {}, { rules: RULES }],
  ])('%s', async (_, environment, expected) => {
    expect(await appOf(environment)).toMatchObject(expected);
  });

  it.each([
    ['vulnerabilities', 'KATAUDIT_VULNERABILITIES', 'on'],
    ['signer', 'KATAUDIT_SIGNING_KEY', 'key.pem'],
  ] as const)('has %s only when the settings say so', async (part, setting, value) => {
    expect(await appOf()).not.toHaveProperty(part);
    expect(await appOf({ [setting]: value })).toHaveProperty(part);
  });

  it('has the webhook of the settings as a target', async () => {
    const { ownTargets } = await appOf({ KATAUDIT_NOTIFY_URL: 'https://hook.example/' });
    expect(ownTargets).toMatchObject([{ name: 'webhook' }]);
    expect((await appOf()).ownTargets).toEqual([]);
  });

  it('is refused with every mistake in its settings', async () => {
    const wrong = { KATAUDIT_PROBE: 'always', KATAUDIT_SCHEDULE: 'never' };
    await expect(appOf(wrong)).rejects.toMatchObject({ name: 'SettingsError', problems: { length: 2 } });
    await expect(wire({})).rejects.toThrow('No storage: set');
  });

  it('starts without Azure’s help: a token is asked for by the first call', async () => {
    expect((await wire(STORAGE)).app.settings).toMatchObject(STORAGE);
  });
});

describe('the app of an environment, at work', () => {
  const trusted = getCACertificates('default');
  let running: RunningEstate;
  beforeAll(async () => {
    running = await startEstate(smallEstate());
    setDefaultCACertificates([...trusted, running.caPem]);
  });
  afterAll(async () => {
    setDefaultCACertificates(trusted);
    await running.stop();
  });

  it('reads a cluster through Azure, and probes it in another connection', async () => {
    const [subscription] = running.estate.subscriptions;
    const [cluster] = subscription?.clusters ?? [];
    const id = clusterId(subscription?.id ?? '', cluster ?? expect.unreachable());
    const app = await appOf({ KATAUDIT_ARM_ENDPOINT: running.armEndpoint, KATAUDIT_ACCESS_TOKEN: running.token, KATAUDIT_PROBE: 'exec' });
    const signal = AbortSignal.timeout(20_000);
    const listed = await app.azure.getCluster(id, signal);
    expect(await app.maintenance.maintenanceConfigurations(listed, signal)).toBeInstanceOf(Array);
    const reader = await app.connect(listed, signal);
    expect((await reader.nodes(signal)).length).toBeGreaterThan(0);
    reader.close();
    (await app.probe.open(listed, signal)).close();
    const credentials = running.requests.filter(({ path }) => path.includes('listClusterUserCredential'));
    expect(credentials).toHaveLength(1);
    expect(app.callBudgets().map(({ budget }) => budget)).toContain('aks-get');
  });

  it('audits as its own identity, and probes as that of the settings or as its own', async () => {
    const [subscription] = running.estate.subscriptions;
    const id = clusterId(subscription?.id ?? '', subscription?.clusters[0] ?? expect.unreachable());
    const azure = { KATAUDIT_ARM_ENDPOINT: running.armEndpoint, KATAUDIT_ACCESS_TOKEN: running.token, KATAUDIT_PROBE: 'exec' };
    const signal = AbortSignal.timeout(20_000);
    const identities: (string | null)[] = [];
    const identity = createServer((request, response) => {
      identities.push(new URL(request.url ?? '', 'http://identity').searchParams.get('client_id'));
      response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"invalid_request"}');
    });
    await once(identity.listen(0, '127.0.0.1'), 'listening');
    const address = identity.address();
    process.env.IDENTITY_ENDPOINT = typeof address === 'object' ? `http://127.0.0.1:${address?.port}/` : '';
    process.env.IDENTITY_HEADER = 'h';
    try {
      const app = await appOf({ ...azure, KATAUDIT_PROBE_CLIENT_ID: 'prober' });
      const listed = await app.azure.getCluster(id, signal);
      const reader = await app.connect(listed, signal);
      expect((await reader.nodes(signal)).length).toBeGreaterThan(0);
      reader.close();
      await expect((await app.probe.open(listed, signal)).sweep('kataudit', signal)).rejects.toThrow();
      expect(new Set(identities)).toEqual(new Set(['prober']));

      identities.length = 0;
      const own = await appOf(azure);
      const probe = await own.probe.open(await own.azure.getCluster(id, signal), signal);
      await probe.sweep('kataudit', signal).catch(() => undefined);
      expect(identities).toEqual([]);
    } finally {
      delete process.env.IDENTITY_ENDPOINT;
      delete process.env.IDENTITY_HEADER;
      identity.close();
    }
  });
});

describe('parking', () => {
  it('opens although another setting is wrong, and not without a storage', async () => {
    expect(await openParking({ ...STORAGE, KATAUDIT_SCHEDULE: 'never', AZURE_CLIENT_ID: 'id' })).toMatchObject({ parked: {} });
    expect(await openParking({ AzureWebJobsStorage__accountName: 'stx' })).toMatchObject({ parked: {} });
    await expect(openParking({ KATAUDIT_SCHEDULE: 'never' })).rejects.toThrow('No storage: set');
    await expect(openParking({ MyAzureWebJobsStorage: STORAGE.AzureWebJobsStorage })).rejects.toThrow('No storage: set');
    await expect(openParking({ ...STORAGE, AZURE_CLIENT_ID: 'id', AZURE_CLIENT_IDS: 'x' })).resolves.toBeDefined();
  });
});

describe('a request to the API', () => {
  const request = (path: string) => ({
    method: 'GET',
    url: `https://app.example/api/${path}`,
    headers: new Headers(),
    params: {},
    body: null,
  });
  const context = { invocationId: 'i', error: () => expect.unreachable('That is no bug.') };

  it('is refused without a credential, before the app is opened, and a path that does not exist is none', async () => {
    expect(await answer('list-findings')(request('findings'), context)).toMatchObject({ status: 401 });
    expect(await unknownPath(request('nowhere'), context)).toMatchObject({ status: 404 });
    expect(await answer('get-health')(request('health'), context)).toMatchObject({ status: 200 });
  });

  it('that the app cannot answer because it cannot be opened is reported to its operator, with the reason', async () => {
    const told: unknown[] = [];
    const asked = { ...request('session'), method: 'POST' };
    process.env.KATAUDIT_SCHEDULE = 'never';
    try {
      const answered = await answer('open-session')(asked, { ...context, error: (error) => told.push(error) });
      expect(answered).toMatchObject({ status: 503 });
    } finally {
      delete process.env.KATAUDIT_SCHEDULE;
    }
    expect(told).toEqual([expect.any(Error)]);
  });
});

describe('the API of an app', () => {
  const over = { KATAUDIT_SIGNING_KEY: 'key.pem', KATAUDIT_PUBLIC_URL: 'https://app.example/', KATAUDIT_CLUSTER_METRICS: '7' };

  it('reads what the app keeps, and shows its settings', async () => {
    const app = await appOf({ ...over, KATAUDIT_SCHEDULE: '0 0 0 * * *', KATAUDIT_SUBSCRIPTIONS: SUBSCRIPTION });
    const { findings, audits, parked, assessments, exemptions, bundles, messages, trend, policy, images, rules, signer, scope } = app;
    const kept = { findings, audits, parked, assessments, exemptions, bundles, messages, trend, policy, images, rules, signer, scope };
    const api = apiOf(app);
    for (const [name, part] of Object.entries(kept)) expect(api).toHaveProperty(name, part);
    expect(api).toMatchObject({ clusterMetrics: 7, schedule: '0 0 0 * * *', publicUrl: 'https://app.example', startedAt: app.startedAt });
    const bare = apiOf(await appOf());
    for (const part of ['signer', 'publicUrl']) expect(bare).not.toHaveProperty(part);
  });

  it('starts audits of everything and of chosen clusters, and records who asked', async () => {
    const storage = createMemoryStorage();
    const app = await appOf({ KATAUDIT_SUBSCRIPTIONS: SUBSCRIPTION });
    const policy = async () => ({ policy: DEFAULT_POLICY, hash: 'h', source: 'test' });
    const api = apiOf({ ...app, ...storage, policy, newId: () => 'a1' });
    expect(await api.startAudit('request', 'somebody')).toMatchObject({
      id: 'a1',
      cause: 'request',
      requestedBy: 'somebody',
      subscriptions: [SUBSCRIPTION],
    });
    expect(await api.scanClusters([CLUSTER], 'somebody')).toMatchObject({ clusters: [CLUSTER], requestedBy: 'somebody' });
    expect(storage.queued.map(({ queue }) => queue)).toEqual(['inventories', 'scans']);
  });
});
