import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBody } from '../../../shared/azure/client/body.ts';
import { ClusterRow, pageOf, toListedCluster } from '../../../shared/azure/estate/cluster-row.ts';
import { Fault } from '../../../shared/domain/snapshot/fault.ts';
import { aPoolRow, aRow, idOf } from '../support/rows.ts';

const read = (row: unknown) => toListedCluster(parseBody(ClusterRow, JSON.stringify(row), 'read a cluster'));
const problem = (row: unknown) => {
  try {
    read(row);
  } catch (error) {
    if (error instanceof Fault) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'fine';
};

/** The row with the value at a path replaced; `undefined` removes it. */
function withAt(row: unknown, path: readonly (string | number)[], value: unknown): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return value;
  if (Array.isArray(row)) return row.map((entry, at) => (at === name ? withAt(entry, rest, value) : entry));
  const record = typeof row === 'object' && row !== null ? Object.fromEntries(Object.entries(row)) : {};
  const changed = withAt(record[name], rest, value);
  return { ...record, [name]: changed };
}

const POOL = ['properties', 'agentPoolProfiles', 0] as const;
const REQUIRED = [
  ['id'],
  ['name'],
  ['location'],
  ['properties'],
  ['properties', 'provisioningState'],
  ['properties', 'agentPoolProfiles'],
  [...POOL, 'name'],
  [...POOL, 'count'],
  [...POOL, 'vmSize'],
  [...POOL, 'provisioningState'],
];
const OPTIONAL_TEXT = [
  ['properties', 'kubernetesVersion'],
  ['properties', 'powerState', 'code'],
  ['properties', 'autoUpgradeProfile', 'upgradeChannel'],
  ['properties', 'autoUpgradeProfile', 'nodeOSUpgradeChannel'],
  ['properties', 'nodeProvisioningProfile', 'mode'],
  ...['mode', 'osType', 'osSKU', 'workloadRuntime', 'nodeImageVersion', 'orchestratorVersion', 'currentOrchestratorVersion'].map((name) => [
    ...POOL,
    name,
  ]),
  [...POOL, 'powerState', 'code'],
  [...POOL, 'creationData', 'sourceResourceId'],
];
const FLAGS = [
  ['properties', 'disableLocalAccounts'],
  ['properties', 'aadProfile', 'managed'],
  ['properties', 'aadProfile', 'enableAzureRBAC'],
  ['properties', 'apiServerAccessProfile', 'enablePrivateCluster'],
  [...POOL, 'enableFIPS'],
  [...POOL, 'securityProfile', 'enableSecureBoot'],
  [...POOL, 'securityProfile', 'enableVTPM'],
];

describe('a cluster as Azure writes it', () => {
  it('is read from an answer that was recorded live', async () => {
    const { body } = JSON.parse(await readFile(new URL('../fixtures/arm-managed-cluster-kata.json', import.meta.url), 'utf8'));

    const listed = read(body);

    expect(listed).toEqual({
      cluster: {
        id: '/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/clitest000001/providers/microsoft.containerservice/managedclusters/cliakstest000001',
        name: 'cliakstest000001',
        subscriptionId: '00000000-0000-0000-0000-000000000000',
        resourceGroup: 'clitest000001',
        location: 'westus2',
        tags: {},
      },
      settings: {
        kubernetesVersion: '1.32.7',
        powerState: 'Running',
        provisioningState: 'Creating',
        privateCluster: false,
        entraIntegrated: false,
        azureRbac: false,
        localAccountsDisabled: false,
        nodeOsUpgradeChannel: 'NodeImage',
        nodeProvisioning: 'Manual',
      },
      nodePools: [
        {
          name: 'nodepool1',
          mode: 'System',
          count: 1,
          vmSize: 'Standard_D4s_v3',
          osType: 'Linux',
          osSku: 'AzureLinux',
          workloadRuntime: 'KataVmIsolation',
          nodeImageVersion: 'AKSAzureLinux-V3katagen2-202510.03.1',
          kubernetesVersion: '1.32.7',
          provisioningState: 'Creating',
          powerState: 'Running',
          enableFips: false,
          secureBoot: false,
          vtpm: false,
        },
      ],
    });
  });

  it('keeps what it says of security, of its channel and of its snapshot', () => {
    const pool = {
      enableFIPS: true,
      securityProfile: { enableSecureBoot: true, enableVTPM: true },
      creationData: { sourceResourceId: '/subscriptions/s/snapshots/one' },
    };
    const row = aRow('one', {
      agentPoolProfiles: [aPoolRow(pool)],
      apiServerAccessProfile: { enablePrivateCluster: true },
      nodeProvisioningProfile: { mode: 'Auto' },
    });

    const { settings, nodePools } = read(row);

    expect(settings).toMatchObject({ privateCluster: true, nodeProvisioning: 'Auto', upgradeChannel: 'stable' });
    expect(nodePools[0]).toMatchObject({ enableFips: true, secureBoot: true, vtpm: true, snapshotId: '/subscriptions/s/snapshots/one' });
  });

  it('keeps a workload runtime that nobody has heard of', () => {
    expect(read(aRow('one', { agentPoolProfiles: [aPoolRow({ workloadRuntime: 'KataMoonIsolation' })] })).nodePools[0]).toMatchObject({
      workloadRuntime: 'KataMoonIsolation',
    });
  });

  it('takes for granted what Azure does when nothing is said, and nothing else', () => {
    const bare = { name: 'kata1', count: 0, vmSize: 'Standard_D4s_v5', provisioningState: 'Succeeded' };
    const row = aRow('one', { agentPoolProfiles: [bare], powerState: null, aadProfile: null, currentKubernetesVersion: null });

    const { settings, nodePools } = read(row);

    expect(settings).toMatchObject({ powerState: 'Unknown', entraIntegrated: false, azureRbac: false, kubernetesVersion: '1.34' });
    expect(nodePools).toEqual([{ ...bare, mode: 'User', osType: 'Linux', enableFips: false, secureBoot: false, vtpm: false }]);
  });

  it('counts a pool of single machines by its machines', () => {
    const machines = [
      { size: 'Standard_D4s_v5', count: 2 },
      { size: 'Standard_D8s_v5', count: 1 },
    ];
    const pool = aPoolRow({ count: null, vmSize: null, virtualMachineNodesStatus: machines });

    expect(read(aRow('one', { agentPoolProfiles: [pool] })).nodePools[0]).toMatchObject({
      count: 3,
      vmSize: 'Standard_D4s_v5, Standard_D8s_v5',
    });
  });

  it('lets a pool that Azure manages be silent about its size', () => {
    const pool = aPoolRow({ mode: 'ManagedSystem', count: null, vmSize: undefined });

    expect(read(aRow('one', { agentPoolProfiles: [pool] })).nodePools[0]).toMatchObject({ mode: 'ManagedSystem', count: 0, vmSize: '' });
  });

  it('writes a location as its identifier, however it is displayed', () => {
    expect(read({ ...aRow('one'), location: 'West Europe' }).cluster.location).toBe('westeurope');
  });
});

describe('a malformed cluster', () => {
  it.each(REQUIRED.map((path) => [path.join('.'), path] as const))(
    'is refused when %s is missing, null or of another type',
    (name, path) => {
      for (const value of [undefined, null, { an: 'object' }, true]) {
        expect(problem(withAt(aRow('one'), path, value))).toMatch(new RegExp(`^malformed: .*${name.replaceAll('.', '\\.')}`));
      }
    },
  );

  it.each(OPTIONAL_TEXT.map((path) => [path.join('.'), path] as const))('is refused when %s is not a text', (name, path) => {
    for (const value of [1, true, [], {}, '']) expect(problem(withAt(aRow('one'), path, value))).toContain(`${name}: `);
    expect(problem(withAt(aRow('one'), path, null))).toBe('fine');
  });

  it.each(FLAGS.map((path) => [path.join('.'), path] as const))('is refused when %s is not a truth value', (name, path) => {
    for (const value of [0, 'false', 'true', {}]) expect(problem(withAt(aRow('one'), path, value))).toContain(`${name}: `);
    expect(problem(withAt(aRow('one'), path, null))).toBe('fine');
  });

  it.each([
    ['a count below zero', withAt(aRow('one'), [...POOL, 'count'], -1), 'agentPoolProfiles.0.count'],
    ['half a node', withAt(aRow('one'), [...POOL, 'count'], 0.5), 'agentPoolProfiles.0.count'],
    ['an id of something else', { ...aRow('one'), id: '/subscriptions/x' }, 'id'],
    ['the id of one of its pools', { ...aRow('one'), id: `${idOf('one')}/agentPools/kata1` }, 'id'],
    ['a name that is not the one in its id', { ...aRow('one'), name: 'two' }, 'name'],
    ['no version at all', aRow('one', { kubernetesVersion: null, currentKubernetesVersion: null }), 'properties.kubernetesVersion'],
    ['two pools of one name', aRow('one', { agentPoolProfiles: [aPoolRow(), aPoolRow({ name: 'KATA1' })] }), 'agentPoolProfiles'],
    ['a tag that is a number', { ...aRow('one'), tags: { cost: 7 } }, 'tags.cost'],
  ])('is refused for %s', (_, row, name) => {
    expect(problem(row)).toMatch(/^malformed: /);
    expect(problem(row)).toContain(name);
  });

  it('is told in one short line, however hostile the names in it', () => {
    const text = problem({ ...aRow('one'), tags: { [`${'x'.repeat(5_000)}\n\u2028`]: 1 } });

    expect(text.length).toBeLessThan(500);
    expect(text).not.toMatch(/[\n\u2028]/);
  });

  it('is a fault and never a bug, whatever stands anywhere in an answer', () => {
    const leaves = [...REQUIRED, ...OPTIONAL_TEXT, ...FLAGS];
    fc.assert(
      fc.property(fc.constantFrom(...leaves), fc.jsonValue({ maxDepth: 3 }), (path, value) => {
        expect(problem(withAt(aRow('one'), path, value))).toMatch(/^(fine$|malformed: )/);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is a fault and never a bug, whatever the whole answer is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        try {
          parseBody(pageOf(ClusterRow), text, 'list');
        } catch (error) {
          expect(error).toBeInstanceOf(Fault);
          return;
        }
        expect(JSON.parse(text)).toHaveProperty('value');
      }),
    );
  });
});

describe('fields that nobody asked for', () => {
  it('change nothing, wherever they stand', () => {
    const plain = read(aRow('one'));
    const places = [[], ['properties'], POOL, ['properties', 'aadProfile'], [...POOL, 'securityProfile']];
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.string({ minLength: 1 }), fc.jsonValue(), (place, name, value) => {
        expect(read(withAt(aRow('one'), [...place, `extra-${name}`], value))).toEqual(plain);
      }),
    );
  });
});
