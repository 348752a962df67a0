import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { runtimeClassHandler } from '../../shared/rules/runtime-class-handler.ts';
import { aPodGroup, aRuntimeClass } from '../support/a-snapshot.ts';
import { testRule } from '../support/test-rule.ts';

const classes = (name: string, handler: string) => ({ runtimeClasses: observed([aRuntimeClass({ name, handler })]) });

testRule(runtimeClassHandler, [
  { name: 'passes the class of AKS', says: { 'runtime-class/kata-vm-isolation': 'pass' }, message: /^$/, facts: { handler: 'kata' } },
  {
    name: "passes a class of one's own with the handler kata",
    over: classes('small-vms', 'kata'),
    says: { 'runtime-class/small-vms': 'pass' },
  },
  { name: 'passes the preview handler', over: classes('kata-v2', 'kata-preview'), says: { 'runtime-class/kata-v2': 'pass' } },
  {
    name: 'fails a Kata name with another handler',
    over: classes('kata-fast', 'untrusted'),
    says: { 'runtime-class/kata-fast': 'fail' },
    severity: 'critical',
    message: /resolves to the handler untrusted/,
    remediation: /kubectl delete --context shop -- runtimeclasses\.node\.k8s\.io kata-fast/,
  },
  {
    name: 'gives no command that deletes a class which pods name',
    over: { ...classes('kata-fast', 'runc'), workloads: observed([aPodGroup({ runtimeClassName: 'kata-fast' })]) },
    says: { 'runtime-class/kata-fast': 'fail' },
    remediation:
      /^First move 1 workload to a Kata class \(for example shop\/cart\)\. Then delete this class: a handler cannot be changed\.$/,
  },
  {
    name: 'gives no command that deletes a class which pods may name',
    over: { ...classes('kata-fast', 'runc'), workloads: unavailable('denied', 'Forbidden.') },
    says: { 'runtime-class/kata-fast': 'fail' },
    remediation: /^It is unknown whether pods name the class\. Move those that do to a Kata class, then delete it\.$/,
  },
  { name: 'fails katacli, which is runc', over: classes('sandbox', 'katacli'), says: { 'runtime-class/sandbox': 'fail' } },
  {
    name: 'fails an ordinary handler that the policy accepts',
    over: classes('sandbox', 'untrusted'),
    policy: { workloads: [{ name: 'all', acceptedHandlers: ['untrusted'] }] },
    says: { 'runtime-class/sandbox': 'fail' },
  },
  {
    name: 'passes another kind of sandbox that the policy accepts',
    over: classes('gvisor', 'runsc'),
    policy: { workloads: [{ name: 'all', acceptedHandlers: ['runsc'] }] },
    says: { 'runtime-class/gvisor': 'pass' },
    message: /which the policy accepts/,
  },
  {
    name: 'passes a hashed handler that a glob of the policy accepts',
    over: classes('mine', 'contrast-cc-aks-clh-snp-7173acb5'),
    policy: { workloads: [{ name: 'all', acceptedHandlers: ['contrast-cc-*'] }] },
    says: { 'runtime-class/mine': 'pass' },
  },
  {
    name: 'fails runc behind a Kata name, even when the policy accepts every handler',
    over: classes('kata-fast', 'runc'),
    policy: { workloads: [{ name: 'all', acceptedHandlers: ['*'] }] },
    says: { 'runtime-class/kata-fast': 'fail' },
  },
  {
    // kata-containers#9807, cloud-api-adaptor#904: kata-deploy's handlers and peer pods do start a VM.
    name: 'passes a handler that starts a VM, and says that AKS does not support it',
    over: { runtimeClasses: observed(['kata-qemu', 'kata-clh', 'kata-remote'].map((name) => aRuntimeClass({ name, handler: name }))) },
    says: { 'runtime-class/kata-qemu': 'pass', 'runtime-class/kata-clh': 'pass', 'runtime-class/kata-remote': 'pass' },
    message: /kata-remote, which starts a VM. AKS does not support it/,
  },
  {
    name: 'is unknown for an unknown handler',
    over: classes('kata-mine', 'mine'),
    says: { 'runtime-class/kata-mine': 'unknown' },
    message: /acceptedHandlers/,
  },
  { name: 'cannot be judged without the classes', over: { runtimeClasses: unavailable('denied', 'Forbidden.') }, says: 'unavailable' },
  { name: 'ignores ordinary classes', over: classes('runc', 'runc'), says: {} },
  {
    name: 'gives no command that deletes a class which unread pods may name',
    over: { ...classes('kata-fast', 'runc'), workloads: observed([], { kind: 'truncated', message: 'Too many.' }) },
    says: { 'runtime-class/kata-fast': 'fail' },
    facts: { handler: 'runc' },
    remediation: /^It is unknown whether pods name the class/,
  },
  {
    name: 'counts the workloads that name it, and no others',
    over: {
      ...classes('kata-fast', 'runc'),
      workloads: observed([
        ...['a', 'b', 'c', 'd'].map((ownerName) => aPodGroup({ ownerName, runtimeClassName: 'kata-fast' })),
        aPodGroup({ ownerName: 'other' }),
      ]),
    },
    says: { 'runtime-class/kata-fast': 'fail' },
    remediation: /^First move 4 workloads .* \(for example shop\/a, shop\/b, shop\/c\)\. /,
  },
  {
    name: 'judges a class with an ordinary name by its Kata handler',
    over: classes('fast', 'KATA-x'),
    says: { 'runtime-class/fast': 'unknown' },
  },
]);
