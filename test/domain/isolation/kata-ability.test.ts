import { describe, expect, it } from 'vitest';
import {
  hasKata,
  isKataNode,
  isStopped,
  kataAbility,
  kataNotKnown,
  listsHandler,
  livesBetweenRuns,
  standsForWorkload,
} from '../../../shared/domain/isolation/kata-evidence.ts';
import { checkKataNode, checkKataNodes } from '../../../shared/domain/isolation/kata-node-check.ts';
import { observed, unavailable } from '../../../shared/domain/snapshot/observation.ts';
import type { PodGroup } from '../../../shared/domain/snapshot/pod-group.ts';
import type { KubernetesNode } from '../../../shared/domain/snapshot/snapshot.ts';
import { aKataNode, aKataPool, aPlainNode, aPlainPool, aPodGroup, KATA_IMAGE, NOW, PLAIN_IMAGE } from '../../support/a-snapshot.ts';

const KATA_LABEL = 'kubernetes.azure.com/kata-vm-isolation';

/** A node whose kubelet is too old to list handlers (before Kubernetes 1.30), with only the fields of the test case. */
function anOldNode({ nodeImageVersion, ...over }: Partial<KubernetesNode>): KubernetesNode {
  const { runtimeHandlers: _, nodeImageVersion: __, ...node } = aKataNode({ labels: {}, kernelVersion: '6.6.137.mshv2-2.azl3', ...over });
  return { ...node, ...(nodeImageVersion === undefined ? {} : { nodeImageVersion }) };
}

describe('whether a node can start sandboxed pods', () => {
  it.each<[string, KubernetesNode, boolean | undefined]>([
    ['that lists a Kata handler', aKataNode(), true],
    ['that lists none, whatever its label', aPlainNode({ labels: { [KATA_LABEL]: 'true' } }), false],
    ['that lists only runc under a Kata name', aPlainNode({ runtimeHandlers: ['katacli'] }), false],
    ['with a Kata image', anOldNode({ nodeImageVersion: KATA_IMAGE }), true],
    ['with another image and the label', anOldNode({ nodeImageVersion: PLAIN_IMAGE, labels: { [KATA_LABEL]: 'true' } }), false],
    ['with only the label', anOldNode({ labels: { [KATA_LABEL]: 'true' } }), true],
    ['with the label of the preview', anOldNode({ labels: { 'kubernetes.azure.com/kata-mshv-vm-isolation': 'true' } }), true],
    ['with the label of confidential pods', anOldNode({ labels: { 'kubernetes.azure.com/kata-cc-isolation': 'true' } }), true],
    ['with the label set to false', anOldNode({ labels: { [KATA_LABEL]: 'false' } }), false],
    ['without image and label', anOldNode({}), false],
    [
      'with the label and a kernel of another kind',
      anOldNode({ labels: { [KATA_LABEL]: 'true' }, kernelVersion: '5.15.0-1101-azure' }),
      undefined,
    ],
    [
      'with a Kata image and a kernel of another kind',
      anOldNode({ nodeImageVersion: KATA_IMAGE, kernelVersion: '5.15.0-1101-azure' }),
      undefined,
    ],
    ['with the label and an unknown kernel', anOldNode({ labels: { [KATA_LABEL]: 'true' }, kernelVersion: '' }), true],
  ])('is decided for one %s', (_, node, expected) => {
    expect(kataAbility(node)).toBe(expected);
    expect(isKataNode(node)).toBe(expected === true);
  });

  it('counts a handler that the policy accepts, and no other', () => {
    const node = aPlainNode({ runtimeHandlers: ['', 'runc', 'kata-qemu'] });
    expect([isKataNode(node), isKataNode(node, ['kata-q*']), isKataNode(node, ['kata-clh'])]).toEqual([false, true, false]);
  });

  it('is unknown for an old node and a handler that is not from AKS', () => {
    const old = anOldNode({ nodeImageVersion: KATA_IMAGE });
    expect([listsHandler(old, 'kata'), listsHandler(old, 'kata-qemu'), listsHandler(aKataNode(), 'kata-qemu')]).toEqual([
      true,
      undefined,
      false,
    ]);
  });
});

it('a node is judged anew when more is known of images, and by each handler', () => {
  const nodeImageVersion = 'AKSAzureLinux-V3katagen2-203001.01.0';
  const node = aKataNode({ nodeImageVersion });
  const known = { kernels: [{ nodeImageVersion, guestKernel: '', nodeKernel: '7', kataVersion: '' }], newest: [] };
  expect(checkKataNode(node, 'kata')).toMatchObject({ starts: true, note: expect.stringContaining('unknown') });
  expect(checkKataNode(node, 'kata', known)).toMatchObject({ doubt: expect.stringContaining('came with 7') });
  expect(checkKataNode(node, 'kata-preview')).toEqual({ starts: false });
  expect(checkKataNode(node, 'kata')).not.toHaveProperty('doubt');
});

it('of nodes that should start pods leaves out those that cannot, and reports the first doubt, and each note once', () => {
  const unknown = 'AKSAzureLinux-V3katagen2-203001.01.0';
  const { nodeImageVersion: _, ...bare } = aKataNode({ name: 'bare' });
  const nodes = [
    aKataNode({ name: 'plain', runtimeHandlers: [''], nodeImageVersion: 'odd' }),
    aKataNode({ nodeImageVersion: unknown, labels: {} }),
    aKataNode({ nodeImageVersion: unknown }),
    aKataNode({ nodeImageVersion: unknown }),
    bare,
    aKataNode({ nodeImageVersion: 'odd' }),
  ];
  expect(checkKataNodes(nodes, 'kata')).toEqual({
    doubt: 'The image of the node bare is unknown.',
    notes: [`The image ${unknown} is unknown: its kernel was not compared.`],
  });
});

describe('whether a cluster has Kata', () => {
  const none = unavailable('denied', 'Forbidden.');
  it.each([
    ['a Kata pool', observed([aKataPool()]), none, true],
    ['a Kata node', none, observed([aPlainNode(), aKataNode()]), true],
    ['neither', observed([aPlainPool()]), observed([aPlainNode()]), false],
    ['no Kata pool and unreadable nodes', observed([aPlainPool()]), none, undefined],
  ] as const)('is told of one with %s', (_, pools, nodes, expected) => {
    expect(hasKata(pools, nodes)).toBe(expected);
  });

  const unread = [{ of: 'workloadRuntime', field: 'workloadRuntime', problem: 'expected a text, got a number' }];
  const odd = observed([aPlainPool(), aPlainPool({ unread })]);
  it.each([
    ['plain nodes alone', odd, observed([aPlainNode()]), undefined],
    ['a Kata node', odd, observed([aKataNode()]), true],
    ['a Kata pool', observed([aKataPool(), aPlainPool({ unread })]), none, true],
    ['plain nodes alone, and pools that are hidden', none, observed([aPlainNode()]), false],
  ] as const)('is told of one with a pool that cannot be read and %s', (_, pools, nodes, expected) => {
    expect(hasKata(pools, nodes)).toBe(expected);
  });

  it('is unknown for a reason that is given where there is one', () => {
    expect(kataNotKnown(odd)).toMatch(/is unknown\. Azure's answer cannot be read in workloadRuntime/);
    expect([none, observed([aPlainPool()])].map((pools) => kataNotKnown(pools))).toEqual(
      Array(2).fill('Whether the cluster has Kata nodes is unknown.'),
    );
  });

  it('treats a pool without a power state as running', () => {
    expect([isStopped({}), isStopped(aKataPool({ powerState: 'stopped' }))]).toEqual([false, true]);
  });
});

describe('pods that represent their workload', () => {
  const finished = (over: Partial<PodGroup>): PodGroup =>
    aPodGroup({ phases: { pending: 0, running: 0, succeeded: 1, failed: 1, unknown: 0 }, ...over });
  const ended = (minutesAgo: number, phase: 'succeeded' | 'failed') => ({
    lastEnded: { at: new Date(Date.parse(NOW) - minutesAgo * 60_000).toISOString(), phase },
  });

  it.each<[string, PodGroup, boolean]>([
    ['living ones', aPodGroup(), true],
    ['of which one waits', finished({ phases: { pending: 1, running: 0, succeeded: 1, failed: 0, unknown: 0 } }), true],
    ['of which one runs', finished({ phases: { pending: 0, running: 1, succeeded: 1, failed: 0, unknown: 0 } }), true],
    ['of an unknown phase', aPodGroup({ phases: { pending: 0, running: 0, succeeded: 0, failed: 0, unknown: 1 } }), true],
    ['finished ones of a Deployment', finished({ ...ended(1, 'failed') }), false],
    ['finished ones of a CronJob’s newest run', finished({ ownerKind: 'CronJob', lastRunAt: NOW, ...ended(600, 'succeeded') }), true],
    ['of a Job that failed fifteen minutes ago', finished({ ownerKind: 'Job', ...ended(15, 'failed') }), true],
    ['of a Job that failed sixteen minutes ago', finished({ ownerKind: 'Job', ...ended(16, 'failed') }), false],
    ['of a Job that succeeded', finished({ ownerKind: 'Job', ...ended(1, 'succeeded') }), false],
    ['of a Job of another group', finished({ ownerKind: 'Job', ownerGroup: 'batch.volcano.sh', ...ended(1, 'failed') }), false],
  ])('are %s', (_, group, expected) => {
    expect(standsForWorkload(group, NOW)).toBe(expected);
    expect(livesBetweenRuns(aPodGroup(), NOW)).toBe(false);
  });
});
