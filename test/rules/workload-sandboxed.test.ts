import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { workloadSandboxed } from '../../shared/rules/workload-sandboxed.ts';
import { aNamespace, aPlainPodGroup, aPodGroup, aRuntimeClass } from '../support/a-snapshot.ts';
import { testRule } from '../support/test-rule.ts';

const REQUIRED = { 'kataudit.io/sandbox': 'required' };
const CART = 'workload/shop/Deployment/cart';
const hidden = unavailable('denied', 'Forbidden.');
const ended = { pending: 0, running: 0, succeeded: 2, failed: 0, unknown: 0 };
const labelled = observed([aNamespace('shop', REQUIRED)]);

testRule(workloadSandboxed, [
  {
    name: 'passes labelled pods in a Kata class',
    over: { workloads: observed([aPodGroup({ labels: REQUIRED })]) },
    says: { [CART]: 'pass' },
  },
  {
    name: "passes a class of one's own by its handler",
    over: {
      workloads: observed([aPodGroup({ labels: REQUIRED, runtimeClassName: 'mine' })]),
      runtimeClasses: observed([aRuntimeClass({ name: 'mine' })]),
    },
    says: { [CART]: 'pass' },
  },
  {
    name: 'fails labelled pods without a class',
    over: { workloads: observed([aPlainPodGroup({ labels: REQUIRED })]) },
    says: { [CART]: 'fail' },
    severity: 'critical',
    message: /2 pods must run in a pod VM \(pods labelled .*\) and do not: no RuntimeClass.*\(for example cart-1\)/,
    remediation:
      /kubectl patch --context shop --namespace shop --patch '.*runtimeClassName: kata-vm-isolation.*' -- deployments\.apps cart/,
  },
  {
    name: 'advises the class that is there',
    over: { workloads: observed([aPlainPodGroup({ labels: REQUIRED })]), runtimeClasses: observed([aRuntimeClass({ name: 'kata-prod' })]) },
    says: { [CART]: 'fail' },
    remediation: /Set runtimeClassName: kata-prod .*\n.*\nkubectl patch .*runtimeClassName: kata-prod/,
  },
  {
    name: 'advises no class, and no command, where none is accepted',
    over: { workloads: observed([aPlainPodGroup({ labels: REQUIRED })]), runtimeClasses: observed([aRuntimeClass({ handler: 'runc' })]) },
    says: { [CART]: 'fail' },
    remediation: /^The cluster has no RuntimeClass whose handler the policy accepts: [^\n]*$/,
  },
  {
    name: 'advises no command for a template that the API server does not let change',
    over: { workloads: observed([aPlainPodGroup({ ownerKind: 'Job', labels: REQUIRED })]) },
    says: { 'workload/shop/Job/cart': 'fail' },
    remediation: /^Set runtimeClassName: kata-vm-isolation .* delete the Job, and create it again\.$/,
  },
  {
    name: 'fails pods of a labelled namespace',
    over: { workloads: observed([aPlainPodGroup({ pods: 1 })]), namespaces: labelled },
    says: { [CART]: 'fail' },
    message: /1 pod must .* and does not/,
  },
  {
    name: 'fails a class that sounds like Kata and is not',
    over: {
      workloads: observed([aPodGroup({ labels: REQUIRED })]),
      runtimeClasses: observed([aRuntimeClass({ handler: 'runc' })]),
    },
    says: { [CART]: 'fail' },
    message: /whose handler is runc/,
  },
  {
    name: 'fails katacli, which is runc',
    over: {
      workloads: observed([aPodGroup({ labels: REQUIRED })]),
      runtimeClasses: observed([aRuntimeClass({ handler: 'katacli' })]),
    },
    says: { [CART]: 'fail' },
  },
  {
    name: 'fails a class that is not there',
    over: { workloads: observed([aPodGroup({ labels: REQUIRED, runtimeClassName: 'gone' })]) },
    says: { [CART]: 'fail' },
    message: /gone, which does not exist/,
  },
  {
    name: 'fails a Deployment in the middle of leaving its sandbox, once',
    over: { workloads: observed([aPodGroup({ labels: REQUIRED }), aPlainPodGroup({ labels: REQUIRED })]) },
    says: { [CART]: 'fail' },
  },
  {
    name: 'lets the policy name the handlers that it accepts',
    over: { workloads: observed([aPodGroup()]) },
    policy: { workloads: [{ name: 'confidential', namespaces: ['sh?p'], acceptedHandlers: ['kata-cc'] }] },
    says: { [CART]: 'fail' },
    message: /confidential/,
  },
  {
    name: 'lets the policy name namespaces by globs',
    over: { workloads: observed([aPlainPodGroup(), aPlainPodGroup({ namespace: 'kube-system' })]) },
    policy: { workloads: [{ name: 'shops', namespaces: ['shop*'] }] },
    says: { [CART]: 'fail' },
  },
  {
    name: 'does not know what a hidden namespace asks for',
    over: { workloads: observed([aPlainPodGroup()]), namespaces: hidden },
    says: { [CART]: 'unknown' },
  },
  { name: 'knows that a sandboxed pod satisfies a hidden namespace too', over: { namespaces: hidden }, says: {} },
  { name: 'cannot be judged without the classes', over: { runtimeClasses: hidden }, says: 'unavailable' },
  { name: 'cannot be judged without the pods', over: { workloads: hidden }, says: 'unavailable' },
  { name: 'says nothing of pods that nobody wants sandboxed', over: { workloads: observed([aPlainPodGroup()]) }, says: {} },
  {
    name: 'says nothing of pods that have ended',
    over: { workloads: observed([aPlainPodGroup({ labels: REQUIRED, phases: ended })]) },
    says: {},
  },
]);
