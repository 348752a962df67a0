import { expect, it } from 'vitest';
import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { runtimeClassSchedulable } from '../../shared/rules/runtime-class-schedulable.ts';
import { aKataNode, aKataPool, aPlainNode, aPlainPool, aPodGroup, aRuntimeClass, someSettings } from '../support/a-snapshot.ts';
import { judge, judgementOf } from '../support/judge.ts';
import { testRule } from '../support/test-rule.ts';

const own = (nodeSelector: Record<string, string>) => ({ runtimeClasses: observed([aRuntimeClass({ name: 'mine', nodeSelector })]) });
const says = (verdict: string) => ({ 'runtime-class/mine': verdict });
const ofAks = (verdict: string) => ({ 'runtime-class/kata-vm-isolation': verdict });
const { runtimeHandlers: _, ...oldKubelet } = aKataNode();
const TAINT = { key: 'sandbox', value: 'kata', effect: 'NoSchedule' };
const tainted = () => ({ nodes: observed([aKataNode({ taints: [TAINT] })]) });

testRule(runtimeClassSchedulable, [
  {
    name: 'passes a class that also selects nodes without the handler, and reports it',
    over: { runtimeClasses: observed([aRuntimeClass({ nodeSelector: {} })]) },
    says: { 'runtime-class/kata-vm-isolation': 'pass' },
    message: /^Of the 2 nodes that it selects, 1 does not list the handler kata: pods scheduled there do not start\.$/,
  },
  { name: 'passes a class that selects a ready Kata node', says: ofAks('pass') },
  { name: 'passes a class without a selector when there is a Kata node', over: own({}), says: says('pass') },
  { name: 'uses labels when the kubelet lists no handlers', over: { nodes: observed([oldKubelet]) }, says: ofAks('pass') },
  {
    name: 'fails a selector that no node matches',
    over: own({ gpu: 'true' }),
    says: says('fail'),
    severity: 'medium',
    message: /selector is gpu=true, and none of the 0 matching nodes/,
    remediation: /kubectl describe --context shop -- runtimeclasses\.node\.k8s\.io mine/,
  },
  {
    name: 'fails a selector that matches only plain nodes',
    over: own({ agentpool: 'system' }),
    says: says('fail'),
    message: /none of the 1 matching nodes lists the handler kata; 1 other node lists it\.$/,
  },
  {
    name: 'fails a class whose node does not list exactly its handler',
    over: { runtimeClasses: observed([aRuntimeClass({ name: 'mine', handler: 'kata-preview' })]) },
    says: says('fail'),
  },
  {
    name: 'fails a class in use whose nodes are not ready, and does not suggest to edit the class',
    over: { nodes: observed([aKataNode({ ready: false })]) },
    says: ofAks('fail'),
    message: /of the 1 with the handler kata, 1 not ready\.$/,
    facts: { closed: ['1 not ready'] },
    remediation: /kubectl describe --context shop -- nodes aks-kata1-0/,
  },
  {
    // AKS#3439, AKS#1363: an upgrade that failed leaves its nodes cordoned.
    name: 'fails a class whose nodes are all cordoned',
    over: { nodes: observed([aKataNode({ unschedulable: true })]), workloads: observed([]) },
    says: ofAks('fail'),
    message: /1 cordoned/,
    remediation: /kubectl uncordon --context shop -- aks-kata1-0/,
  },
  {
    name: 'passes a class with one schedulable node among cordoned ones',
    over: { nodes: observed([aKataNode({ unschedulable: true }), aKataNode({ name: 'open' })]) },
    says: ofAks('pass'),
  },
  {
    name: 'fails a class whose pods do not tolerate the taint of its nodes',
    over: tainted(),
    says: ofAks('fail'),
    message: /sandbox=kata:NoSchedule/,
    remediation: /^Add a toleration for the taint/,
  },
  {
    name: 'is unknown for a taint that pods of the class may tolerate that were not read',
    over: {
      ...tainted(),
      workloads: observed([aPodGroup()], { kind: 'targeted', namespaces: ['shop'], nodes: 1, totalNodes: 9, pods: 3, totalPods: 90 }),
    },
    says: ofAks('unknown'),
    message: /Not every pod was read/,
  },
  {
    name: 'is unknown for a class that pods may name that were not read',
    over: {
      nodes: observed([]),
      workloads: observed([], { kind: 'targeted', namespaces: ['shop'], nodes: 1, totalNodes: 9, pods: 3, totalPods: 90 }),
    },
    says: ofAks('unknown'),
  },
  {
    name: 'fails a class whose nodes are closed to every pod, whichever were read',
    over: {
      nodes: observed([aKataNode({ unschedulable: true })]),
      workloads: observed([aPodGroup()], { kind: 'targeted', namespaces: ['shop'], nodes: 1, totalNodes: 9, pods: 3, totalPods: 90 }),
    },
    says: ofAks('fail'),
  },
  {
    name: 'passes a class that tolerates the taint itself',
    over: { ...tainted(), runtimeClasses: observed([aRuntimeClass({ tolerations: [{ ...TAINT, operator: 'Equal' }] })]) },
    says: ofAks('pass'),
  },
  {
    name: 'passes a class whose pods have the toleration',
    over: { ...tainted(), workloads: observed([aPodGroup({ tolerates: ['sandbox=kata:NoSchedule'] })]) },
    says: ofAks('pass'),
  },
  {
    name: 'passes a class whose pool has the taint intentionally',
    over: { ...tainted(), nodePools: observed([aKataPool({ nodeTaints: ['sandbox=kata:NoSchedule'] })]) },
    says: ofAks('pass'),
  },
  {
    name: 'is unknown while there are no pods that show whether they tolerate the taint',
    over: { ...tainted(), workloads: observed([]) },
    says: ofAks('unknown'),
  },
  {
    name: 'passes a node with a taint that only prefers',
    over: { nodes: observed([aKataNode({ taints: [{ ...TAINT, effect: 'PreferNoSchedule' }] })]) },
    says: ofAks('pass'),
  },
  {
    // AKS#3311, AKS#1565
    name: 'does not apply to a pool at zero nodes',
    over: { nodes: observed([aPlainNode()]), nodePools: observed([aKataPool({ count: 0 })]) },
    says: ofAks('not-applicable'),
    message: /scaled to zero nodes/,
  },
  {
    name: 'does not apply when node auto provisioning creates nodes',
    over: { nodes: observed([aPlainNode()]), settings: observed(someSettings({ nodeProvisioning: 'Auto' })) },
    says: ofAks('not-applicable'),
  },
  {
    name: 'does not apply when node auto provisioning replaces unschedulable nodes',
    over: { nodes: observed([aKataNode({ unschedulable: true })]), settings: observed(someSettings({ nodeProvisioning: 'Auto' })) },
    says: ofAks('not-applicable'),
  },
  {
    name: 'is unknown without Azure when a node may still be created',
    over: { nodes: observed([aPlainNode()]), nodePools: unavailable('no-azure-access', 'No Azure.') },
    says: ofAks('unknown'),
  },
  {
    name: 'fails the class of AKS that selects a node labeled by hand, without editing the class',
    over: { nodes: observed([aPlainNode({ labels: aKataNode().labels })]) },
    says: ofAks('fail'),
    message: /none of the 1 matching nodes lists the handler kata\.$/,
    remediation: /^Use a class whose nodes exist/,
  },
  {
    name: 'counts a class as used when the pods cannot be read',
    over: { nodes: observed([aPlainNode()]), workloads: unavailable('denied', 'Forbidden.') },
    says: ofAks('fail'),
    message: /the nodes of the pool kata1 do not list it/,
  },
  { name: 'cannot be judged without the nodes', over: { nodes: unavailable('denied', 'Forbidden.') }, says: 'unavailable' },
  {
    name: 'does not apply to an unused class of AKS',
    over: { nodes: observed([aPlainNode()]), workloads: observed([aPodGroup({ runtimeClassName: 'other' })]) },
    says: ofAks('not-applicable'),
  },
  {
    name: 'reports what it selects and how many of these nodes accept pods',
    says: ofAks('pass'),
    facts: { handler: 'kata', selector: ['kubernetes.azure.com/kata-vm-isolation=true'], selectedNodes: 1, ableNodes: 1 },
  },
  {
    name: 'reports every reason why no node accepts pods, with the taints',
    over: {
      nodes: observed([
        aKataNode({ name: 'a', unschedulable: true }),
        aKataNode({ name: 'b', ready: false }),
        aKataNode({ name: 'c', taints: [TAINT] }),
        aKataNode({ name: 'd', taints: [TAINT] }),
      ]),
    },
    says: ofAks('fail'),
    message: /of the 4 with the handler kata, 1 not ready, 1 cordoned, 2 tainted \(sandbox=kata:NoSchedule\)\.$/,
    facts: { closed: ['1 not ready', '1 cordoned', '2 tainted'], taints: ['sandbox=kata:NoSchedule'], ableNodes: 0, selectedNodes: 4 },
    remediation: /kubectl uncordon --context shop -- a$/,
  },
  {
    name: 'counts the nodes with its handler that its selector does not match',
    over: { ...own({ agentpool: 'system' }), nodes: observed([aPlainNode(), aKataNode(), aKataNode({ name: 'b' })]) },
    says: says('fail'),
    message: /none of the 1 matching nodes lists the handler kata; 2 other nodes list it\.$/,
  },
  {
    name: 'is unknown for a class whose nodes are contradictory',
    over: { nodes: observed([{ ...oldKubelet, kernelVersion: '5.15.0-1101-azure' }]) },
    says: ofAks('unknown'),
    message: /contradict each other/,
  },
  {
    name: 'fails a class in use when no running pool is for Kata',
    over: { nodes: observed([aPlainNode()]), nodePools: observed([aPlainPool(), aKataPool({ powerState: 'Stopped', count: 0 })]) },
    says: ofAks('fail'),
    message: /the cluster has no running Kata node pool/,
  },
  {
    name: 'does not apply to an unused custom class without nodes',
    over: { ...own({}), nodes: observed([aPlainNode()]) },
    says: says('not-applicable'),
    message: /no running pod names the class/,
  },
  {
    name: 'does not count finished pods as users',
    over: {
      nodes: observed([aPlainNode()]),
      workloads: observed([aPodGroup({ phases: { pending: 0, running: 0, succeeded: 2, failed: 0, unknown: 0 } })]),
    },
    says: ofAks('not-applicable'),
  },
  {
    name: 'judges a class with a handler that the policy accepts',
    over: {
      runtimeClasses: observed([aRuntimeClass({ handler: 'kata-qemu' })]),
      nodes: observed([aKataNode({ runtimeHandlers: ['kata-qemu'] })]),
    },
    policy: { workloads: [{ name: 'all', acceptedHandlers: ['kata-q*'] }] },
    says: ofAks('pass'),
  },
  { name: 'ignores ordinary classes', over: { runtimeClasses: observed([aRuntimeClass({ handler: 'runc' })]) }, says: {} },
  {
    name: 'fails a taint that only a pool without Kata has by intention',
    over: { ...tainted(), nodePools: observed([aPlainPool({ nodeTaints: ['sandbox=kata:NoSchedule'] }), aKataPool()]) },
    says: ofAks('fail'),
  },
  {
    name: 'does not say of a node that contradicts itself that it lacks the handler',
    over: { nodes: observed([aKataNode(), { ...oldKubelet, name: 'old', kernelVersion: '5.15.0-1101-azure' }]) },
    says: ofAks('pass'),
    message: /^$/,
    facts: { selectedNodes: 2, ableNodes: 1 },
  },
  {
    name: 'does not apply to an unused class of AKS whose nodes were labeled by hand',
    over: { nodes: observed([aPlainNode({ labels: aKataNode().labels })]), workloads: observed([]) },
    says: ofAks('not-applicable'),
  },
  {
    name: 'fails an unused class of which one node is tainted and another cordoned, without the taints of the latter',
    over: {
      workloads: observed([]),
      nodes: observed([
        aKataNode({ name: 'a', taints: [TAINT] }),
        aKataNode({ name: 'b', unschedulable: true, taints: [{ ...TAINT, value: 'other' }] }),
      ]),
    },
    says: ofAks('fail'),
    facts: { closed: ['1 cordoned', '1 tainted'], taints: ['sandbox=kata:NoSchedule'] },
  },
  {
    name: 'counts several nodes without the handler',
    over: {
      runtimeClasses: observed([aRuntimeClass({ nodeSelector: {} })]),
      nodes: observed([aKataNode(), aPlainNode(), aPlainNode({ name: 'b' })]),
    },
    says: ofAks('pass'),
    message: /, 2 do not list the handler kata/,
  },
  ...['AutoNot', 'NotAuto'].map((nodeProvisioning) => ({
    name: `expects no automatic nodes of the setting ${nodeProvisioning}`,
    over: { nodes: observed([aKataNode({ unschedulable: true })]), settings: observed(someSettings({ nodeProvisioning })) },
    says: ofAks('fail'),
  })),
  {
    name: 'fails a class that one pod uses',
    over: { ...tainted(), workloads: observed([aPodGroup({ pods: 1 })]) },
    says: ofAks('fail'),
  },
]);

it('runtime-class-schedulable reports no taints where none keeps the pods away', () => {
  const run = judge(runtimeClassSchedulable, { nodes: observed([aKataNode({ ready: false })]) });
  expect(judgementOf(run, 'runtime-class/kata-vm-isolation')?.facts).not.toHaveProperty('taints');
});
