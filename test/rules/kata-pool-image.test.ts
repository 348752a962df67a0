import { expect, it } from 'vitest';
import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { kataPoolImage } from '../../shared/rules/kata-pool-image.ts';
import { aKataNode, aKataPool, aPlainNode, aPlainPool, PLAIN_IMAGE } from '../support/a-snapshot.ts';
import { judge, judgementOf } from '../support/judge.ts';
import { testRule } from '../support/test-rule.ts';

const pool = (over: Parameters<typeof aKataPool>[0]) => ({ nodePools: observed([aKataPool(over)]) });
const says = (verdict: string) => ({ 'node-pool/kata1': verdict });

testRule(kataPoolImage, [
  { name: 'passes a Kata image', says: says('pass') },
  {
    name: 'passes the image of Azure Linux 2',
    over: pool({ nodeImageVersion: 'AKSAzureLinux-V2katagen2-202509.05.0' }),
    says: says('pass'),
  },
  {
    name: 'fails a plain image',
    over: pool({ nodeImageVersion: PLAIN_IMAGE }),
    says: says('fail'),
    message: /^The pool's workload runtime is KataVmIsolation, but its node image \S+ has no Kata\.$/,
    severity: 'critical',
    remediation: /nodepool delete/,
  },
  {
    name: 'names the snapshot that a plain image came from',
    over: pool({ nodeImageVersion: PLAIN_IMAGE, snapshotId: '/subscriptions/x/snapshots/y' }),
    says: says('fail'),
    message: /comes from a node pool snapshot/,
  },
  {
    name: 'is unknown in transition',
    over: pool({ nodeImageVersion: PLAIN_IMAGE, inTransition: true }),
    says: says('unknown'),
    message: /in transition/,
  },
  { name: 'is unknown for an unreadable image', over: pool({ nodeImageVersion: 'latest' }), says: says('unknown') },
  { name: 'cannot be judged without the pools', over: { nodePools: unavailable('denied', 'Forbidden.') }, says: 'unavailable' },
  {
    name: 'ignores plain pools and their nodes',
    over: { nodePools: observed([aPlainPool()]), nodes: observed([aPlainNode()]) },
    says: {},
  },
  {
    name: 'judges a Kata node without a listed pool individually',
    over: { nodePools: observed([aPlainPool()]) },
    says: { 'node/aks-kata1-0': 'pass' },
  },
  {
    // Anyone who may edit nodes can set a label, and a Kata class then schedules its pods there.
    name: 'fails an ordinary node with the label of Kata nodes',
    over: { nodes: observed([aKataNode(), aPlainNode({ labels: { 'kubernetes.azure.com/kata-vm-isolation': 'true' } })]) },
    says: { ...says('pass'), 'node/aks-system-0': 'fail' },
    message: /has the label of Kata nodes, but its node image .* has no Kata/,
    severity: 'high',
    facts: { nodeImageVersion: PLAIN_IMAGE, nodeKernel: '6.6.150.1-1.azl3' },
    remediation: /kubectl label --context shop -- nodes aks-system-0 kubernetes\.azure\.com\/kata-vm-isolation-/,
  },
  {
    name: 'reports the image and its purpose',
    over: pool({ nodeImageVersion: PLAIN_IMAGE, snapshotId: 's' }),
    says: says('fail'),
    facts: { nodeImageVersion: PLAIN_IMAGE, workloadRuntime: 'KataVmIsolation', snapshotId: 's' },
  },
  { name: 'passes a Kata image in transition', over: pool({ inTransition: true }), says: says('pass') },
  {
    name: 'leaves the nodes of a Kata pool to the judgement of their pool',
    over: { nodes: observed([aKataNode({ nodeImageVersion: PLAIN_IMAGE })]) },
    says: says('pass'),
  },
  {
    name: 'judges a node without a pool by its Kata image, without a label',
    over: { nodePools: observed([]), nodes: observed([aKataNode({ labels: {} })]) },
    says: { 'node/aks-kata1-0': 'pass' },
  },
]);

it('kata-pool-image reports the contents of a known image', () => {
  expect(judgementOf(judge(kataPoolImage), 'node-pool/kata1')?.facts).toMatchObject({
    nodeKernel: '6.6.137.mshv2-2.azl3',
    guestKernel: '6.6.137.mshv1-1.azl3',
    kataVersion: '3.32.0.kata0-3.azl3',
  });
});
