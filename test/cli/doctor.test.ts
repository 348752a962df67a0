import { describe, expect, it } from 'vitest';
import { type DoctorOptions, type DoctorWorld, doctor } from '../../shared/cli/doctor.ts';
import { PERMISSIONS } from '../../shared/domain/access/permissions.ts';
import { Fault, type FaultCode } from '../../shared/domain/snapshot/fault.ts';
import type { Examination, PermissionCheck } from '../../shared/usecases/examine-access.ts';
import { aCluster } from '../support/a-snapshot.ts';
import { someSurroundings } from '../support/surroundings.ts';

const SUBSCRIPTION = '11111111-1111-1111-1111-111111111111';
const id = (name: string) =>
  `/subscriptions/${SUBSCRIPTION}/resourcegroups/rg/providers/microsoft.containerservice/managedclusters/${name}`;
const OPTIONS: DoctorOptions = { cluster: [id('a')], subscription: [], probe: 'off', canaryNamespace: 'kataudit-canary' };
const AUDIT = PERMISSIONS.filter(({ purpose }) => purpose === 'audit');

function examination(state: PermissionCheck['state'], code?: FaultCode): Omit<Examination, 'clusterId'> {
  const reason = code === undefined ? {} : { reason: { code, message: `why: ${code}\u001b[2J` } };
  return { checks: AUDIT.map((permission) => ({ permission, state, ...reason })) };
}

/** Runs the doctor over identical clusters; returns the exit code and the output. */
async function run(options: Partial<DoctorOptions>, found = examination('allowed'), over: Partial<DoctorWorld> = {}) {
  const here = someSurroundings();
  const examined: string[] = [];
  const code = await doctor(
    here,
    { ...OPTIONS, ...options },
    {
      clustersOf: async () => ({ clusters: [aCluster({ id: id('a') }), aCluster({ id: id('b') })] }),
      examine: async (clusterId) => {
        examined.push(clusterId);
        return { clusterId, ...found };
      },
      principalId: async () => '22222222-2222-2222-2222-222222222222',
      examineKubeconfig: async (file, context) => {
        examined.push(`${file} ${context ?? 'current'}`);
        return { clusterId: 'kubeconfig:lab', ...found };
      },
      ...over,
    },
  );
  return { code, examined, output: here.out() };
}

describe('kataudit doctor', () => {
  it('exits with 0 and prints no command when every permission is granted', async () => {
    const { code, output } = await run({});
    expect(code).toBe(0);
    expect(output).toContain('yes');
    expect(output).toContain('Microsoft.ContainerService/managedClusters/nodes/read');
    expect(output).not.toContain('az role');
  });

  it('exits with 1 and prints the commands for the identity when a permission is missing', async () => {
    const { code, output } = await run({}, examination('denied', 'denied'));
    expect(code).toBe(1);
    expect(output).toContain('az rest --method put --url ');
    expect(output).toContain('--assignee-object-id 22222222-2222-2222-2222-222222222222');
  });

  it('groups many clusters by permission, and does not group a single one', async () => {
    const both = await run({ cluster: [], subscription: [SUBSCRIPTION] }, examination('denied', 'denied'));
    expect(both.output).toMatch(/All 2 clusters, by permission/);
    expect(both.output).toMatch(/YES +NO +NOT KNOWN +PERMISSION/);
    expect(both.output).toMatch(/^0 +2 +0 +Microsoft\.ContainerService\/managedClusters\/read$/m);
    expect((await run({})).output).not.toContain('by permission');
  });

  it('checks the cluster of a kubeconfig without an Azure sign-in', async () => {
    const never = () => Promise.reject(new Error('Azure was asked.'));
    const { code, examined, output } = await run({ cluster: [], kubeconfig: 'a.yaml', context: 'lab' }, undefined, { principalId: never });
    expect({ code, examined }).toEqual({ code: 0, examined: ['a.yaml lab'] });
    expect(output).toContain('kubeconfig:lab');
  });

  it.each([
    ['who asks', { user: 'system:serviceaccount:audit:kataudit' }, {}, ' --serviceaccount=audit:kataudit '],
    ['who was told', { user: 'jo' }, { principal: 'someone' }, ' --user=someone '],
    ['a gap to fill in, where the server does not tell', {}, {}, ' --user=USER-NAME '],
  ])('grants what is missing in the cluster of a kubeconfig, naming %s', async (_, told, options, words) => {
    const { code, output } = await run({ cluster: [], kubeconfig: 'a.yaml', ...options }, { ...examination('denied'), ...told });
    expect(code).toBe(1);
    expect(output).toContain('For an administrator of the cluster to run');
    expect(output).toMatch(/^ {2}kubectl create clusterrole kataudit-auditor --context=lab /m);
    expect(output).toContain(words);
    expect(output).not.toContain('az ');
  });

  it('grants nothing in the cluster of a kubeconfig whose permissions are unknown', async () => {
    const { output } = await run({ cluster: [], kubeconfig: 'a.yaml' }, examination('unknown', 'unreachable'));
    expect(output).not.toContain('kubectl create');
  });

  it('asks for the sign-in before it checks anything', async () => {
    const fault = new Fault('unauthenticated', 'Cannot sign in: not signed in to Azure. Run `az login`.');
    await expect(run({}, undefined, { principalId: () => Promise.reject(fault), examine: () => expect.unreachable() })).rejects.toBe(fault);
  });

  it('exits with 2, and prints no grant, when the permissions are unknown', async () => {
    const { code, output } = await run({}, examination('unknown', 'unreachable'));
    expect(code).toBe(2);
    expect(output).toContain('not known');
    expect(output).not.toContain('az role');
    expect(output).toContain('Private clusters');
  });

  it.each([
    ['not-entra-integrated', 'az aks update --subscription 11111111-1111-1111-1111-111111111111 --resource-group rg --name a --enable-aad'],
    ['stopped', 'az aks start --subscription 11111111-1111-1111-1111-111111111111 --resource-group rg --name a'],
  ] as const)('says how to fix a cluster that is %s', async (code, command) => {
    expect((await run({}, examination('unknown', code))).output).toContain(command);
  });

  it('names another identity when one is given, and a placeholder when it is unknown', async () => {
    expect((await run({ principal: 'other' }, examination('denied'))).output).toContain('--assignee-object-id other');
    const unknown = await run({}, examination('denied'), { principalId: async () => undefined });
    expect(unknown.output).toContain('--assignee-object-id OBJECT-ID');
  });

  it('checks each cluster of a subscription once', async () => {
    const { examined } = await run({ subscription: [SUBSCRIPTION] });
    expect(examined).toEqual([id('a'), id('b')]);
  });

  it('prints a document for programs', async () => {
    const { output } = await run({ format: [{ format: 'json' }], subscription: [SUBSCRIPTION] }, examination('denied', 'denied'));
    const [first, second] = JSON.parse(output);
    expect(first).toMatchObject({
      clusterId: id('a'),
      checks: expect.any(Array),
      remedies: [expect.stringContaining('az rest --method put'), expect.stringContaining('az role assignment create')],
    });
    expect(first.checks[0]).toMatchObject({ action: AUDIT[0]?.action, plane: 'azure', purpose: 'audit', state: 'denied' });
    expect(second.clusterId).toBe(id('b'));
  });

  it('does not let its output control the terminal', async () => {
    const { output } = await run({}, examination('unknown', 'malformed'));
    expect(output).toContain('why: malformed');
    expect(output).not.toContain('\u001b');
  });

  it.each([
    [{ cluster: [] }, /Say what to check/],
    [{ cluster: ['/subscriptions/x'] }, /--cluster must be the ARM id/],
    [{ subscription: ['x'] }, /--subscription must be a GUID/],
    [{ kubeconfig: 'a' }, /cannot be combined with --cluster or --subscription/],
    [{ context: 'lab' }, /--context needs --kubeconfig/],
  ])('refuses %j', async (options, message) => {
    await expect(run(options)).rejects.toThrow(message);
  });

  it('reports that a subscription has no cluster', async () => {
    await expect(
      run({ cluster: [], subscription: [SUBSCRIPTION] }, undefined, { clustersOf: async () => ({ clusters: [] }) }),
    ).rejects.toThrow(/nothing to check/);
  });
});
