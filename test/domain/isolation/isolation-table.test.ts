import { expect, it } from 'vitest';
import { type IsolationRow, isolationTable } from '../../../shared/domain/isolation/isolation-table.ts';
import { observed, unavailable } from '../../../shared/domain/snapshot/observation.ts';
import type { IsolationProof } from '../../../shared/domain/snapshot/snapshot.ts';
import { anExecProof } from '../../support/a-proof.ts';
import {
  aKataNode,
  aPlainNode,
  aPlainPodGroup,
  aPodGroup,
  aRuntimeClass,
  aSnapshot,
  type SnapshotParts,
} from '../../support/a-snapshot.ts';

const NODE = aKataNode();
const PLAIN = aPlainNode({ bootId: 'plain-boot' });
const OWN = { state: 'read', bootId: 'own', kernel: '6.6.137.mshv1-1.azl3' } as const;
const aProof = (over: Partial<IsolationProof> = {}) => anExecProof({ result: OWN, ...over });
const canary = (over: Partial<IsolationProof> = {}) => aProof({ method: 'canary', ownerKind: 'Canary', ...over });
const control = (over: Partial<IsolationProof> = {}): IsolationProof => {
  const { runtimeClassName: _, ...rest } = canary({ result: { state: 'read', bootId: NODE.bootId, kernel: NODE.kernelVersion }, ...over });
  return rest;
};
const onPlain = { node: PLAIN.name, nodePool: 'system', nodeBootId: PLAIN.bootId, nodeKernel: PLAIN.kernelVersion };
const nothing = { workloads: observed([]) };
const table = (over: SnapshotParts, ...proofs: readonly IsolationProof[]) =>
  isolationTable(aSnapshot({ nodes: observed([PLAIN, NODE]), isolationProofs: observed(proofs), ...over }));
const ofWorkload = (...proofs: readonly IsolationProof[]) => table({ nodes: observed([NODE]) }, ...proofs).at(-1);

it('shows for each kind of node a plain pod first, then the sandboxed ones', () => {
  expect(
    table({}).map(({ kind, subject, node, nodeKernel, runtime, bootIds, step }) => [
      kind,
      subject,
      node,
      nodeKernel,
      runtime,
      bootIds,
      step,
    ]),
  ).toEqual([
    ['runc pod on a plain node', 'pool system', PLAIN.name, PLAIN.kernelVersion, 'runc', 'not read', 'none'],
    ['runc pod on a Kata node', 'pool kata1', NODE.name, NODE.kernelVersion, 'runc', 'not read', 'none'],
    ['sandboxed pod', 'shop/Deployment/cart', NODE.name, NODE.kernelVersion, 'kata-vm-isolation (handler kata)', 'not read', 'resolved'],
  ]);
});

it.each<[string, IsolationProof, Partial<IsolationRow>]>([
  [
    'a plain node that shares its kernel',
    control({ ...onPlain, result: { state: 'read', bootId: PLAIN.bootId } }),
    { kind: 'runc pod on a plain node', bootIds: 'equal', why: expect.stringMatching(/^As expected/) },
  ],
  [
    'a Kata node that shares its kernel',
    control(),
    { kind: 'runc pod on a Kata node', podKernel: NODE.kernelVersion, bootIds: 'equal', why: expect.stringMatching(/^As expected/) },
  ],
  [
    'a Kata node that does not',
    control({ result: OWN }),
    { kind: 'runc pod on a Kata node', bootIds: 'different', why: expect.stringMatching(/boot ids prove nothing/) },
  ],
  [
    'a Kata node that could not be read',
    control({ result: { state: 'unknown', reason: 'No tool.' } }),
    { bootIds: 'not read', why: 'It could not be read: No tool.' },
  ],
])('shows the control on %s instead of the node’s own value', (_, proof, expected) => {
  const rows = table(nothing, proof).filter(({ kind }) => kind === (expected.kind ?? 'runc pod on a Kata node'));
  expect(rows).toEqual([
    expect.objectContaining({
      subject: `canary in pool ${proof.nodePool}`,
      node: proof.node,
      nodeKernel: proof.nodeKernel,
      runtime: 'runc',
      step: 'none',
      ...expected,
    }),
  ]);
});

it('uses no control from a pod that is not a canary, or from a node of the other kind', () => {
  const { runtimeClassName: _, ...plain } = aProof();
  expect(table(nothing, plain).map(({ subject }) => subject)).toEqual(['pool system', 'pool kata1']);
  const onSystem = canary({ node: PLAIN.name, nodePool: 'system' });
  expect(table(nothing, onSystem).map(({ subject }) => subject)).toEqual(['pool system', 'pool kata1', 'canary in pool system']);
  expect(table(nothing, control()).map(({ subject }) => subject)).toEqual(['pool system', 'canary in pool kata1']);
});

it('recognizes a Kata node by the handlers that the policy accepts, and names a node without a pool individually', () => {
  const { nodePool: _, ...loose } = aPlainNode({ runtimeHandlers: ['kata-qemu'] });
  const rows = table({ ...nothing, nodes: observed([loose]), acceptedHandlers: ['kata-qemu'] });
  expect(rows.map(({ kind, subject }) => [kind, subject])).toEqual([['runc pod on a Kata node', `node ${loose.name}`]]);
});

it.each<[string, SnapshotParts, IsolationProof, Partial<IsolationRow>]>([
  [
    'has the step of its pool',
    {},
    canary(),
    { subject: 'canary in pool kata1', step: 'proven', podKernel: OWN.kernel, bootIds: 'different' },
  ],
  [
    'has the step of the pool that its node is in now',
    {},
    canary({ nodePool: 'renamed' }),
    { subject: 'canary in pool renamed', step: 'proven' },
  ],
  [
    'is declared when its node and its pool are deleted',
    {},
    canary({ node: 'gone', nodePool: 'gone' }),
    { step: 'declared', why: 'The node of the canary no longer exists.' },
  ],
  ['keeps the step of its pool when only its node is deleted', {}, canary({ node: 'gone' }), { step: 'resolved' }],
  ['names its node when it has no pool', {}, (({ nodePool: _, ...rest }) => rest)(canary()), { subject: `canary on node ${NODE.name}` }],
  [
    'shows the handler of its own class',
    { runtimeClasses: observed([aRuntimeClass({ name: 'runc', handler: 'runc' }), aRuntimeClass()]) },
    canary(),
    { runtime: 'kata-vm-isolation (handler kata)' },
  ],
  ['shows a deleted class', { runtimeClasses: observed([]) }, canary(), { runtime: 'kata-vm-isolation (handler not known)' }],
  [
    'shows no handler when the classes are unreadable',
    { runtimeClasses: unavailable('denied', 'no') },
    canary(),
    { runtime: 'kata-vm-isolation (handler not known)' },
  ],
])('a canary %s', (_, over, proof, expected) => {
  const rows = table({ ...nothing, ...over }, proof).filter(({ kind }) => kind === 'sandboxed pod');
  expect(rows).toEqual([expect.objectContaining(expected)]);
});

it('shows the deciding reading of a workload: a shared kernel, otherwise one that was read', () => {
  const unread = aProof({ result: { state: 'unknown', reason: 'No tool.' } });
  const shared = aProof({ result: { state: 'read', bootId: NODE.bootId, kernel: 'shared' } });
  expect(ofWorkload(unread, aProof(), shared)).toMatchObject({ podKernel: 'shared', bootIds: 'equal', step: 'disproved' });
  expect(ofWorkload(unread, aProof())).toMatchObject({ podKernel: OWN.kernel, bootIds: 'different', step: 'proven' });
  expect(ofWorkload({ ...unread, node: 'gone' })).toMatchObject({ node: 'gone', bootIds: 'not read', step: 'resolved' });
  expect(ofWorkload(aProof({ result: { state: 'read', bootId: 'own' } }))).not.toHaveProperty('podKernel');
  expect(ofWorkload(aProof({ ownerName: 'other' }), canary())).not.toHaveProperty('podKernel');
});

it('names the node of an example for a workload without a reading, when one is known', () => {
  const groups = [
    aPlainPodGroup(),
    aPodGroup({ ownerName: 'a', ownerGroup: 'apps.kruise.io', examples: [{ name: 'a-1' }, { name: 'a-2', node: NODE.name }] }),
    aPodGroup({ ownerName: 'b', examples: [{ name: 'b-1', node: 'gone' }] }),
    aPodGroup({ ownerName: 'c', examples: [] }),
  ];
  const rows = table({ workloads: observed(groups) }).filter(({ kind }) => kind === 'sandboxed pod');
  expect(rows.map(({ subject, node }) => [subject, node])).toEqual([
    ['shop/Deployment.apps.kruise.io/a', NODE.name],
    ['shop/Deployment/b', undefined],
    ['shop/Deployment/c', undefined],
  ]);
});

it('has no control when the nodes are unreadable', () => {
  expect(table({ ...nothing, nodes: unavailable('denied', 'no') }, control())).toEqual([]);
});
