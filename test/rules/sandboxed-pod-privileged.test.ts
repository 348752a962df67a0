import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { sandboxedPodPrivileged } from '../../shared/rules/sandboxed-pod-privileged.ts';
import { aPlainPodGroup, aPodGroup } from '../support/a-snapshot.ts';
import { testRule } from '../support/test-rule.ts';

const CART = 'workload/shop/Deployment/cart';
const privileged = { ...aPodGroup().features, privileged: 1 };
const debugged = { ...aPodGroup().features, privilegedDebug: 1 };
const ended = { pending: 0, running: 0, succeeded: 2, failed: 0, unknown: 0 };

testRule(sandboxedPodPrivileged, [
  { name: 'passes pods without it', says: { [CART]: 'pass' }, facts: { pods: 2 } },
  {
    name: 'ignores pods of a class that starts no VM',
    over: { workloads: observed([aPodGroup({ runtimeClassName: 'runc', features: privileged })]) },
    says: {},
  },
  {
    name: 'does not know pods that are all older than their class',
    over: { workloads: observed([aPodGroup({ olderThanClass: 2, features: { ...privileged, privileged: 2 } })]) },
    says: { [CART]: 'unknown' },
    message: /^2 pods have a privileged container, and it is unknown whether they run in a pod VM: they are older than the RuntimeClass/,
    facts: { pods: 2 },
  },
  {
    name: 'fails a workload of which some pods are younger than their class',
    over: { workloads: observed([aPodGroup({ olderThanClass: 1, features: privileged })]) },
    says: { [CART]: 'fail' },
  },
  {
    name: 'fails a workload for one of its pods',
    over: {
      workloads: observed([aPodGroup(), aPodGroup({ labels: { version: '2' }, features: privileged, marked: { privileged: ['cart-7'] } })]),
    },
    says: { [CART]: 'fail' },
    severity: 'medium',
    message: /1 sandboxed pod has a privileged container \(for example cart-7\)/,
    remediation: /kubectl edit --context shop --namespace shop -- deployments\.apps cart/,
  },
  {
    // `kubectl debug --profile=sysadmin`: the template is correct, and editing it changes nothing.
    name: 'fails a pod with a privileged debug container, which is deleted and not edited',
    over: { workloads: observed([aPodGroup({ features: debugged, marked: { privilegedDebug: ['cart-7'] } })]) },
    says: { [CART]: 'fail' },
    message: /1 sandboxed pod has a privileged debug container \(for example cart-7\)/,
    remediation:
      /^A debug container cannot be removed from a pod\. Delete the pod: its Deployment creates a new one[\s\S]*kubectl delete --context shop --namespace shop -- pods cart-7/,
  },
  {
    name: 'gives no command that deletes a pod without a controller',
    over: {
      workloads: observed([
        aPodGroup({ ownerKind: 'Pod', ownerName: 'cart-7', features: debugged, marked: { privilegedDebug: ['cart-7'] } }),
      ]),
    },
    says: { 'workload/shop/Pod/cart-7': 'fail' },
    remediation: /^A debug container cannot be removed from a pod\. Delete the pod and create it again from its manifest\.$/,
  },
  { name: 'cannot be judged without the pods', over: { workloads: unavailable('denied', 'Forbidden.') }, says: 'unavailable' },
  { name: 'cannot be judged without the classes', over: { runtimeClasses: unavailable('denied', 'Forbidden.') }, says: 'unavailable' },
  { name: 'ignores ordinary pods', over: { workloads: observed([aPlainPodGroup({ features: privileged })]) }, says: {} },
  {
    name: 'ignores pods that have ended',
    over: { workloads: observed([aPodGroup({ phases: ended, features: privileged })]) },
    says: {},
  },
  {
    name: 'takes a pod with both for one whose template is wrong',
    over: {
      workloads: observed([
        aPodGroup({ features: { ...debugged, privileged: 2 }, marked: { privileged: ['cart-7'], privilegedDebug: ['cart-8'] } }),
        aPodGroup({ labels: { version: '2' }, features: privileged, marked: { privileged: ['cart-9'], privilegedDebug: ['cart-6'] } }),
      ]),
    },
    says: { [CART]: 'fail' },
    message: /^3 sandboxed pods have a privileged container \(for example cart-7, cart-9, cart-8\)/,
    facts: { pods: 3, examples: ['cart-7', 'cart-9', 'cart-8'] },
    remediation: /kubectl edit /,
  },
  {
    name: 'says by which owner of which group a pod is made again',
    over: {
      workloads: observed([
        aPodGroup({ ownerKind: 'StatefulSet', ownerGroup: 'apps.kruise.io', features: debugged, marked: { privilegedDebug: ['cart-7'] } }),
      ]),
    },
    says: { 'workload/shop/StatefulSet.apps.kruise.io/cart': 'fail' },
    remediation: /its StatefulSet\.apps\.kruise\.io creates a new one/,
  },
  {
    name: 'takes one pod with a privileged container among others that are debugged for a wrong template',
    over: {
      workloads: observed([
        aPodGroup({ features: { ...debugged, privileged: 1 } }),
        aPodGroup({ labels: { version: '2' }, features: debugged }),
      ]),
    },
    says: { [CART]: 'fail' },
    message: /^2 sandboxed pods have a privileged container\.$/,
    remediation: /kubectl edit /,
  },
  {
    name: 'deletes the pods that are debugged where other pods are not',
    over: {
      workloads: observed([
        aPodGroup({ features: debugged, marked: { privilegedDebug: ['cart-7'] } }),
        aPodGroup({ labels: { version: '2' } }),
      ]),
    },
    says: { [CART]: 'fail' },
    message: /a privileged debug container/,
    remediation: /kubectl delete .* -- pods cart-7$/,
  },
]);
