import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { sandboxedPodHostPath } from '../../shared/rules/sandboxed-pod-host-path.ts';
import { aPlainPodGroup, aPodGroup } from '../support/a-snapshot.ts';
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
  { name: 'cannot be judged without the pods', over: { workloads: unavailable('denied', 'Forbidden.') }, says: 'unavailable' },
  { name: 'cannot be judged without the classes', over: { runtimeClasses: unavailable('denied', 'Forbidden.') }, says: 'unavailable' },
  { name: 'says nothing of ordinary pods', over: { workloads: observed([aPlainPodGroup({ features: hostPath })]) }, says: {} },
  {
    name: 'says nothing of pods that have ended',
    over: { workloads: observed([aPodGroup({ phases: ended, features: hostPath })]) },
    says: {},
  },
]);
