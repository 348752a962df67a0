import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { sandboxedPodHostPath } from '../../shared/rules/sandboxed-pod-host-path.ts';
import { aPlainPodGroup, aPodGroup, aRuntimeClass } from '../support/a-snapshot.ts';
import { testRule } from '../support/test-rule.ts';

const CART = 'workload/shop/Deployment/cart';
const hostPath = { ...aPodGroup().features, hostPath: 1 };
const ended = { pending: 0, running: 0, succeeded: 2, failed: 0, unknown: 0 };

testRule(sandboxedPodHostPath, [
  { name: 'passes pods without it', says: { [CART]: 'pass' } },
  {
    name: 'fails a workload for one of its pods',
    over: {
      workloads: observed([aPodGroup(), aPodGroup({ labels: { version: '2' }, features: hostPath, marked: { hostPath: ['cart-7'] } })]),
    },
    says: { [CART]: 'fail' },
    severity: 'high',
    message: /1 sandboxed pod mounts a folder of the node \(for example cart-7\)/,
    remediation: /kubectl edit --context shop --namespace shop -- deployments\.apps cart/,
  },
  {
    // kubernetes#81110: a volume behind a claim may be a directory of the node.
    name: 'passes pods with claims, and says that claims were not checked',
    over: { workloads: observed([aPodGroup({ features: { ...aPodGroup().features, claims: 2 } })]) },
    says: { [CART]: 'pass' },
    message: /2 pods use persistent volume claims whose volumes were not read/,
  },
  {
    name: 'fails a directory of the node behind a claim, with the optional permission',
    over: {
      workloads: observed([
        aPodGroup({ features: { ...aPodGroup().features, hostPathClaims: 2 }, marked: { hostPathClaims: ['cart-1', 'cart-2'] } }),
      ]),
    },
    says: { [CART]: 'fail' },
    severity: 'high',
    message: /2 sandboxed pods mount a folder or a disk of the node through a persistent volume claim \(for example cart-1, cart-2\)/,
    remediation: /^Use a volume that is not on the node/,
  },
  {
    name: 'is unknown for pods whose claims could not be checked',
    over: { workloads: observed([aPodGroup({ features: { ...aPodGroup().features, claimsUnseen: 1, claims: 1 } })]) },
    says: { [CART]: 'unknown' },
    message: /1 pod uses persistent volume claims whose volumes could not be read/,
    facts: { pods: 2 },
  },
  {
    name: 'fails for a known directory, whatever is behind other claims',
    over: { workloads: observed([aPodGroup({ features: { ...hostPath, claimsUnseen: 1 } })]) },
    says: { [CART]: 'fail' },
    message: /1 sandboxed pod mounts a folder of the node\./,
  },
  {
    name: 'is unknown for pods with it whose class was deleted',
    over: { workloads: observed([aPodGroup({ runtimeClassName: 'gone', features: hostPath })]) },
    says: { [CART]: 'unknown' },
    message: /1 pod mounts a folder of the node, and it is unknown whether they run in a pod VM/,
  },
  {
    name: 'fails pods of a handler that the policy accepts',
    over: {
      workloads: observed([aPodGroup({ features: hostPath })]),
      runtimeClasses: observed([aRuntimeClass({ handler: 'kata-qemu' })]),
    },
    policy: { workloads: [{ name: 'all', acceptedHandlers: ['kata-qemu'] }] },
    says: { [CART]: 'fail' },
  },
  { name: 'cannot be judged without the pods', over: { workloads: unavailable('denied', 'Forbidden.') }, says: 'unavailable' },
  { name: 'cannot be judged without the classes', over: { runtimeClasses: unavailable('denied', 'Forbidden.') }, says: 'unavailable' },
  { name: 'ignores ordinary pods', over: { workloads: observed([aPlainPodGroup({ features: hostPath })]) }, says: {} },
  {
    name: 'ignores pods that have ended',
    over: { workloads: observed([aPodGroup({ phases: ended, features: hostPath })]) },
    says: {},
  },
  {
    name: 'counts the pods of all groups that have it, and names three of them',
    over: {
      workloads: observed([
        aPodGroup({ features: { ...hostPath, hostPath: 2 }, marked: { hostPath: ['a', 'b'] } }),
        aPodGroup({
          labels: { version: '2' },
          features: { ...hostPath, hostPathClaims: 3 },
          marked: { hostPath: ['b', 'c'], hostPathClaims: ['c', 'd'] },
        }),
        aPodGroup({ labels: { version: '3' } }),
      ]),
    },
    says: { [CART]: 'fail' },
    facts: { pods: 5, examples: ['a', 'b', 'c'] },
  },
  {
    name: 'counts what passes, and what is not known among it',
    over: { workloads: observed([aPodGroup(), aPodGroup({ runtimeClassName: 'gone', pods: 3 })]) },
    says: { [CART]: 'pass' },
    facts: { pods: 5 },
  },
  {
    name: 'fails what is seen beside pods of a class that was deleted',
    over: {
      workloads: observed([
        aPodGroup({ features: hostPath }),
        aPodGroup({ runtimeClassName: 'gone', features: { ...hostPath, hostPath: 2 } }),
      ]),
    },
    says: { [CART]: 'fail' },
    facts: { pods: 1 },
  },
  {
    name: 'speaks of the folder in the template where claims have folders too',
    over: { workloads: observed([aPodGroup({ features: { ...hostPath, hostPathClaims: 2 } })]) },
    says: { [CART]: 'fail' },
    message: /mount a folder of the node\./,
    remediation: /^Replace the hostPath volume/,
  },
  {
    name: 'counts several pods whose claims could not be checked',
    over: { workloads: observed([aPodGroup({ features: { ...aPodGroup().features, claimsUnseen: 2 } })]) },
    says: { [CART]: 'unknown' },
    message: /2 pods use persistent volume claims whose volumes could not be read/,
  },
  {
    name: 'notes one pod with claims',
    over: { workloads: observed([aPodGroup({ features: { ...aPodGroup().features, claims: 1 } })]) },
    says: { [CART]: 'pass' },
    message: /1 pod uses persistent volume claims whose volumes were not read/,
  },
  { name: 'notes nothing of pods without claims', says: { [CART]: 'pass' }, message: /^$/ },
]);
