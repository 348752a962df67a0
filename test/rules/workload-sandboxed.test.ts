import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import type { IsolationProof } from '../../shared/domain/snapshot/snapshot.ts';
import { workloadSandboxed } from '../../shared/rules/workload-sandboxed.ts';
import { aKataNode, aNamespace, aPlainPodGroup, aPodGroup, aRuntimeClass, KATA_IMAGE } from '../support/a-snapshot.ts';
import { testRule } from '../support/test-rule.ts';

const REQUIRED = { 'kataudit.io/sandbox': 'required' };
const LABELLED = 'pods labelled kataudit.io/sandbox=required';
const NO_CLASS = "no RuntimeClass, so the node's default runtime";
const names = (...all: readonly string[]) => all.map((name) => ({ name }));
const CART = 'workload/shop/Deployment/cart';
const hidden = unavailable('denied', 'Forbidden.');
const ended = { pending: 0, running: 0, succeeded: 2, failed: 0, unknown: 0 };
const NIGHTLY = 'workload/shop/CronJob/nightly';
const succeeded = { pending: 0, running: 0, succeeded: 1, failed: 0, unknown: 0 };
const LAST_RUN = {
  ownerKind: 'CronJob',
  ownerName: 'nightly',
  pods: 1,
  phases: succeeded,
  lastRunAt: '2026-09-01T03:00:00.000Z',
  lastEnded: { at: '2026-09-01T03:01:00.000Z', phase: 'succeeded' },
} as const;
const tried = (at: string) => ({
  ownerKind: 'Job',
  ownerName: 'import',
  pods: 1,
  phases: { ...succeeded, succeeded: 0, failed: 1 },
  lastEnded: { at, phase: 'failed' } as const,
});
const aProof = (): IsolationProof => ({
  namespace: 'shop',
  pod: 'cart-1',
  ownerKind: 'Deployment',
  ownerName: 'cart',
  runtimeClassName: 'kata-vm-isolation',
  method: 'exec',
  at: '2026-09-01T12:00:00Z',
  node: 'aks-kata1-0',
  nodeImageVersion: KATA_IMAGE,
  nodeBootId: aKataNode().bootId,
  nodeKernel: aKataNode().kernelVersion,
  result: { state: 'read', bootId: 'another' },
});
const labelled = observed([aNamespace('shop', REQUIRED)]);

testRule(workloadSandboxed, [
  {
    name: 'passes labelled pods in a Kata class',
    over: { workloads: observed([aPodGroup({ labels: REQUIRED })]) },
    says: { [CART]: 'pass' },
    facts: { pods: 2, requirement: [LABELLED] },
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
    message: /^2 pods must run in a pod VM \(pods labelled .*\) and do not: no RuntimeClass.*\(for example cart-1\)\.$/,
    facts: { pods: 2, requirement: [LABELLED], runtime: [NO_CLASS], examples: ['cart-1'] },
    remediation:
      /kubectl patch --context shop --namespace shop --patch '.*runtimeClassName: kata-vm-isolation.*' -- deployments\.apps cart/,
  },
  {
    name: 'recommends the existing class',
    over: { workloads: observed([aPlainPodGroup({ labels: REQUIRED })]), runtimeClasses: observed([aRuntimeClass({ name: 'kata-prod' })]) },
    says: { [CART]: 'fail' },
    remediation: /Set runtimeClassName: kata-prod .*\n.*\nkubectl patch .*runtimeClassName: kata-prod/,
  },
  {
    name: 'recommends no class, without a command, when none is accepted',
    over: { workloads: observed([aPlainPodGroup({ labels: REQUIRED })]), runtimeClasses: observed([aRuntimeClass({ handler: 'runc' })]) },
    says: { [CART]: 'fail' },
    remediation: /^The cluster has no RuntimeClass whose handler the policy accepts\. [^\n]*$/,
  },
  {
    name: 'gives no command for a template that the API server does not allow to change',
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
    name: 'fails a class with a Kata name and another handler',
    over: {
      workloads: observed([aPodGroup({ labels: REQUIRED })]),
      runtimeClasses: observed([aRuntimeClass({ handler: 'runc' })]),
    },
    says: { [CART]: 'fail' },
    severity: 'critical',
    message: /with the handler runc/,
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
    // kubernetes/enhancements#909: pods outlive their RuntimeClass.
    name: 'is unknown for pods of a deleted class',
    over: { workloads: observed([aPodGroup({ labels: REQUIRED, runtimeClassName: 'gone', oldestCreatedAt: '2026-08-01T00:00:00Z' })]) },
    says: { [CART]: 'unknown' },
    message: /whether 2 pods run in a pod VM: the RuntimeClass gone was deleted while they ran/,
  },
  {
    name: 'is unknown for a class that was created during the scan',
    over: { workloads: observed([aPodGroup({ labels: REQUIRED, runtimeClassName: 'new', oldestCreatedAt: '2026-09-01T12:00:01Z' })]) },
    says: { [CART]: 'unknown' },
    message: /new was created after the classes were listed/,
  },
  {
    name: 'is unknown for pods that are older than their class',
    over: { workloads: observed([aPodGroup({ labels: REQUIRED, olderThanClass: 1 })]) },
    says: { [CART]: 'unknown' },
    message: /It is unknown whether 1 pod runs in a pod VM: they are older than the RuntimeClass kata-vm-isolation/,
  },
  {
    name: 'does not fail pods that are older than a class whose handler is now runc',
    over: {
      workloads: observed([aPodGroup({ labels: REQUIRED, olderThanClass: 2 })]),
      runtimeClasses: observed([aRuntimeClass({ handler: 'runc' })]),
    },
    says: { [CART]: 'unknown' },
  },
  {
    name: 'accepts a probe of pods that are all older than their class',
    over: {
      workloads: observed([aPodGroup({ labels: REQUIRED, olderThanClass: 2 })]),
      isolationProofs: observed([aProof()]),
    },
    says: { [CART]: 'pass' },
  },
  {
    name: 'fails a CronJob by its last run, also between its runs',
    over: { workloads: observed([aPlainPodGroup({ ...LAST_RUN, labels: REQUIRED })]) },
    says: { [NIGHTLY]: 'fail' },
    message: /1 pod of the last run, of 2026-09-01T03:00:00.000Z, had to run in a pod VM .* and did not: no RuntimeClass/,
  },
  {
    name: 'speaks of the last run only where no pod runs now',
    over: {
      workloads: observed([
        aPlainPodGroup({ ...LAST_RUN, labels: REQUIRED }),
        aPlainPodGroup({ ownerKind: 'CronJob', ownerName: 'nightly', pods: 1, labels: REQUIRED }),
      ]),
    },
    says: { [NIGHTLY]: 'fail' },
    message: /^2 pods must run in a pod VM .* and do not/,
  },
  {
    name: 'passes a CronJob whose last run was sandboxed',
    over: { workloads: observed([aPodGroup({ ...LAST_RUN, labels: REQUIRED })]) },
    says: { [NIGHTLY]: 'pass' },
  },
  {
    name: 'fails a Job that is about to try again',
    over: { workloads: observed([aPlainPodGroup({ ...tried('2026-09-01T11:50:00Z'), labels: REQUIRED })]) },
    says: { 'workload/shop/Job/import': 'fail' },
    message: /the last attempt, which ended at 2026-09-01T11:50:00Z/,
  },
  {
    name: 'only reports a Job that has given up',
    over: { workloads: observed([aPlainPodGroup({ ...tried('2026-09-01T11:30:00Z'), labels: REQUIRED })]) },
    says: { 'workload/shop/Job/import': 'not-applicable' },
    message: /1 finished pod ran without a sandbox/,
  },
  {
    // kata-containers#10914
    name: 'fails a VM that the policy does not accept, with a lower severity and another message',
    over: {
      workloads: observed([aPodGroup({ labels: REQUIRED })]),
      runtimeClasses: observed([aRuntimeClass({ handler: 'kata-qemu' })]),
    },
    says: { [CART]: 'fail' },
    severity: 'high',
    message: /with an accepted handler .* with the handler kata-qemu, which starts a VM/,
  },
  {
    name: 'fails a handler of which nothing is known as severely as none',
    over: {
      workloads: observed([aPodGroup({ labels: REQUIRED })]),
      runtimeClasses: observed([aRuntimeClass({ handler: 'mine' })]),
    },
    says: { [CART]: 'fail' },
    severity: 'critical',
    message: /with the handler mine, which may or may not start a pod VM/,
  },
  {
    name: 'fails a workload of which some pods start a VM that is not accepted, and others none, as severely as none',
    over: {
      workloads: observed([
        aPodGroup({ labels: REQUIRED, examples: names('a', 'b') }),
        aPlainPodGroup({ labels: REQUIRED, examples: names('c', 'd') }),
      ]),
      runtimeClasses: observed([aRuntimeClass({ handler: 'kata-qemu' })]),
    },
    says: { [CART]: 'fail' },
    severity: 'critical',
    message: /^4 pods must run in a pod VM .* \(for example a, b, c\)\.$/,
    facts: { pods: 4, examples: ['a', 'b', 'c'] },
  },
  {
    name: 'accepts handlers by glob, but runc only by its name',
    over: {
      workloads: observed([aPodGroup(), aPodGroup({ ownerName: 'plain', runtimeClassName: 'runc' })]),
      runtimeClasses: observed([aRuntimeClass({ handler: 'contrast-cc-1f' }), aRuntimeClass({ name: 'runc', handler: 'runc' })]),
    },
    policy: { workloads: [{ name: 'any', acceptedHandlers: ['*'] }] },
    says: { [CART]: 'pass', 'workload/shop/Deployment/plain': 'fail' },
  },
  {
    name: 'is unknown for a namespace that is not in the list',
    over: { workloads: observed([aPlainPodGroup()]), namespaces: observed([]) },
    says: { [CART]: 'unknown' },
    message: /Its namespace shop is not in the list/,
  },
  {
    name: 'is unknown for pods with truncated labels',
    over: { workloads: observed([aPlainPodGroup({ labelsCut: 3 })]) },
    says: { [CART]: 'unknown' },
    message: /^Its pods have more labels than are stored/,
  },
  {
    name: 'is unknown for a namespace with truncated labels',
    over: { workloads: observed([aPlainPodGroup()]), namespaces: observed([{ ...aNamespace('shop'), labelsCut: 3 }]) },
    says: { [CART]: 'unknown' },
    message: /^Its namespace has more labels than are stored/,
  },
  {
    name: 'reports the sandbox label with an unknown value',
    over: { workloads: observed([aPlainPodGroup()]), namespaces: observed([aNamespace('shop', { 'kataudit.io/sandbox': 'Required' })]) },
    says: { [CART]: 'unknown' },
    message: /Its namespace shop has the label kataudit.io\/sandbox=Required, a value that the policy does not use/,
  },
  {
    name: 'reports such a label on the pods themselves',
    over: { workloads: observed([aPlainPodGroup({ labels: { 'kataudit.io/sandbox': 'yes' } })]) },
    says: { [CART]: 'unknown' },
    message: /^Its pods have the label kataudit.io\/sandbox=yes, .* and 2 pods run without a sandbox/,
  },
  {
    name: 'accepts a label that requires no sandbox',
    over: { workloads: observed([aPlainPodGroup({ labels: { 'kataudit.io/sandbox': 'none' } })]) },
    says: {},
  },
  {
    name: 'separates two owners with one name in two API groups',
    over: {
      workloads: observed([
        aPodGroup({ ownerKind: 'StatefulSet', labels: REQUIRED }),
        aPlainPodGroup({ ownerKind: 'StatefulSet', ownerGroup: 'apps.kruise.io', labels: REQUIRED }),
      ]),
    },
    says: { 'workload/shop/StatefulSet/cart': 'pass', 'workload/shop/StatefulSet.apps.kruise.io/cart': 'fail' },
  },
  {
    name: 'fails a Deployment during a rollout out of its sandbox, once',
    over: { workloads: observed([aPodGroup({ labels: REQUIRED }), aPlainPodGroup({ labels: REQUIRED })]) },
    says: { [CART]: 'fail' },
  },
  {
    name: 'accepts the handlers that the policy names',
    over: { workloads: observed([aPodGroup()]) },
    policy: { workloads: [{ name: 'confidential', namespaces: ['sh?p'], acceptedHandlers: ['kata-cc'] }] },
    says: { [CART]: 'fail' },
    severity: 'high',
    message: /^2 pods must run with an accepted handler \(confidential\) .*, which the policy does not accept here/,
  },
  {
    name: 'does not accept in one namespace what the policy accepts in another',
    over: {
      workloads: observed([aPodGroup()]),
      runtimeClasses: observed([aRuntimeClass({ handler: 'contrast' })]),
    },
    policy: {
      workloads: [
        { name: 'here', namespaces: ['shop'] },
        { name: 'there', namespaces: ['bank'], acceptedHandlers: ['contrast'] },
      ],
    },
    says: { [CART]: 'fail' },
    severity: 'high',
    message: /with the handler contrast, which the policy does not accept here/,
  },
  {
    name: 'matches namespaces of the policy by globs',
    over: { workloads: observed([aPlainPodGroup(), aPlainPodGroup({ namespace: 'kube-system' })]) },
    policy: { workloads: [{ name: 'shops', namespaces: ['shop*'] }] },
    says: { [CART]: 'fail' },
  },
  {
    name: 'is unknown for an unreadable namespace',
    over: { workloads: observed([aPlainPodGroup()]), namespaces: hidden },
    says: { [CART]: 'unknown' },
  },
  { name: 'passes a sandboxed pod in an unreadable namespace', over: { namespaces: hidden }, says: {} },
  { name: 'cannot be judged without the classes', over: { runtimeClasses: hidden }, says: 'unavailable' },
  { name: 'cannot be judged without the pods', over: { workloads: hidden }, says: 'unavailable' },
  { name: 'ignores pods that need not be sandboxed', over: { workloads: observed([aPlainPodGroup()]) }, says: {} },
  {
    name: 'only reports finished pods',
    over: { workloads: observed([aPlainPodGroup({ labels: REQUIRED, phases: ended })]) },
    says: { [CART]: 'not-applicable' },
    message: /2 finished pods ran without a sandbox; none of its pods is running now/,
    facts: { finishedPods: 2 },
  },
  {
    name: 'says nothing of finished pods of which nothing is required',
    over: { workloads: observed([aPlainPodGroup({ phases: ended })]) },
    says: {},
  },
  {
    name: 'counts finished pods apart from those that run, in a failure',
    over: { workloads: observed([aPlainPodGroup({ labels: REQUIRED, pods: 3 }), aPlainPodGroup({ labels: REQUIRED, phases: ended })]) },
    says: { [CART]: 'fail' },
    message: /^3 pods must run/,
    facts: { pods: 3, finishedPods: 2 },
  },
  {
    name: 'counts finished pods apart from those that run, in a pass',
    over: { workloads: observed([aPodGroup({ labels: REQUIRED }), aPlainPodGroup({ labels: REQUIRED, phases: ended })]) },
    says: { [CART]: 'pass' },
    facts: { pods: 2, finishedPods: 2 },
  },
  {
    name: 'ignores sandboxed pods that have ended',
    over: { workloads: observed([aPodGroup({ labels: REQUIRED, phases: ended })]) },
    says: {},
  },
]);
