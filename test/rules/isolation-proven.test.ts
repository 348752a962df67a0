import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import type { IsolationProof } from '../../shared/domain/snapshot/snapshot.ts';
import { isolationProven } from '../../shared/rules/isolation-proven.ts';
import { aPlainPodGroup, KATA_IMAGE, NOW } from '../support/a-snapshot.ts';
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

const proofs = (...isolationProofs: readonly IsolationProof[]) => ({ isolationProofs: observed(isolationProofs) });
const unread = { result: { state: 'unknown', reason: 'It has no shell.' } } as const;
const canary = { method: 'canary', ownerKind: 'Canary', ownerName: 'kata-vm-isolation', namespace: 'kataudit', pod: 'canary' } as const;
const { runtimeClassName: _, ...control } = aProof(NODE_BOOT, { ...canary, ownerName: 'runc' });

testRule(isolationProven, [
  { name: 'passes a pod with a boot id of its own', over: proofs(aProof(OWN_BOOT)), says: { [CART]: 'pass' } },
  {
    name: "fails a pod with its node's boot id",
    over: proofs(aProof(NODE_BOOT)),
    says: { [CART]: 'fail' },
    severity: 'critical',
    message: /1 pod showed the boot id of its node.*cart-1/,
    remediation: /kubectl cordon --context shop -- aks-kata1-0/,
  },
  { name: 'compares boot ids without regard to case', over: proofs(aProof(NODE_BOOT.toUpperCase())), says: { [CART]: 'fail' } },
  {
    name: 'lets one shared kernel outweigh others',
    over: proofs(aProof(OWN_BOOT), aProof(NODE_BOOT, { pod: 'cart-2' })),
    says: { [CART]: 'fail' },
  },
  {
    name: 'does not know a pod that could not be read',
    over: proofs(aProof('', unread)),
    says: { [CART]: 'unknown' },
    message: /no shell/,
  },
  {
    name: 'does not take a boot id for a proof where that of a plain pod differs too',
    over: proofs(aProof(OWN_BOOT, canary), { ...control, result: { state: 'read', bootId: OWN_BOOT } }),
    says: { 'node-pool/kata1': 'unknown', [CART]: 'unknown' },
    message: /boot ids tell nothing/,
  },
  {
    name: 'takes a shared kernel for one even there',
    over: proofs(aProof(NODE_BOOT, canary), { ...control, result: { state: 'read', bootId: OWN_BOOT } }),
    says: { 'node-pool/kata1': 'fail', [CART]: 'unknown' },
  },
  { name: 'does not take an empty reading for a proof', over: proofs(aProof('')), says: { [CART]: 'unknown' } },
  {
    name: 'does not take a node without a boot id for a proof',
    over: proofs(aProof(OWN_BOOT, { nodeBootId: '' })),
    says: { [CART]: 'unknown' },
  },
  { name: 'does not know a workload that was not probed', over: proofs(), says: { [CART]: 'unknown' }, message: /No running pod of it/ },
  {
    name: 'does not know when the probe could not work',
    over: { isolationProofs: unavailable('denied', 'May not exec.') },
    says: { cluster: 'unknown' },
    message: /May not exec/,
  },
  { name: 'cannot be judged without the pods', over: { workloads: unavailable('denied', 'Forbidden.') }, says: 'unavailable' },
  {
    name: 'judges the pool by its canaries, but for the control',
    over: proofs(aProof(OWN_BOOT, canary), control, aProof(NODE_BOOT, { ...canary, nodePool: 'kata2', node: 'aks-kata2-0' })),
    says: { 'node-pool/kata1': 'pass', 'node-pool/kata2': 'fail', [CART]: 'unknown' },
  },
  {
    name: 'judges a node of no pool by its canary',
    over: { isolationProofs: observed([withoutPool(aProof(OWN_BOOT, canary))]) },
    says: { 'node/aks-kata1-0': 'pass', [CART]: 'unknown' },
  },
  { name: 'does not apply while the probe is off', says: { cluster: 'not-applicable' } },
  { name: 'says nothing of ordinary pods', over: { ...proofs(), workloads: observed([aPlainPodGroup()]) }, says: {} },
]);

function withoutPool({ nodePool: _pool, ...proof }: IsolationProof): IsolationProof {
  return proof;
}
