import { expect, it } from 'vitest';
import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import type { IsolationProof } from '../../shared/domain/snapshot/snapshot.ts';
import { isolationProven } from '../../shared/rules/isolation-proven.ts';
import { aPlainPodGroup, aPodGroup, KATA_IMAGE, NOW } from '../support/a-snapshot.ts';
import { judge } from '../support/judge.ts';
import { testRule } from '../support/test-rule.ts';

const CART = 'workload/shop/Deployment/cart';
const NODE_BOOT = 'b0071d00-0000-4000-8000-000000000001';
const OWN_BOOT = 'b0071d00-0000-4000-8000-000000000002';

function aProof(bootId: string, over: Partial<IsolationProof> = {}): IsolationProof {
  return {
    namespace: 'shop',
    pod: 'cart-1',
    ownerKind: 'Deployment',
    ownerName: 'cart',
    node: 'aks-kata1-0',
    nodePool: 'kata1',
    nodeImageVersion: KATA_IMAGE,
    runtimeClassName: 'kata-vm-isolation',
    method: 'exec',
    at: NOW,
    nodeBootId: NODE_BOOT,
    nodeKernel: '6.6.137.mshv2-2.azl3',
    result: { state: 'read', bootId },
    ...over,
  };
}

const ALL = ['node-pool', 'node', 'workload'];
const LAST_RUN = {
  ownerKind: 'CronJob',
  phases: { pending: 0, running: 0, succeeded: 2, failed: 0, unknown: 0 },
  lastRunAt: '2026-09-01T03:00:00.000Z',
  lastEnded: { at: '2026-09-01T03:01:00.000Z', phase: 'succeeded' },
} as const;
const proofs = (...isolationProofs: readonly IsolationProof[]) => ({ isolationProofs: observed(isolationProofs) });
const unread = { result: { state: 'unknown', reason: 'It has no shell.' } } as const;
const canary = { method: 'canary', ownerKind: 'Canary', ownerName: 'kata-vm-isolation', namespace: 'kataudit', pod: 'canary' } as const;
const { runtimeClassName: _, ...control } = aProof(NODE_BOOT, { ...canary, ownerName: 'runc' });

testRule(isolationProven, [
  { name: 'passes a pod with its own boot id', over: proofs(aProof(OWN_BOOT)), says: { [CART]: 'pass' } },
  {
    name: "fails a pod with its node's boot id",
    over: proofs(aProof(NODE_BOOT)),
    says: { [CART]: 'fail' },
    severity: 'critical',
    message: /1 pod showed the boot id of its node.*cart-1/,
    remediation: /kubectl cordon --context shop -- aks-kata1-0/,
  },
  { name: 'compares boot ids ignoring case', over: proofs(aProof(NODE_BOOT.toUpperCase())), says: { [CART]: 'fail' } },
  {
    name: 'fails when one of several kernels is shared',
    over: proofs(aProof(OWN_BOOT), aProof(NODE_BOOT, { pod: 'cart-2' })),
    says: { [CART]: 'fail' },
  },
  {
    name: 'is unknown for a pod that could not be read',
    over: proofs(aProof('', unread)),
    says: { [CART]: 'unknown' },
    message: /no shell/,
  },
  {
    name: 'does not accept a boot id as proof when that of a plain pod also differs',
    over: proofs(aProof(OWN_BOOT, canary), { ...control, result: { state: 'read', bootId: OWN_BOOT } }),
    says: { 'node-pool/kata1': 'unknown', [CART]: 'unknown' },
    message: /boot ids prove nothing/,
  },
  {
    name: 'fails for a shared kernel even then',
    over: proofs(aProof(NODE_BOOT, canary), { ...control, result: { state: 'read', bootId: OWN_BOOT } }),
    says: { 'node-pool/kata1': 'fail', [CART]: 'unknown' },
  },
  { name: 'does not accept an empty reading as proof', over: proofs(aProof('')), says: { [CART]: 'unknown' } },
  {
    name: 'does not accept a node without a boot id as proof',
    over: proofs(aProof(OWN_BOOT, { nodeBootId: '' })),
    says: { [CART]: 'unknown' },
  },
  {
    name: 'is unknown for a workload that was not probed',
    over: proofs(),
    says: { [CART]: 'unknown' },
    message: /No running pod of this workload/,
  },
  {
    name: 'is unknown when the probe could not run',
    over: { isolationProofs: unavailable('denied', 'May not exec.') },
    says: { cluster: 'unknown' },
    message: /May not exec/,
  },
  { name: 'cannot be judged without the pods', over: { workloads: unavailable('denied', 'Forbidden.') }, says: 'unavailable' },
  {
    name: 'judges the pool by its canaries, except the control',
    over: proofs(aProof(OWN_BOOT, canary), control, aProof(NODE_BOOT, { ...canary, nodePool: 'kata2', node: 'aks-kata2-0' })),
    says: { 'node-pool/kata1': 'pass', 'node-pool/kata2': 'fail', [CART]: 'unknown' },
  },
  {
    name: 'judges a node without a pool by its canary',
    over: { isolationProofs: observed([withoutPool(aProof(OWN_BOOT, canary))]) },
    says: { 'node/aks-kata1-0': 'pass', [CART]: 'unknown' },
  },
  { name: 'does not apply while the probe is off', says: { cluster: 'not-applicable' } },
  { name: 'ignores ordinary pods', over: { ...proofs(), workloads: observed([aPlainPodGroup()]) }, says: {} },
  {
    name: 'counts the probed pods, the read pods, and those that share a kernel, and names a few',
    over: proofs(aProof(OWN_BOOT), aProof('', unread), ...['b', 'c', 'd', 'e'].map((pod) => aProof(NODE_BOOT, { pod }))),
    says: { [CART]: 'fail' },
    message: /^4 pods showed the boot id of their nodes: .* \(for example b, c, d\)\.$/,
    facts: { probed: 6, read: 5, shared: 4, node: 'aks-kata1-0', nodeKernel: '6.6.137.mshv2-2.azl3' },
  },
  {
    name: 'reports the basis of a pass',
    over: proofs(aProof(OWN_BOOT), aProof('', unread)),
    says: { [CART]: 'pass' },
    facts: { probed: 2, read: 1, shared: 0 },
  },
  ...[{ namespace: 'pay' }, { ownerKind: 'StatefulSet' }, { ownerName: 'web' }, { ownerGroup: 'apps.kruise.io' }].map((other) => ({
    name: `does not take a proof of ${JSON.stringify(other)} for one of another workload`,
    over: proofs(aProof(OWN_BOOT, other)),
    says: { [CART]: 'unknown' },
  })),
  {
    name: 'ignores pods that have ended',
    over: { ...proofs(), workloads: observed([aPodGroup({ phases: { pending: 0, running: 0, succeeded: 2, failed: 0, unknown: 0 } })]) },
    says: {},
  },
  {
    name: 'judges pods that were started by an unknown handler',
    over: { ...proofs(), workloads: observed([aPodGroup({ runtimeClassName: 'gone' })]) },
    says: { [CART]: 'unknown' },
  },
  {
    name: 'does not take a canary for a pod of the workload whose name it bears',
    over: proofs(aProof(NODE_BOOT, { ...canary, namespace: 'shop', ownerKind: 'Deployment', ownerName: 'cart' })),
    says: { 'node-pool/kata1': 'fail', [CART]: 'unknown' },
  },
  {
    name: 'judges a pool once by the canaries of all its nodes, and each node without a pool by its own',
    over: proofs(
      aProof(OWN_BOOT, canary),
      aProof(NODE_BOOT, { ...canary, node: 'aks-kata1-1' }),
      ...['a', 'b'].map((node) => withoutPool(aProof(OWN_BOOT, { ...canary, node }))),
    ),
    says: { 'node-pool/kata1': 'fail', 'node/a': 'pass', 'node/b': 'pass', [CART]: 'unknown' },
  },
  {
    name: 'judges no workload between its runs, unless another of its pods runs',
    over: {
      ...proofs(),
      workloads: observed([
        aPodGroup({ ...LAST_RUN, ownerName: 'nightly' }),
        aPodGroup({ ...LAST_RUN, ownerName: 'hourly' }),
        aPodGroup({ ownerKind: 'CronJob', ownerName: 'hourly', pods: 1 }),
      ]),
    },
    says: { 'workload/shop/CronJob/hourly': 'unknown' },
  },
]);

it.each<[string, Parameters<typeof judge>[1], readonly string[] | undefined]>([
  ['which probed by canaries', proofs(aProof(OWN_BOOT, canary), aProof(OWN_BOOT)), undefined],
  ['which probed by exec alone', proofs(aProof(OWN_BOOT)), ['node-pool', 'node']],
  [
    'of which not every proof was read',
    { isolationProofs: observed([aProof(OWN_BOOT, canary)], { kind: 'truncated', message: 'm' }) },
    ALL,
  ],
  ['that could not be made', { isolationProofs: unavailable('denied', 'May not exec.') }, ALL],
])('isolation-proven says what a probe %s did not try to list', (_case, over, expected) => {
  const run = judge(isolationProven, over);
  expect(run.state === 'judged' ? run.unlisted : run.state).toEqual(expected);
});

function withoutPool({ nodePool: _pool, ...proof }: IsolationProof): IsolationProof {
  return proof;
}
