import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { runtimeClassSchedulable } from '../../shared/rules/runtime-class-schedulable.ts';
import { aKataNode, aKataPool, aPlainNode, aPlainPool, aPodGroup, aRuntimeClass, someSettings } from '../support/a-snapshot.ts';
import { testRule } from '../support/test-rule.ts';

const own = (nodeSelector: Record<string, string>) => ({ runtimeClasses: observed([aRuntimeClass({ name: 'mine', nodeSelector })]) });
const says = (verdict: string) => ({ 'runtime-class/mine': verdict });
const ofAks = (verdict: string) => ({ 'runtime-class/kata-vm-isolation': verdict });
const { runtimeHandlers: _, ...oldKubelet } = aKataNode();
const TAINT = { key: 'sandbox', value: 'kata', effect: 'NoSchedule' };
const tainted = () => ({ nodes: observed([aKataNode({ taints: [TAINT] })]) });

testRule(runtimeClassSchedulable, [
  {
    name: 'passes a class that leads to nodes without the handler too, and says so',
    over: { runtimeClasses: observed([aRuntimeClass({ nodeSelector: {} })]) },
    says: { 'runtime-class/kata-vm-isolation': 'pass' },
    message: /^Of the 2 nodes that it leads to, 1 does not list the handler kata: pods that are sent there do not start\.$/,
  },
  { name: 'passes a class that selects a ready Kata node', says: ofAks('pass') },
  { name: 'passes a class without a selector beside a Kata node', over: own({}), says: says('pass') },
  { name: 'believes labels where the kubelet lists no handlers', over: { nodes: observed([oldKubelet]) }, says: ofAks('pass') },
  {
    name: 'fails a selector that no node matches',
    over: own({ gpu: 'true' }),
    says: says('fail'),
    severity: 'medium',
    message: /selector is gpu=true, and none of the 0 nodes/,
    remediation: /kubectl describe --context shop -- runtimeclasses\.node\.k8s\.io mine/,
  },
  {
    name: 'fails a selector that matches plain nodes only',
    over: own({ agentpool: 'system' }),
    says: says('fail'),
    message: /none of the 1 nodes/,
  },
  {
    name: 'fails a class whose node does not list its very handler',
    over: { runtimeClasses: observed([aRuntimeClass({ name: 'mine', handler: 'kata-preview' })]) },
    says: says('fail'),
  },
  {
    name: 'fails a class in use whose nodes are not ready, which is not mended by editing the class',
    over: { nodes: observed([aKataNode({ ready: false })]) },
    says: ofAks('fail'),
    message: /of the 1 with the handler kata, 1 not ready/,
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
    name: 'passes a class with one open node beside cordoned ones',
    over: { nodes: observed([aKataNode({ unschedulable: true }), aKataNode({ name: 'open' })]) },
    says: ofAks('pass'),
  },
  {
    name: 'fails a class whose pods do not tolerate the taint of its nodes',
    over: tainted(),
    says: ofAks('fail'),
    message: /sandbox=kata:NoSchedule/,
  },
  {
    name: 'passes a class that tolerates the taint itself',
    over: { ...tainted(), runtimeClasses: observed([aRuntimeClass({ tolerations: [{ ...TAINT, operator: 'Equal' }] })]) },
    says: ofAks('pass'),
  },
  {
    name: 'passes a class whose pods bring the toleration',
    over: { ...tainted(), workloads: observed([aPodGroup({ tolerates: ['sandbox=kata:NoSchedule'] })]) },
    says: ofAks('pass'),
  },
  {
    name: 'passes a class whose pool has the taint by intention',
    over: { ...tainted(), nodePools: observed([aKataPool({ nodeTaints: ['sandbox=kata:NoSchedule'] })]) },
    says: ofAks('pass'),
  },
  {
    name: 'does not know whether pods would tolerate the taint while there are none',
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
    message: /scaled to none/,
  },
  {
    name: 'does not apply where node auto provisioning makes nodes',
    over: { nodes: observed([aPlainNode()]), settings: observed(someSettings({ nodeProvisioning: 'Auto' })) },
    says: ofAks('not-applicable'),
  },
  {
    name: 'does not apply where node auto provisioning replaces closed nodes',
    over: { nodes: observed([aKataNode({ unschedulable: true })]), settings: observed(someSettings({ nodeProvisioning: 'Auto' })) },
    says: ofAks('not-applicable'),
  },
  {
    name: 'does not know, without Azure, whether a node may yet come',
    over: { nodes: observed([aPlainNode()]), nodePools: unavailable('no-azure-access', 'No Azure.') },
    says: ofAks('unknown'),
  },
  {
    name: 'fails the class of AKS that selects a node which a person labelled, and does not edit it',
    over: { nodes: observed([aPlainNode({ labels: aKataNode().labels })]) },
    says: ofAks('fail'),
    remediation: /^Have the workloads name a class/,
  },
  {
    name: 'counts a class as used when the pods cannot be seen',
    over: { nodes: observed([aPlainNode()]), workloads: unavailable('denied', 'Forbidden.') },
    says: ofAks('fail'),
    message: /the nodes of the pool kata1 are not among them/,
  },
  { name: 'cannot be judged without the nodes', over: { nodes: unavailable('denied', 'Forbidden.') }, says: 'unavailable' },
  {
    name: 'does not apply to the class of AKS that nobody uses',
    over: { nodes: observed([aPlainNode()]), workloads: observed([aPodGroup({ runtimeClassName: 'other' })]) },
    says: ofAks('not-applicable'),
  },
  {
    name: 'tells what it selects and how much of that takes pods',
    says: ofAks('pass'),
    facts: { handler: 'kata', selector: ['kubernetes.azure.com/kata-vm-isolation=true'], selectedNodes: 1, ableNodes: 1 },
  },
  {
    name: 'tells every reason for which no node takes pods, with the taints',
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
    name: 'counts the nodes with its handler that its selector misses',
    over: { ...own({ agentpool: 'system' }), nodes: observed([aPlainNode(), aKataNode(), aKataNode({ name: 'b' })]) },
    says: says('fail'),
    message: /none of the 1 nodes that match lists the handler kata; 2 other nodes list it\.$/,
  },
  {
    name: 'does not know a class whose nodes contradict themselves',
    over: { nodes: observed([{ ...oldKubelet, kernelVersion: '5.15.0-1101-azure' }]) },
    says: ofAks('unknown'),
    message: /contradict themselves/,
  },
  {
    name: 'fails a class in use where no running pool is for Kata',
    over: { nodes: observed([aPlainNode()]), nodePools: observed([aPlainPool(), aKataPool({ powerState: 'Stopped', count: 0 })]) },
    says: ofAks('fail'),
    message: /no running node pool of the cluster is for Kata/,
  },
  {
    name: 'does not apply to a class of one’s own that nobody uses and no node is for',
    over: { ...own({}), nodes: observed([aPlainNode()]) },
    says: says('not-applicable'),
    message: /no living pod names the class/,
  },
  {
    name: 'does not count pods that have ended among those that use it',
    over: {
      nodes: observed([aPlainNode()]),
      workloads: observed([aPodGroup({ phases: { pending: 0, running: 0, succeeded: 2, failed: 0, unknown: 0 } })]),
    },
    says: ofAks('not-applicable'),
  },
  {
    name: 'judges a class of a handler that the policy accepts',
    over: {
      runtimeClasses: observed([aRuntimeClass({ handler: 'kata-qemu' })]),
      nodes: observed([aKataNode({ runtimeHandlers: ['kata-qemu'] })]),
    },
    policy: { workloads: [{ name: 'all', acceptedHandlers: ['kata-q*'] }] },
    says: ofAks('pass'),
  },
  { name: 'says nothing of ordinary classes', over: { runtimeClasses: observed([aRuntimeClass({ handler: 'runc' })]) }, says: {} },
]);
