import { describe, expect, it } from 'vitest';
import type { PermissionSet } from '../../shared/domain/access/permissions.ts';
import { Fault, type FaultCode } from '../../shared/domain/snapshot/fault.ts';
import { observed } from '../../shared/domain/snapshot/observation.ts';
import type { NodePool } from '../../shared/domain/snapshot/snapshot.ts';
import type { KubernetesReview } from '../../shared/ports/access-check.ts';
import type { ListedCluster } from '../../shared/ports/azure-estate.ts';
import { type ExamineAccess, examineAccess, examineKubernetes, lacking } from '../../shared/usecases/examine-access.ts';

const ID = '/subscriptions/11111111-1111-1111-1111-111111111111/resourcegroups/rg/providers/microsoft.containerservice/managedclusters/c';
const LISTED: ListedCluster = {
  cluster: {
    id: ID,
    name: 'c',
    subscriptionId: '11111111-1111-1111-1111-111111111111',
    resourceGroup: 'rg',
    location: 'westeurope',
    tags: {},
  },
  settings: {
    kubernetesVersion: '1.34.0',
    powerState: 'Running',
    provisioningState: 'Succeeded',
    privateCluster: false,
    entraIntegrated: true,
    azureRbac: true,
    localAccountsDisabled: true,
  },
  nodePools: observed([]),
};
const POOL: NodePool = {
  name: 'kata',
  mode: 'User',
  count: 1,
  vmSize: 'Standard_D4s_v5',
  osType: 'Linux',
  provisioningState: 'Succeeded',
  enableFips: false,
  secureBoot: false,
  vtpm: false,
};
const ALL: readonly PermissionSet[] = [{ actions: ['*'], notActions: [] }];
const OFF = { probe: 'off', canaryNamespace: 'kataudit-canary' } as const;

interface World {
  readonly cluster?: ListedCluster | FaultCode;
  readonly azure?: readonly PermissionSet[] | FaultCode;
  readonly image?: 'image' | FaultCode;
  readonly maintenance?: 'none' | FaultCode;
  readonly kubernetes?: ((review: KubernetesReview) => boolean) | FaultCode;
}

function fail(code: FaultCode): never {
  throw new Fault(code, `made up: ${code}`);
}

function world(
  { cluster = LISTED, azure = ALL, image = 'image', maintenance = 'none', kubernetes = () => true }: World,
  asked: KubernetesReview[] = [],
): ExamineAccess {
  return {
    azure: {
      getCluster: async () => (typeof cluster === 'string' ? fail(cluster) : cluster),
      latestNodeImage: async () => (image === 'image' ? image : fail(image)),
      maintenanceConfigurations: async () => (maintenance === 'none' ? [] : fail(maintenance)),
    },
    access: {
      azurePermissions: async () => (typeof azure === 'string' ? fail(azure) : azure),
      kubernetesReview: async (_listed, reviews) => {
        asked.push(...reviews);
        return typeof kubernetes === 'string' ? fail(kubernetes) : reviews.map(kubernetes);
      },
    },
  };
}
const examine = (given: World, options: Parameters<typeof examineAccess>[2] = OFF) =>
  examineAccess(world(given), ID, options, AbortSignal.timeout(5_000));
const states = async (given: World) =>
  Object.fromEntries((await examine(given)).checks.map(({ permission, state }) => [permission.action.split('managedClusters/')[1], state]));

describe('examineAccess', () => {
  it('finds that everything is granted', async () => {
    const examination = await examine({});
    expect(examination.checks).toHaveLength(8);
    expect(lacking(examination)).toEqual([]);
  });

  it('reports what Azure denies', async () => {
    const azure = [{ actions: ['*/read'], notActions: ['*/upgradeProfiles/read'] }];
    expect(await states({ azure })).toMatchObject({
      read: 'allowed',
      'agentPools/upgradeProfiles/read': 'denied',
      'listClusterUserCredential/action': 'denied',
      'nodes/read': 'allowed',
    });
  });

  it('reports what the API server denies', async () => {
    const kubernetes = ({ resource }: KubernetesReview) => resource !== 'runtimeclasses';
    expect(await states({ kubernetes })).toMatchObject({ 'nodes/read': 'allowed', 'node.k8s.io/runtimeclasses/read': 'denied' });
  });

  it.each(['denied', 'unauthenticated', 'unreachable', 'not-found'] as const)(
    'reports the other permissions as unknown when the cluster is %s',
    async (cluster) => {
      const { checks, listed } = await examine({ cluster });
      const [first, ...rest] = checks;
      expect(rest).toHaveLength(7);
      expect(rest.map(({ permission }) => permission)).not.toContain(first?.permission);
      expect(first?.state).toBe(cluster === 'denied' ? 'denied' : 'unknown');
      expect(rest.map(({ state }) => state)).toEqual(rest.map(() => 'unknown'));
      expect(listed).toBeUndefined();
    },
  );

  it.each(['denied', 'unreachable', 'not-entra-integrated', 'stopped'] as const)(
    'reports the cluster’s part as unknown, with the reason, when its API server is %s',
    async (kubernetes) => {
      const { checks } = await examine({ kubernetes });
      const inside = checks.filter(({ permission }) => permission.plane === 'kubernetes');
      expect(inside.map(({ state, reason }) => [state, reason?.code])).toEqual(inside.map(() => ['unknown', kubernetes]));
    },
  );

  it('tries the read calls when permissions cannot be listed, and reports the others as unknown', async () => {
    const cluster = { ...LISTED, nodePools: observed([POOL]) };
    expect(await states({ cluster, azure: 'denied' })).toMatchObject({
      'agentPools/upgradeProfiles/read': 'allowed',
      'maintenanceConfigurations/read': 'allowed',
      'listClusterUserCredential/action': 'unknown',
    });
    expect(await states({ cluster, azure: 'denied', maintenance: 'denied' })).toMatchObject({
      'agentPools/upgradeProfiles/read': 'allowed',
      'maintenanceConfigurations/read': 'denied',
    });
    expect(await states({ cluster, azure: 'denied', image: 'denied' })).toMatchObject({ 'agentPools/upgradeProfiles/read': 'denied' });
    expect(await states({ cluster, azure: 'denied', image: 'throttled' })).toMatchObject({ 'agentPools/upgradeProfiles/read': 'unknown' });
  });

  it('checks a probe only when it is on, and a canary in its namespace', async () => {
    const asked: KubernetesReview[] = [];
    const options = { probe: 'canary', canaryNamespace: 'quarantine' } as const;
    const { checks } = await examineAccess(world({}, asked), ID, options, AbortSignal.timeout(5_000));
    expect(checks.map(({ permission }) => permission.purpose)).not.toContain('exec');
    expect(asked.filter(({ namespace }) => namespace === 'quarantine').map(({ verb }) => verb)).toEqual([
      'create',
      'get',
      'list',
      'get',
      'delete',
    ]);
  });

  it.each(['volumes', 'guardrail'] as const)('checks the optional permissions for %s only on request', async (purpose) => {
    const purposes = async (options: object) =>
      (await examine({}, { ...OFF, ...options })).checks.map(({ permission }) => permission.purpose);
    expect(await purposes({})).not.toContain(purpose);
    expect(await purposes({ [purpose]: true })).toContain(purpose);
  });

  it('reports for which purpose a permission is missing', async () => {
    const examination = await examine({ kubernetes: ({ subresource }) => subresource !== 'exec' }, { ...OFF, probe: 'exec' });
    expect(lacking(examination)).toEqual(['exec']);
  });

  it('of only an API server says who was refused, and asks for the name only after a refusal', async () => {
    const examined = (
      review: (reviews: readonly KubernetesReview[]) => Promise<readonly boolean[]>,
      whoAmI: () => Promise<string | undefined>,
    ) => examineKubernetes({ review, whoAmI }, 'kubeconfig:c', OFF);
    const never = () => expect.unreachable('Nothing was refused.');
    expect(await examined(async (reviews) => reviews.map(() => true), never)).not.toHaveProperty('user');
    expect(await examined(() => Promise.reject(new Fault('denied', '403')), never)).not.toHaveProperty('user');
    const one = async (reviews: readonly KubernetesReview[]) => reviews.map((_, at) => at > 0);
    const { clusterId, checks, user } = await examined(one, async () => 'anna');
    expect([clusterId, user, checks.map(({ state }) => state)]).toEqual([
      'kubeconfig:c',
      'anna',
      ['denied', 'allowed', 'allowed', 'allowed'],
    ]);
    expect(await examined(one, () => Promise.reject(new Fault('denied', '403')))).not.toHaveProperty('user');
  });

  it('does not hide a bug', async () => {
    const broken = { ...world({}), azure: { ...world({}).azure, getCluster: () => Promise.reject(new TypeError('bug')) } };
    await expect(examineAccess(broken, ID, OFF, AbortSignal.timeout(5_000))).rejects.toThrow('bug');
  });
});
