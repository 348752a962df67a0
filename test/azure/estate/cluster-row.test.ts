import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toListedCluster } from '../../../shared/azure/estate/cluster-row.ts';
import { Fault } from '../../../shared/domain/snapshot/fault.ts';
import type { NodePool } from '../../../shared/domain/snapshot/snapshot.ts';
import { CLUSTER_FIELDS, type FieldCase, isUnread, POOL_FIELDS, valueIn, WAYS, type Way, withField } from '../support/field-cases.ts';
import { aPoolRow, aRow, idOf } from '../support/rows.ts';

const read = toListedCluster;

/** The pools of a cluster with these rows. */
function poolsOf(...rows: readonly unknown[]): readonly NodePool[] {
  const { nodePools } = read(aRow('one', { agentPoolProfiles: rows }));
  return nodePools.state === 'observed' ? nodePools.value : expect.unreachable();
}

describe("a cluster in Azure's format", () => {
  it('is read from an answer that was recorded live', async () => {
    const { body } = JSON.parse(await readFile(new URL('../fixtures/arm-managed-cluster-kata.json', import.meta.url), 'utf8'));

    expect(read(body)).toEqual({
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
        publicFqdn: false,
        entraIntegrated: false,
        azureRbac: false,
        localAccountsDisabled: false,
        nodeOsUpgradeChannel: 'NodeImage',
        nodeProvisioning: 'Manual',
        fqdn: expect.stringContaining('azmk8s.io'),
        resourceUid: expect.any(String),
      },
      nodePools: {
        state: 'observed',
        coverage: { kind: 'full' },
        value: [
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
      },
    });
  });

  it('keeps the fields about security, upgrade channel and snapshot', () => {
    const pool = aPoolRow({
      enableFIPS: true,
      securityProfile: { enableSecureBoot: true, enableVTPM: true },
      creationData: { sourceResourceId: '/subscriptions/s/snapshots/one' },
    });
    const { settings } = read(
      aRow('one', { apiServerAccessProfile: { enablePrivateCluster: true }, nodeProvisioningProfile: { mode: 'Auto' } }),
    );

    expect(settings).toMatchObject({ privateCluster: true, nodeProvisioning: 'Auto', upgradeChannel: 'stable' });
    expect(poolsOf(pool)[0]).toMatchObject({
      enableFips: true,
      secureBoot: true,
      vtpm: true,
      snapshotId: '/subscriptions/s/snapshots/one',
    });
  });

  it.each(['KataMoonIsolation', 'kata', 'ocicontainer', 'WasmWasi'])(
    'keeps the runtime %s, also one of Kata that is unknown',
    (workloadRuntime) => {
      expect(poolsOf(aPoolRow({ workloadRuntime }))[0]).toMatchObject({ workloadRuntime });
    },
  );

  it.each([
    ['workloadRuntime', 'MyKata'],
    ['workloadRuntime', 'OCIContainers'],
    ['powerState', 'NotRunning'],
    ['powerState', 'Running?'],
  ])('takes no name that only contains a known one: %s %s', (of, name) => {
    const [pool] = poolsOf(aPoolRow({ [of]: of === 'powerState' ? { code: name } : name }));
    expect(pool).not.toHaveProperty(of);
    expect(pool?.unread).toMatchObject([{ of, problem: `"${name}" is not a known value` }]);
  });

  it.each([
    ['auto', undefined],
    ['Manual', undefined],
    ['NotAuto', '"NotAuto" is not a known value'],
    ['Manually', '"Manually" is not a known value'],
  ])('knows the mode of node provisioning to the letter: %s', (mode, problem) => {
    const { settings } = read(aRow('one', { nodeProvisioningProfile: { mode } }));
    expect(settings.nodeProvisioning).toBe(problem === undefined ? mode : undefined);
    expect(settings.unread?.[0]?.problem).toBe(problem);
  });

  it('keeps the letters of its name, which its id does not have', () => {
    expect(read({ ...aRow('One'), id: idOf('one') }).cluster.name).toBe('One');
    expect(read({ ...aRow('two'), id: idOf('One') }).cluster.name).toBe('One');
  });

  it("uses Azure's documented defaults for absent fields, and no others", () => {
    const { settings } = read(aRow('one', { powerState: null, aadProfile: null, currentKubernetesVersion: null }));

    expect(settings).toMatchObject({ powerState: 'Unknown', entraIntegrated: false, azureRbac: false, kubernetesVersion: '1.34' });
    expect(poolsOf({ name: 'kata1' })).toEqual([
      { name: 'kata1', mode: 'User', osType: 'Linux', enableFips: false, secureBoot: false, vtpm: false },
    ]);
  });

  it('converts a display name of a location to its identifier', () => {
    expect(read({ ...aRow('one'), location: 'West Europe' }).cluster.location).toBe('westeurope');
  });

  it('may consist of only an id', () => {
    const { cluster, settings, nodePools } = read({ id: idOf('One') });

    expect(cluster).toMatchObject({ name: 'One', location: '', tags: {} });
    expect(settings).toMatchObject({ powerState: 'Unknown' });
    // It may have pools: the answer contains nothing about them.
    expect(nodePools).toMatchObject({ state: 'unavailable' });
  });

  it.each([
    ['no id', {}],
    ['null', null],
    ['the id of something else', { ...aRow('one'), id: '/subscriptions/x' }],
    ['the id of one of its pools', { ...aRow('one'), id: `${idOf('one')}/agentPools/kata1` }],
  ])('is rejected with %s, because it does not say which cluster it is', (_, row) => {
    expect(() => read(row)).toThrow(Fault);
  });

  it('is rejected with at most 200 characters of an id that is none', () => {
    expect(() => read({ id: 'x'.repeat(201) })).toThrow(
      `The response is malformed: expected a cluster, got an entry with the id "${'x'.repeat(200)}".`,
    );
  });

  it('has the version of its pool, or the requested one until it has one', () => {
    expect(poolsOf(aPoolRow())[0]).toMatchObject({ kubernetesVersion: '1.34.2' });
    expect(poolsOf(aPoolRow({ currentOrchestratorVersion: null }))[0]).toMatchObject({ kubernetesVersion: '1.34' });
  });
});

describe('a virtual machines node pool', () => {
  const machines = (over: object) => poolsOf({ name: 'vms', type: 'VirtualMachines', provisioningState: 'Succeeded', ...over })[0];
  const status = [
    { size: 'Standard_D4s_v5', count: 2 },
    { size: 'Standard_D8s_v5', count: 1 },
  ];

  it.each([
    ['counts its machines', { virtualMachineNodesStatus: status }, 3, ['Standard_D4s_v5', 'Standard_D8s_v5']],
    [
      'counts machines of one size',
      { virtualMachineNodesStatus: [status[0], { size: 'Standard_D4s_v5', count: 1 }] },
      3,
      'Standard_D4s_v5',
    ],
    ['has its requested size while it is created', { virtualMachinesProfile: { scale: { manual: [status[0]] } } }, 2, 'Standard_D4s_v5'],
    // https://learn.microsoft.com/azure/aks/virtual-machines-node-pools: a profile with autoscale has no count of its own.
    [
      'has zero machines when it autoscales and has none',
      { virtualMachinesProfile: { scale: { autoscale: { size: 'standard_d2s_v3', minCount: 0, maxCount: 3 } } } },
      0,
      'standard_d2s_v3',
    ],
    ['has zero machines when its status is empty', { virtualMachineNodesStatus: [] }, 0, undefined],
    [
      'has the requested machines while its status is empty',
      { virtualMachineNodesStatus: [], virtualMachinesProfile: { scale: { manual: [status[0]] } } },
      2,
      'Standard_D4s_v5',
    ],
    ['is unknown when Azure returns nothing', {}, undefined, undefined],
    ['has the size of the machines that have one', { virtualMachineNodesStatus: [status[0], { count: 1 }] }, 3, 'Standard_D4s_v5'],
    [
      'counts the machines that it has, and not the requested ones',
      { virtualMachineNodesStatus: [status[0]], virtualMachinesProfile: { scale: { manual: [{ size: 'Standard_D4s_v5', count: 9 }] } } },
      2,
      'Standard_D4s_v5',
    ],
    [
      'is unknown when a machine group has no count',
      { virtualMachineNodesStatus: [{ size: 'Standard_D4s_v5' }] },
      undefined,
      'Standard_D4s_v5',
    ],
  ] as const)('%s', (_, over, count, sizes) => {
    const pool = machines(over);
    expect(pool?.count).toBe(count);
    expect(pool?.vmSizes ?? pool?.vmSize).toEqual(sizes);
    expect(pool?.unread).toBeUndefined();
  });

  it('has its own size or count where it has one', () => {
    const pool = machines({ vmSize: 'Standard_D2s_v5', virtualMachineNodesStatus: status });
    expect(pool).toMatchObject({ count: 3, vmSize: 'Standard_D2s_v5' });
    expect(pool).not.toHaveProperty('vmSizes');
    expect(machines({ count: 5, virtualMachineNodesStatus: status })).toMatchObject({
      count: 5,
      vmSizes: ['Standard_D4s_v5', 'Standard_D8s_v5'],
    });
  });

  it('names what cannot be read of its machines', () => {
    const group = 'agentPoolProfiles.vms.virtualMachineNodesStatus';
    expect(machines({ virtualMachineNodesStatus: [status[0], { size: 7, count: '1' }] })?.unread).toEqual([
      { of: 'vmSize', field: `${group}.1.size`, problem: 'expected a text, got a number' },
      { of: 'count', field: `${group}.1.count`, problem: 'expected a whole number, got a text' },
    ]);
  });

  it('with an unreadable status has an unknown count that names the field, and is otherwise complete', () => {
    const pool = machines({ virtualMachineNodesStatus: 'three', osSKU: 'Ubuntu' });
    expect(pool).toMatchObject({ osSku: 'Ubuntu', unread: [{ of: 'count', field: 'agentPoolProfiles.vms.virtualMachineNodesStatus' }] });
    expect(pool?.count).toBeUndefined();
  });
});

describe('the list of pools', () => {
  it('is empty when it is absent, as for a cluster with hosted system pools', () => {
    expect(read(aRow('one', { agentPoolProfiles: undefined })).nodePools).toEqual({
      state: 'observed',
      value: [],
      coverage: { kind: 'full' },
    });
  });

  it.each(['all', 7, { a: 'pool' }])('is unavailable, with the name of the field, when it is %j', (agentPoolProfiles) => {
    const { nodePools, settings } = read(aRow('one', { agentPoolProfiles }));
    expect(nodePools).toMatchObject({
      state: 'unavailable',
      reason: { code: 'malformed', message: expect.stringContaining('agentPoolProfiles') },
    });
    expect(settings.unread).toBeUndefined();
  });

  it.each([
    ['a pool without a name', { count: 1 }, 'agentPoolProfiles.1'],
    ['a pool whose name is a number', { name: 7 }, 'agentPoolProfiles.1.name'],
    ['null for a pool', null, 'agentPoolProfiles.1'],
    ['a second pool of one name', aPoolRow({ name: 'KATA1' }), 'KATA1'],
  ])('is incomplete with %s, and keeps the others', (_, row, what) => {
    const { nodePools } = read(aRow('one', { agentPoolProfiles: [aPoolRow(), row, aPoolRow({ name: 'other' })] }));
    expect(nodePools).toMatchObject({
      state: 'observed',
      value: [{ name: 'kata1' }, { name: 'other' }],
      coverage: { kind: 'truncated', message: expect.stringContaining(what) },
    });
  });
});

const some = (cases: readonly FieldCase[]) =>
  fc.uniqueArray(fc.record({ field: fc.constantFrom(...cases), way: fc.constantFrom<Way>(...WAYS) }), {
    selector: ({ field }) => field.path,
    minLength: 1,
    maxLength: 6,
  });
type Odd = { readonly field: FieldCase; readonly way: Way };
const oddly = (row: object, odd: readonly Odd[]) =>
  odd.reduce<object>((made, { field, way }) => withField(made, field.path, valueIn(way, field.kind)), row);

/** Checks that exactly the invalid fields are missing, and that the unreadable ones are named. */
function expectOnly(odd: readonly Odd[], plain: object, changed: { readonly unread?: readonly { of: string; field: string }[] }): void {
  const { unread = [], ...rest } = changed;
  const touched = new Set(odd.map(({ field }) => field.of));
  const without = (value: object) => Object.fromEntries(Object.entries(value).filter(([name]) => !touched.has(name)));
  expect(without(rest)).toEqual(without(plain));
  const unreadable = odd.filter(({ field, way }) => isUnread(field, way));
  expect(new Set(unread.map(({ of }) => of))).toEqual(new Set(unreadable.map(({ field }) => field.of)));
  for (const { field } of unreadable) {
    const [group = ''] = field.path.split('.').slice(-1);
    expect(unread.find(({ of }) => of === field.of)?.field).toContain(group);
    if (field.of !== 'powerState' && field.of !== 'kubernetesVersion') expect(Reflect.get(rest, field.of)).toBeUndefined();
  }
}

describe('a field that is absent, null, empty, unknown or of another type', () => {
  it.each(POOL_FIELDS.flatMap((field) => WAYS.map((way) => [field.path, way, field] as const)))(
    'affects only itself in a pool: %s %s',
    (_, way, field) => {
      const odd = [{ field, way }];
      const [pool] = poolsOf(oddly(aPoolRow(), odd));
      expectOnly(odd, poolsOf(aPoolRow())[0] ?? {}, pool ?? expect.unreachable());
    },
  );

  it.each(CLUSTER_FIELDS.flatMap((field) => WAYS.map((way) => [field.path, way, field] as const)))(
    'affects only itself in a cluster: %s %s',
    (_, way, field) => {
      const row = aRow('one');
      const odd = [{ field, way }];
      const made = read({ ...row, properties: oddly(Object(row.properties), odd) });
      expectOnly(odd, read(row).settings, made.settings);
      expect(made.nodePools).toEqual(read(row).nodePools);
      expect(made.cluster).toEqual(read(row).cluster);
    },
  );

  it('affects only itself when there are several, in cluster and pools at once', () => {
    const row = aRow('one');
    fc.assert(
      fc.property(some(CLUSTER_FIELDS), some(POOL_FIELDS), (ofCluster, ofPool) => {
        const pools = [aPoolRow({ name: 'good' }), oddly(aPoolRow(), ofPool)];
        const made = read({ ...row, properties: { ...oddly(Object(row.properties), ofCluster), agentPoolProfiles: pools } });
        const [good, kata] = made.nodePools.state === 'observed' ? made.nodePools.value : [];
        expectOnly(ofCluster, read(row).settings, made.settings);
        expectOnly(ofPool, poolsOf(aPoolRow())[0] ?? {}, kata ?? expect.unreachable());
        expect(good).toEqual(poolsOf(aPoolRow({ name: 'good' }))[0]);
      }),
    );
  });

  it.each([
    ['name', 'one', { name: 'one' }],
    ['location', '', { location: '' }],
  ] as const)('costs who the cluster is only itself: %s', (field, _, expected) => {
    const { cluster } = read({ ...aRow('one'), [field]: 7 });
    expect(cluster).toMatchObject({ ...expected, id: idOf('one').toLowerCase(), unread: [{ of: field, field }] });
  });

  it('affects only itself among tags', () => {
    const { cluster } = read({ ...aRow('one'), tags: { team: 'shop', cost: 7, none: null } });
    expect(cluster.tags).toEqual({ team: 'shop' });
    expect(cluster.unread).toEqual([{ of: 'tags', field: 'tags.cost', problem: 'expected a text' }]);
    expect(read({ ...aRow('one'), tags: { team: 'shop', none: null } }).cluster).not.toHaveProperty('unread');
  });

  it('makes every field unknown, by name, when none can be read', () => {
    const { settings, nodePools, cluster } = read({ id: idOf('one'), properties: 'moved' });
    expect(cluster.name).toBe('one');
    expect(new Set(settings.unread?.map(({ of }) => of))).toEqual(new Set(CLUSTER_FIELDS.map(({ of }) => of)));
    expect(nodePools.state).toBe('unavailable');
  });

  it('is reported in one short line, however hostile', () => {
    const hostile = `${'x'.repeat(5_000)}\n\u2028`;
    const { cluster, settings } = read({ ...aRow('one', { nodeProvisioningProfile: { mode: hostile } }), tags: { [hostile]: 1 } });
    for (const { field, problem } of [...(cluster.unread ?? []), ...(settings.unread ?? [])]) {
      expect(`${field} ${problem}`.length).toBeLessThan(700);
      expect(`${field} ${problem}`).not.toMatch(/[\n\u2028]/);
    }
  });

  it('never causes an exception, whatever value any field has', () => {
    const places = [...POOL_FIELDS.map(({ path }) => `pool.${path}`), ...CLUSTER_FIELDS.map(({ path }) => path)];
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.jsonValue({ maxDepth: 3 }), (place, value) => {
        const row = aRow('one');
        const made = place.startsWith('pool.')
          ? aRow('one', { agentPoolProfiles: [withField(aPoolRow(), place.slice(5), value)] })
          : { ...row, properties: withField(row.properties, place, value) };
        expect(read(made).cluster.name).toBe('one');
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('additional fields', () => {
  it('change nothing, wherever they are', () => {
    const plain = read(aRow('one'));
    const places = ['', 'properties.', 'properties.aadProfile.'];
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.stringMatching(/^[a-z]{1,8}$/), fc.jsonValue(), (place, name, value) => {
        expect(read(withField(aRow('one'), `${place}extra-${name}`, value))).toEqual(plain);
      }),
    );
  });
});
