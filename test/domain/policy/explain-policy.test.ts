import { describe, expect, it } from 'vitest';
import { explainPolicy, type PolicyQuestion } from '../../../shared/domain/policy/explain-policy.ts';
import { DEFAULT_POLICY, type Exemption, type Policy, type WorkloadRequirement } from '../../../shared/domain/policy/policy.ts';

const NOW = new Date('2026-09-01T12:00:00Z');
const ask = (over: Partial<PolicyQuestion> = {}, policy: Partial<Policy> = {}) =>
  explainPolicy({ ...DEFAULT_POLICY, ...policy }, { cluster: 'shop', tags: {}, ...over }, NOW);
const { scope } = DEFAULT_POLICY;

describe('an explanation of the policy', () => {
  it.each<[string, Partial<Policy['scope']>, Record<string, string>, boolean, RegExp]>([
    ['names a cluster by include', {}, {}, true, /include \(\*\) names it/],
    ['excludes a cluster that include does not match', { include: ['pay-*'] }, {}, false, /does not name it/],
    ['excludes a cluster that exclude matches', { exclude: ['sh*'] }, {}, false, /exclude \(sh\*\) names it/],
    ['excludes by tags', { excludeTags: { env: 'dev' } }, { env: 'dev' }, false, /excludeTags \(env=dev\)/],
    ['excludes by tags among others', { excludeTags: { env: 'dev' } }, { env: 'dev', team: 'a' }, false, /excludeTags \(env=dev\)/],
    ['includes by tags among others', { includeTags: { env: 'prod' } }, { env: 'prod', team: 'a' }, true, /names it/],
    ['keeps what has some of the tags that exclude', { excludeTags: { env: 'dev', team: 'a' } }, { env: 'dev' }, true, /names it/],
    ['needs tags', { includeTags: { env: 'prod' } }, { env: 'dev' }, false, /lacks tags/],
  ])('%s', (_, over, tags, inScope, why) => {
    const explained = ask({ tags }, { scope: { ...scope, ...over } });
    expect(explained.inScope).toBe(inScope);
    expect(explained.scope).toMatch(why);
  });

  it('names the first entry that decides about the Kata pool', () => {
    expect(ask().kataPool).toMatchObject({ entry: 'clusters[1]', required: true });
    expect(ask({ tags: { 'kataudit.io/sandbox': 'none' } }).kataPool).toMatchObject({
      entry: 'clusters[0]',
      required: false,
      why: 'its tags have kataudit.io/sandbox=none',
    });
    const [named, both] = [{ clusters: ['sh*'] }, { clusters: ['sh*'], tags: { env: 'lab' } }].map((entry) =>
      ask({ tags: { env: 'lab', team: 'a' } }, { clusters: [{ name: 'n', kataPool: 'required', ...entry }] }),
    );
    expect(named?.kataPool?.why).toBe('its name shop matches sh*');
    expect(both?.kataPool?.why).toBe('its name shop matches sh*; its tags have env=lab');
    expect(ask({}, { clusters: [] }).kataPool).toBeUndefined();
  });

  it.each<[string, Partial<PolicyQuestion>, readonly string[]]>([
    ['depends on labels that were not given', { namespace: 'web' }, ['depends', 'depends']],
    ['uses labels that were given', { podLabels: { 'kataudit.io/sandbox': 'required' }, namespaceLabels: {} }, ['yes', 'no']],
    ['distinguishes no labels from labels that were not given', { podLabels: {} }, ['no', 'depends']],
  ])('%s', (_, over, expected) => expect(ask(over).workloads.map(({ holds }) => holds)).toEqual(expected));

  it.each<[string | undefined, string, RegExp]>([
    ['tenant-a', 'yes', /tenant-a matches tenant-\*/],
    ['web', 'no', /web does not match tenant-\*/],
    [undefined, 'depends', /for namespaces like tenant-\*/],
  ])('judges the namespace %s by globs: %s', (namespace, holds, why) => {
    const [entry] = ask(namespace === undefined ? {} : { namespace }, {
      workloads: [{ name: 'tenants', namespaces: ['tenant-*'] }],
    }).workloads;
    expect(entry?.holds).toBe(holds);
    expect(entry?.why).toMatch(why);
  });

  it('lists the exemptions that apply there, live and expired', () => {
    const base = { rule: 'workload-sandboxed', category: 'waiver', reason: 'r', approvedBy: 'a' } as const;
    const exemptions = [
      { ...base, id: 'live', namespace: 'web', workload: 'cart', expiresOn: '2026-09-01T12:00:01Z' },
      { ...base, id: 'expired', expiresOn: '2026-09-01T12:00:00Z' },
      { ...base, id: 'elsewhere', cluster: 'pay', expiresOn: '2027-01-01T00:00:00Z' },
      { ...base, id: 'other-namespace', namespace: 'api', expiresOn: '2027-01-01T00:00:00Z' },
    ];
    const listed = (namespace?: string) =>
      ask(namespace === undefined ? {} : { namespace }, { exemptions }).exemptions.map(({ exemption, live }) => `${exemption.id} ${live}`);
    expect(listed('web')).toEqual(['live true', 'expired false']);
    expect(listed()).toEqual(['live true', 'expired false', 'other-namespace true']);
  });
});

describe('the reach of an exemption in an explanation', () => {
  const CLUSTER =
    '/subscriptions/11111111-1111-4111-8111-111111111111/resourcegroups/rg/providers/microsoft.containerservice/managedclusters/';
  const exemption = (over: Partial<Exemption>): Exemption => ({
    ...{ id: 'e', rule: 'workload-sandboxed', category: 'waiver', reason: 'r', approvedBy: 'a', expiresOn: '2027-01-01T00:00:00Z' },
    ...over,
  });
  it.each<[string, Partial<Exemption>, boolean, boolean]>([
    ['of everything', {}, true, true],
    ['of a cluster by a glob', { cluster: 'SH*' }, true, true],
    ['of another cluster', { cluster: 'pay' }, false, false],
    ['of the cluster by its id', { clusterId: `${CLUSTER}Shop` }, true, true],
    ['of another cluster by its id', { clusterId: `${CLUSTER}pay` }, false, false],
    ['of an id that nobody can read', { clusterId: 'kubeconfig:shop' }, true, true],
    ['of a namespace', { namespace: 'w*' }, true, true],
    ['of another namespace', { namespace: 'api' }, true, false],
    ['of workloads', { kind: 'workload', workload: 'cart', ownerKind: 'Deployment' }, true, true],
    ['of nodes', { kind: 'node' }, true, false],
    ['of a pool', { pool: '*' }, true, false],
    ['of a class', { class: '*' }, true, false],
    ['of a node', { node: '*' }, true, false],
  ])('%s: listed for the cluster %o, and for a namespace', (_, over, forCluster, forNamespace) => {
    const listed = (question: Partial<PolicyQuestion>) => ask(question, { exemptions: [exemption(over)] }).exemptions.length > 0;
    expect([listed({}), listed({ namespace: 'web' }), listed({ cluster: 'SHOP' })]).toEqual([forCluster, forNamespace, forCluster]);
  });
});

describe('the reasons of an explanation', () => {
  it.each<[string, WorkloadRequirement, Partial<PolicyQuestion>, string, string]>([
    ['no condition', { name: 'a' }, { namespace: 'web' }, 'yes', 'it names every pod'],
    [
      'labels of the pod',
      { name: 'a', podLabels: { x: '1', y: '2' } },
      { podLabels: { x: '1', y: '2' } },
      'yes',
      'the pod has the labels x=1, y=2',
    ],
    ['a label that is missing', { name: 'a', podLabels: { x: '1' } }, { podLabels: {} }, 'no', 'the pod lacks the labels x=1'],
    ['a label that nobody told', { name: 'a', podLabels: { x: '1' } }, {}, 'depends', 'if the pod has the labels x=1'],
    [
      'a label that is missing before one that nobody told',
      { name: 'a', namespaceLabels: { n: '1' }, podLabels: { x: '1' } },
      { podLabels: {} },
      'no',
      'the pod lacks the labels x=1',
    ],
    [
      'everything that holds',
      { name: 'a', namespaces: ['w*', 'x'], namespaceLabels: { n: '1' } },
      { namespace: 'web', namespaceLabels: { n: '1' } },
      'yes',
      'the namespace web matches w*, x; the namespace has the labels n=1',
    ],
    ['namespaces, where none is asked about', { name: 'a', namespaces: ['w*'] }, {}, 'depends', 'for namespaces like w*'],
  ])('are told of %s', (_, workload, question, holds, why) => {
    expect(ask(question, { workloads: [workload] }).workloads).toEqual([{ entry: 'workloads[0]', name: 'a', holds, why }]);
  });

  it('include the statement that decides about a cluster', () => {
    const clusters = [
      { name: 'other', clusters: ['pay'], kataPool: 'required' },
      { name: 'own', clusters: ['s*', 'x'], tags: { a: 'b' }, kataPool: 'required' },
    ] as const;
    expect(ask({ tags: { a: 'b' } }, { clusters }).kataPool).toEqual({
      entry: 'clusters[1]',
      name: 'own',
      holds: 'yes',
      required: true,
      why: 'its name shop matches s*, x; its tags have a=b',
    });
    expect(ask({ tags: {} }, { clusters }).kataPool).toBeUndefined();
  });

  it('are those of the scope that leaves nothing out by tags that it does not name', () => {
    expect(ask({ tags: {} }, { scope: { ...scope, excludeTags: {} } }).inScope).toBe(true);
    expect(ask({ tags: { env: 'dev' } }, { scope: { ...scope, excludeTags: { env: 'lab' }, includeTags: { env: 'dev' } } }).inScope).toBe(
      true,
    );
    expect(ask({}, { scope: { ...scope, include: ['sh*', 'x'] } }).scope).toBe('scope.include (sh*, x) names it');
  });
});
