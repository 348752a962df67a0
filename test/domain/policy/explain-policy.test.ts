import { describe, expect, it } from 'vitest';
import { explainPolicy, type PolicyQuestion } from '../../../shared/domain/policy/explain-policy.ts';
import { DEFAULT_POLICY, type Policy } from '../../../shared/domain/policy/policy.ts';

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
