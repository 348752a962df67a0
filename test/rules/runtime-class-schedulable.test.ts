import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { runtimeClassSchedulable } from '../../shared/rules/runtime-class-schedulable.ts';
import { aKataNode, aPlainNode, aPodGroup, aRuntimeClass } from '../support/a-snapshot.ts';
import { testRule } from '../support/test-rule.ts';

const own = (nodeSelector: Record<string, string>) => ({ runtimeClasses: observed([aRuntimeClass({ name: 'mine', nodeSelector })]) });
const says = (verdict: string) => ({ 'runtime-class/mine': verdict });
const ofAks = (verdict: string) => ({ 'runtime-class/kata-vm-isolation': verdict });
const { runtimeHandlers: _, ...oldKubelet } = aKataNode();

testRule(runtimeClassSchedulable, [
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
  { name: 'fails a class in use whose nodes are not ready', over: { nodes: observed([aKataNode({ ready: false })]) }, says: ofAks('fail') },
  {
    name: 'counts a class as used when the pods cannot be seen',
    over: { nodes: observed([aPlainNode()]), workloads: unavailable('denied', 'Forbidden.') },
    says: ofAks('fail'),
  },
  { name: 'cannot be judged without the nodes', over: { nodes: unavailable('denied', 'Forbidden.') }, says: 'unavailable' },
  {
    name: 'does not apply to the class of AKS that nobody uses',
    over: { nodes: observed([aPlainNode()]), workloads: observed([aPodGroup({ runtimeClassName: 'other' })]) },
    says: ofAks('not-applicable'),
  },
]);
