import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseBody } from '../../../shared/azure/client/body.ts';
import type { AzureOptions } from '../../../shared/azure/client/options.ts';
import { clusterCredential } from '../../../shared/azure/estate/cluster-credential.ts';
import { ClusterRow, toListedCluster } from '../../../shared/azure/estate/cluster-row.ts';
import { type ArmServer, startArmServer } from '../support/arm-server.ts';
import { reach } from '../support/reach.ts';
import { aRow, idOf } from '../support/rows.ts';

const kubeconfig = 'apiVersion: v1\nkind: Config\n# ünï\n';
const answer = { body: { kubeconfigs: [{ name: 'clusterUser', value: Buffer.from(kubeconfig).toString('base64') }] } };
const cluster = (properties: Readonly<Record<string, unknown>> = {}) =>
  toListedCluster(parseBody(ClusterRow, JSON.stringify(aRow('one', properties)), 'read'));

let server: ArmServer;
let before = 0;
beforeAll(async () => {
  server = await startArmServer();
});
afterAll(() => server.stop());
beforeEach(() => {
  before = server.asked.length;
});

const get = (listed = cluster(), over: Partial<AzureOptions> = {}) =>
  clusterCredential(reach(server, over))(listed, new AbortController().signal);

describe('the credential of a cluster', () => {
  it("consists of the user kubeconfig and the identity's own token for API servers", async () => {
    server.reply(answer);
    const scopes: unknown[] = [];
    const credential = {
      getToken: async (scope: string | string[]) => {
        scopes.push(scope);
        return { token: `for ${scope}`, expiresOnTimestamp: Date.now() + 3_600_000 };
      },
    };

    const got = await get(cluster(), { credential });

    expect(got.kubeconfig).toBe(kubeconfig);
    await expect(got.token()).resolves.toBe('for 6dae42f8-4368-4678-94ff-3960e28e3630/.default');
    expect(server.asked[before]).toMatchObject({ method: 'POST' });
    expect(server.asked[before]?.url).toMatch(new RegExp(`^${idOf('one')}/listClusterUserCredential\\?api-version=.*&format=exec$`, 'i'));
  });

  it("contains a token of the probe's identity, which is not used for calls to Azure", async () => {
    server.reply(answer);
    const asked: string[] = [];
    const named = (name: string) => ({
      getToken: async (scope: string | string[]) => {
        asked.push(`${name} for ${scope}`);
        return { token: name, expiresOnTimestamp: Date.now() + 3_600_000 };
      },
    });

    const got = await get(cluster(), { credential: named('auditor'), probeCredential: named('prober') });

    await expect(got.token()).resolves.toBe('auditor');
    await expect(got.probeToken()).resolves.toBe('prober');
    expect(asked.filter((one) => one.startsWith('prober'))).toEqual(['prober for 6dae42f8-4368-4678-94ff-3960e28e3630/.default']);
  });

  it('contains the same token for both when the probe has no identity of its own', async () => {
    server.reply(answer);
    const got = await get();
    expect(await got.probeToken()).toBe(await got.token());
  });

  it.each([
    ['of its public FQDN', { fqdn: 'a.example' }, ['a.example']],
    ['of its private FQDN', { privateFQDN: 'p.example' }, ['p.example']],
    ['of both FQDNs', { fqdn: 'a.example', privateFQDN: 'p.example' }, ['a.example', 'p.example']],
    ['of this machine when a simulated Azure returns none', {}, ['127.0.0.1']],
  ])('is valid for the hosts %s', async (_, properties, hosts) => {
    server.reply(answer);
    expect((await get(cluster(properties))).hosts).toEqual(hosts);
  });

  it.each([
    ['neither', {}, 'Azure returned neither fqdn nor privateFQDN.'],
    ['a number', { fqdn: 7 }, "Azure's answer cannot be read in properties.fqdn: expected a text, got a number."],
    [
      'an empty private one',
      { privateFQDN: '' },
      "Azure's answer cannot be read in properties.privateFQDN: expected a text, got an empty one.",
    ],
  ])('is not requested when Azure returns no host name: %s', async (_, properties, why) => {
    const elsewhere = get(cluster(properties), { armEndpoint: 'https://management.azure.com' });
    await expect(elsewhere).rejects.toMatchObject({ code: 'malformed', message: `The host of the API server of one is unknown: ${why}` });
    expect(server.asked).toHaveLength(before);
  });

  it.each([
    ['https://localhost', 'timed-out'],
    ['https://127.10.20.30:9', 'timed-out'],
    ['https://[::1]', 'timed-out'],
    ['https://localhost.evil.example', 'malformed'],
    ['https://my-localhost', 'malformed'],
    ['https://127.0.0.1.evil.example', 'malformed'],
    ['https://x127.0.0.1.evil', 'malformed'],
    ['https://128.0.0.1', 'malformed'],
    ['https://[::2]', 'malformed'],
  ])('may be sent to the host of a simulated Azure on this machine only: %s', async (armEndpoint, code) => {
    // A call that was aborted before it began shows that the host was accepted, and connects to nobody.
    const asking = clusterCredential(reach(server, { armEndpoint }))(cluster(), AbortSignal.abort());
    await expect(asking).rejects.toMatchObject({ name: 'Fault', code });
  });

  it.each([
    [
      'the public FQDN of a private cluster',
      { apiServerAccessProfile: { enablePrivateCluster: true, enablePrivateClusterPublicFQDN: true } },
      true,
    ],
    ['the private FQDN of a private cluster whose public FQDN is off', { apiServerAccessProfile: { enablePrivateCluster: true } }, false],
    ['the FQDN of a public cluster', {}, false],
    ['the FQDN of a public cluster that keeps the flag', { apiServerAccessProfile: { enablePrivateClusterPublicFQDN: true } }, false],
  ])('asks for %s', async (_, properties, isAsked) => {
    server.reply(answer);
    await get(cluster({ fqdn: 'a.example', privateFQDN: 'p.example', ...properties }));
    expect(server.asked[before]?.url.includes('server-fqdn=a.example')).toBe(isAsked);
  });

  it('is not requested when it is unknown whether the cluster has Entra ID', async () => {
    await expect(get(cluster({ aadProfile: { managed: 'yes' } }))).rejects.toMatchObject({
      code: 'malformed',
      message: expect.stringContaining('aadProfile.managed'),
    });
    expect(server.asked).toHaveLength(before);
  });

  it.each([
    ['that is stopped', { powerState: { code: 'Stopped' } }, 'stopped'],
    ['that is stopped, in other letters', { powerState: { code: 'stopped' } }, 'stopped'],
    ['without Entra ID', { aadProfile: null }, 'not-entra-integrated'],
    ['whose Entra ID integration is not managed', { aadProfile: { managed: false } }, 'not-entra-integrated'],
  ])('is not requested for a cluster %s', async (_, properties, code) => {
    await expect(get(cluster(properties))).rejects.toMatchObject({ name: 'Fault', code });
    expect(server.asked).toHaveLength(before);
  });

  it.each([
    ['no kubeconfig', { kubeconfigs: [] }],
    ['nothing', {}],
    ['a kubeconfig that is not base64', { kubeconfigs: [{ value: '{"kind":' }] }],
    ['an empty kubeconfig', { kubeconfigs: [{ value: '' }] }],
    ['a kubeconfig that is a number', { kubeconfigs: [{ value: 7 }] }],
  ])('is malformed when the answer contains %s', async (_, body) => {
    server.reply({ body });

    await expect(get()).rejects.toMatchObject({ code: 'malformed', message: expect.stringContaining('kubeconfigs') });
  });

  it('names the permission that is missing', async () => {
    server.reply({ status: 403, body: { error: { code: 'AuthorizationFailed', message: 'no' } } });

    await expect(get()).rejects.toMatchObject({ code: 'denied', message: expect.stringContaining('listClusterUserCredential/action') });
  });

  it.each([
    [
      'throws',
      () => Promise.reject(Object.assign(new Error('no identity here'), { name: 'CredentialUnavailableError' })),
      'no token for Azure is available: no identity here',
    ],
    ['returns nothing', () => Promise.resolve(null), 'the credential returned none.'],
  ])('has no token when the identity %s', async (_, getToken, why) => {
    server.reply(answer);
    const { token } = await get(cluster(), {
      credential: {
        getToken: async (scopes) =>
          String(scopes).startsWith('6dae42f8') ? getToken() : { token: 't', expiresOnTimestamp: Date.now() + 3_600_000 },
      },
    });

    await expect(token()).rejects.toMatchObject({
      name: 'Fault',
      code: 'unauthenticated',
      message: `Cannot get a token for the API server of ${idOf('one').toLowerCase()}: ${why}`,
    });
  });

  it('gives the same token until a new one is asked for', async () => {
    server.reply(answer);
    let given = 0;
    const getToken = async () => ({ token: `token ${++given}`, expiresOnTimestamp: Date.now() + 3_600_000 });
    const { token } = await get(cluster(), { probeCredential: { getToken }, credential: { getToken } });
    const first = await token();

    expect(await token()).toBe(first);
    const renewed = await token(undefined, true);
    expect(renewed).not.toBe(first);
    expect(await token(undefined, false)).toBe(renewed);
  });

  it('waits for a token no longer than its caller, or else than who asked for the credential', async () => {
    server.reply(answer);
    const leaving = new AbortController();
    const credential = {
      getToken: (scope: string | string[]) =>
        String(scope).startsWith('6dae42f8')
          ? new Promise<never>(() => undefined)
          : Promise.resolve({ token: 't', expiresOnTimestamp: Date.now() + 3_600_000 }),
    };
    const { token } = await clusterCredential(reach(server, { credential }))(cluster(), leaving.signal);
    const late = { code: 'timed-out', message: expect.stringContaining('the time limit passed') };

    await expect(token(AbortSignal.abort())).rejects.toMatchObject(late);
    const waiting = token();
    leaving.abort();
    await expect(waiting).rejects.toMatchObject(late);
  });

  it('is unavailable when the identity has no token for Azure', async () => {
    const credential = {
      getToken: () => Promise.reject(Object.assign(new Error('no identity here'), { name: 'CredentialUnavailableError' })),
    };

    await expect(get(cluster(), { credential })).rejects.toMatchObject({
      code: 'unauthenticated',
      message: expect.stringContaining('no identity here'),
    });
  });
});
