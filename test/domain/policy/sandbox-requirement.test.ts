import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY, type Policy } from '../../../shared/domain/policy/policy.ts';
import {
  clusterRequirementOf,
  isAccepted,
  namespaceLabels,
  requiredNamespaces,
  sandboxRequirementOf,
  unreadLabel,
} from '../../../shared/domain/policy/sandbox-requirement.ts';
import { observed, unavailable } from '../../../shared/domain/snapshot/observation.ts';
import { aCluster, aNamespace, aPlainPodGroup } from '../../support/a-snapshot.ts';

const LABEL = 'kataudit.io/sandbox';
const seen = (labels: Record<string, string>, over = {}) => namespaceLabels(observed([{ ...aNamespace('shop', labels), ...over }]));
const hidden = namespaceLabels(unavailable('denied', 'Forbidden.'));
const names = (requirements: readonly { readonly name: string }[]) => requirements.map(({ name }) => name);

describe('what the policy requires of pods', () => {
  const group = aPlainPodGroup();
  const policy: Policy = {
    ...DEFAULT_POLICY,
    workloads: [
      { name: 'by namespace', namespaces: ['sh*'] },
      { name: 'elsewhere', namespaces: ['pay'] },
      { name: 'by pod', podLabels: { app: 'cart' } },
      { name: 'other pod', podLabels: { app: 'pay' } },
      { name: 'by label', namespaceLabels: { tier: 'gold' } },
      { name: 'by both', podLabels: { app: 'pay' }, namespaceLabels: { tier: 'gold' } },
    ],
  };

  it.each([
    ['a namespace with the label', group, seen({ tier: 'gold' }), ['by namespace', 'by pod', 'by label'], []],
    ['a namespace with more labels', group, seen({ tier: 'gold', a: 'b' }), ['by namespace', 'by pod', 'by label'], []],
    ['pods with more labels', aPlainPodGroup({ labels: { app: 'cart', a: 'b' } }), seen({}), ['by namespace', 'by pod'], []],
    ['a namespace without it', group, seen({}), ['by namespace', 'by pod'], []],
    ['a namespace that cannot be read', group, hidden, ['by namespace', 'by pod'], ['by label']],
    ['a namespace that is not in the list', group, namespaceLabels(observed([])), ['by namespace', 'by pod'], ['by label']],
    ['a namespace with truncated labels', group, seen({}, { labelsCut: 1 }), ['by namespace', 'by pod'], ['by label']],
    ['pods with truncated labels', aPlainPodGroup({ labelsCut: 1 }), seen({}), ['by namespace', 'by pod'], ['other pod']],
  ] as const)('is told for %s', (_, pods, namespaces, certain, possible) => {
    const requirement = sandboxRequirementOf(policy, pods, namespaces);
    expect([names(requirement.certain), names(requirement.possible)]).toEqual([certain, possible]);
  });

  it('is satisfied by a handler that every entry accepts, not only one of them', () => {
    const any = { name: 'any' };
    const confidential = { name: 'confidential', acceptedHandlers: ['kata-cc'] };
    expect([isAccepted('kata', [any]), isAccepted('kata', [any, confidential]), isAccepted('kata-cc', [any, confidential])]).toEqual([
      true,
      false,
      true,
    ]);
  });
});

describe('the sandbox label with an unknown value', () => {
  it.each([
    ['Required', 'namespace'],
    ['true', 'namespace'],
    ['yes', 'namespace'],
    ['', 'namespace'],
    ['required', undefined],
    ['none', undefined],
    ['not-required', undefined],
    ['false', undefined],
    ['no', undefined],
    ['off', undefined],
  ])('is reported for a namespace: %j', (value, on) => {
    expect(unreadLabel(DEFAULT_POLICY, aPlainPodGroup(), seen({ [LABEL]: value }))?.on).toBe(on);
  });

  it('is reported for the pods before their namespace', () => {
    expect(unreadLabel(DEFAULT_POLICY, aPlainPodGroup({ labels: { [LABEL]: 'on' } }), seen({ [LABEL]: 'Required' }))).toEqual({
      on: 'pods',
      value: 'on',
    });
  });

  it('is ignored when the policy does not use the label', () => {
    const policy: Policy = { ...DEFAULT_POLICY, workloads: [{ name: 'shops', namespaces: ['shop'] }] };
    expect(unreadLabel(policy, aPlainPodGroup(), seen({ [LABEL]: 'Required' }))).toBeUndefined();
  });
});

describe('what the policy requires of a cluster', () => {
  const clusters = [
    { name: 'tagged', clusters: ['sh*'], tags: { env: 'lab' }, kataPool: 'not-required' },
    { name: 'named', clusters: ['shop'], kataPool: 'required' },
    { name: 'any', kataPool: 'not-required' },
  ] as const;
  it.each([
    ['shop', { env: 'lab' }, 'tagged'],
    ['shop', { env: 'lab', team: 'a' }, 'tagged'],
    ['shop', {}, 'named'],
    ['pay', { env: 'lab' }, 'any'],
  ])('%s with the tags %o is decided by the first statement that fits: %s', (name, tags, expected) => {
    expect(clusterRequirementOf({ ...DEFAULT_POLICY, clusters }, aCluster({ name, tags }))?.name).toBe(expected);
    expect(clusterRequirementOf({ ...DEFAULT_POLICY, clusters: [] }, aCluster({ name, tags }))).toBeUndefined();
  });
});

describe('a label of our own beside another value', () => {
  it('is told of the namespace where that of the pods is read', () => {
    const pods = aPlainPodGroup({ labels: { [LABEL]: 'required' } });
    expect(unreadLabel(DEFAULT_POLICY, pods, seen({ [LABEL]: 'yes' }))).toEqual({ on: 'namespace', value: 'yes' });
    expect(unreadLabel(DEFAULT_POLICY, aPlainPodGroup(), hidden)).toBeUndefined();
  });

  it('is read by a statement about pods or about namespaces', () => {
    const by = (workload: object): Policy => ({ ...DEFAULT_POLICY, workloads: [{ name: 'a', ...workload }] });
    const own = aPlainPodGroup({ labels: { [LABEL]: 'strict' } });
    const read = [{ podLabels: { [LABEL]: 'strict' } }, { namespaceLabels: { [LABEL]: 'strict' } }, { podLabels: { [LABEL]: 'other' } }];
    expect(read.map((one) => unreadLabel(by(one), own, hidden)?.value)).toEqual([undefined, undefined, 'strict']);
  });
});

describe('the namespaces that a policy names', () => {
  const list = observed([aNamespace('shop', { tier: 'gold' }), aNamespace('shopping', {}), { ...aNamespace('pay', {}), labelsCut: 1 }]);
  const of = (...workloads: Policy['workloads']) => requiredNamespaces({ ...DEFAULT_POLICY, workloads }, list);

  it.each<[string, Policy['workloads'], readonly string[]]>([
    ['a name', [{ name: 'r', namespaces: ['shop'] }], ['shop']],
    ['a glob', [{ name: 'r', namespaces: ['SHOP*'] }], ['shop', 'shopping']],
    ['a label, which may be among those that were cut', [{ name: 'r', namespaceLabels: { tier: 'gold' } }], ['shop', 'pay']],
    ['a glob and a label', [{ name: 'r', namespaces: ['shop*'], namespaceLabels: { tier: 'gold' } }], ['shop']],
    ['a name, whatever the pods must carry', [{ name: 'r', namespaces: ['shop'], podLabels: { a: 'b' } }], ['shop']],
    [
      'several entries',
      [
        { name: 'r', namespaces: ['shop'] },
        { name: 's', namespaces: ['pay', 'absent'] },
      ],
      ['shop', 'pay'],
    ],
    ['no entry', [], []],
  ])('are those of %s', (_, workloads, expected) => expect(of(...workloads)).toEqual({ names: expected, of: 3 }));

  it('cannot be determined when an entry applies to every namespace, or the namespaces could not be read', () => {
    expect(of({ name: 'named', namespaces: ['shop'] }, { name: 'labelled pods', podLabels: { a: 'b' } })).toEqual({
      why: `the policy's entry "labelled pods" applies to pods of every namespace`,
    });
    expect(requiredNamespaces({ ...DEFAULT_POLICY, workloads: [] }, unavailable('denied', 'Forbidden.'))).toEqual({
      why: 'the namespaces could not be read: Forbidden.',
    });
  });
});
