import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { runtimeClassPresent } from '../../shared/rules/runtime-class-present.ts';
import { aPlainNode, aPlainPool, aRuntimeClass } from '../support/a-snapshot.ts';
import { testRule } from '../support/test-rule.ts';

const says = (verdict: string) => ({ 'runtime-class/kata-vm-isolation': verdict });
const none = observed([aRuntimeClass({ name: 'runc', handler: 'runc' })]);
const hidden = unavailable('denied', 'Forbidden.');

testRule(runtimeClassPresent, [
  { name: 'passes the class of AKS', says: says('pass') },
  { name: "passes a class of one's own", over: { runtimeClasses: observed([aRuntimeClass({ name: 'mine' })]) }, says: says('pass') },
  {
    name: 'fails a cluster with Kata and without a class for it',
    over: { runtimeClasses: none },
    says: says('fail'),
    severity: 'high',
    message: /none of its 1 RuntimeClasses/,
    facts: { classes: ['runc (runc)'] },
    remediation: /kubectl get --context shop -- runtimeclasses\.node\.k8s\.io/,
  },
  {
    name: 'does not count katacli as Kata',
    over: { runtimeClasses: observed([aRuntimeClass({ handler: 'katacli' })]) },
    says: says('fail'),
  },
  { name: 'recognizes Kata nodes only by the pools', over: { runtimeClasses: none, nodes: hidden }, says: says('fail') },
  {
    name: 'is unknown when neither pools nor nodes can be read',
    over: { runtimeClasses: none, nodes: hidden, nodePools: hidden },
    says: says('unknown'),
  },
  { name: 'cannot be judged without the classes', over: { runtimeClasses: hidden }, says: 'unavailable' },
  {
    name: 'does not apply to a cluster without Kata',
    over: { runtimeClasses: none, nodePools: observed([aPlainPool()]), nodes: observed([aPlainNode()]) },
    says: says('not-applicable'),
  },
  {
    name: 'passes a class of a handler that the policy accepts, and names it',
    over: { runtimeClasses: observed([{ name: 'mine', handler: 'kata-qemu', nodeSelector: {} }]) },
    policy: { workloads: [{ name: 'all', acceptedHandlers: ['kata-q*'] }] },
    says: { 'runtime-class/kata-vm-isolation': 'pass' },
    facts: { classes: ['mine'] },
  },
]);
