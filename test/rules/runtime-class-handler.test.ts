import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { runtimeClassHandler } from '../../shared/rules/runtime-class-handler.ts';
import { aRuntimeClass } from '../support/a-snapshot.ts';
import { testRule } from '../support/test-rule.ts';

const classes = (name: string, handler: string) => ({ runtimeClasses: observed([aRuntimeClass({ name, handler })]) });

testRule(runtimeClassHandler, [
  { name: 'passes the class of AKS', says: { 'runtime-class/kata-vm-isolation': 'pass' } },
  {
    name: "passes a class of one's own with the handler kata",
    over: classes('small-vms', 'kata'),
    says: { 'runtime-class/small-vms': 'pass' },
  },
  { name: 'passes the handler of the preview', over: classes('kata-v2', 'kata-preview'), says: { 'runtime-class/kata-v2': 'pass' } },
  {
    name: 'fails a Kata name with another handler',
    over: classes('kata-fast', 'untrusted'),
    says: { 'runtime-class/kata-fast': 'fail' },
    severity: 'critical',
    message: /resolves to the handler untrusted/,
    remediation: /kubectl delete --context shop -- runtimeclasses\.node\.k8s\.io kata-fast/,
  },
  { name: 'fails katacli, which is runc', over: classes('sandbox', 'katacli'), says: { 'runtime-class/sandbox': 'fail' } },
  {
    name: 'fails an ordinary handler that the policy accepts',
    over: classes('sandbox', 'untrusted'),
    policy: { workloads: [{ name: 'all', acceptedHandlers: ['untrusted'] }] },
    says: { 'runtime-class/sandbox': 'fail' },
  },
  {
    name: 'leaves a sandbox of another kind to the policy',
    over: classes('gvisor', 'runsc'),
    policy: { workloads: [{ name: 'all', acceptedHandlers: ['runsc'] }] },
    says: {},
  },
  { name: 'cannot be judged without the classes', over: { runtimeClasses: unavailable('denied', 'Forbidden.') }, says: 'unavailable' },
  { name: 'says nothing of ordinary classes', over: classes('runc', 'runc'), says: {} },
]);
