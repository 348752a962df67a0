import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Doctor, doctorOf, objectIdOf } from '../../../shared/compose/command-line/doctor.ts';
import type { Examination } from '../../../shared/usecases/examine-access.ts';
import { type ArmServer, type Asked, type Reply, startArmServer } from '../../azure/support/arm-server.ts';
import { reach } from '../../azure/support/reach.ts';
import { aRow, idOf } from '../../azure/support/rows.ts';

const OID = '22222222-2222-2222-2222-222222222222';
const tokenOf = (claims: unknown) => ['e30', Buffer.from(JSON.stringify(claims)).toString('base64url'), 'sig'].join('.');
const OFF = { probe: 'off', canaryNamespace: 'kataudit-canary' } as const;

let server: ArmServer;
beforeAll(async () => {
  server = await startArmServer();
});
afterAll(() => server.stop());

/** One server that simulates Azure and the cluster: it grants all permissions except the listed ones. */
function play(refused: readonly string[], properties: Readonly<Record<string, unknown>> = {}): void {
  const kubeconfig = `apiVersion: v1
kind: Config
clusters: [{ name: c, cluster: { server: '${server.endpoint}', certificate-authority-data: ${Buffer.from(server.ca).toString('base64')} } }]
contexts: [{ name: c, context: { cluster: c, user: u } }]
users: [{ name: u, user: { token: never-used } }]
current-context: c
`;
  const answer = ({ url, body }: Asked): Reply => {
    if (url.includes('/selfsubjectaccessreviews')) {
      const { resource } = JSON.parse(body).spec.resourceAttributes;
      return { status: 201, body: { status: { allowed: !refused.includes(resource) } } };
    }
    if (url.includes('/permissions?')) return { body: { value: [{ actions: ['*'], notActions: refused }] } };
    if (url.includes('/listClusterUserCredential')) {
      return { body: { kubeconfigs: [{ name: 'clusterUser', value: Buffer.from(kubeconfig).toString('base64') }] } };
    }
    return { body: aRow('one', properties) };
  };
  server.reply(answer);
}
const open = (token = 'the-token'): Promise<Doctor> =>
  doctorOf(reach(server, { credential: { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) } }));
const denied = ({ checks }: Examination) =>
  checks.filter(({ state }) => state === 'denied').map(({ permission }) => permission.action.split('managedClusters/')[1]);

describe('the doctor', () => {
  it('finds all permissions granted over real HTTPS, asking the cluster as the identity itself', async () => {
    play([]);
    const { checks } = await (await open()).examine(idOf('one'), OFF);

    expect(checks.map(({ state }) => state)).toEqual(checks.map(() => 'allowed'));
    const reviews = server.asked.filter(({ url }) => url.includes('/selfsubjectaccessreviews'));
    expect(reviews).toHaveLength(4);
    expect(reviews.map(({ authorization }) => authorization)).toEqual(reviews.map(() => 'Bearer the-token'));
  });

  it('reports what Azure and what the cluster deny', async () => {
    play(['*/upgradeProfiles/read', 'nodes']);
    expect(denied(await (await open()).examine(idOf('one'), OFF))).toEqual(['agentPools/upgradeProfiles/read', 'nodes/read']);
  });

  it('does not check a cluster without Entra ID, and says why', async () => {
    play([], { aadProfile: null });
    const before = server.asked.length;
    const { checks } = await (await open()).examine(idOf('one'), OFF);

    expect(new Set(checks.flatMap(({ reason }) => reason?.code ?? []))).toEqual(new Set(['not-entra-integrated']));
    expect(
      server.asked
        .slice(before)
        .map(({ url }) => url)
        .join(),
    ).not.toContain('listClusterUserCredential');
  });

  it('gets the object id from the identity’s own token', async () => {
    await expect((await open(tokenOf({ oid: OID }))).principalId()).resolves.toBe(OID);
  });

  it.each(['https://arm.example', 'https://arm.example/', 'https://arm.example//'])(
    'asks for a token of the Azure at %s',
    async (armEndpoint) => {
      const scopes: unknown[] = [];
      const getToken = async (scope: string | string[]) => {
        scopes.push(scope);
        return { token: tokenOf({ oid: OID }), expiresOnTimestamp: 0 };
      };
      const { principalId } = await doctorOf({ credential: { getToken }, armEndpoint, clock: () => new Date(0) });
      expect([await principalId(), scopes]).toEqual([OID, ['https://arm.example/.default']]);
    },
  );
});

describe('objectIdOf', () => {
  it.each([
    ['names none', tokenOf({})],
    ['names something that is not an id', tokenOf({ oid: '$(reboot)' })],
    ['names an id with more behind it', tokenOf({ oid: `${OID}0` })],
    ['names an id with more before it', tokenOf({ oid: `x${OID}` })],
    ['contains no object', tokenOf('text')],
    ['holds null', tokenOf(null)],
    ['is opaque', 'opaque'],
    ['is empty', ''],
  ])('is undefined when the token %s', (_case, text) => {
    expect(objectIdOf(text)).toBeUndefined();
  });
});
