import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { sandboxedPodMemoryLimit } from '../../shared/rules/sandboxed-pod-memory-limit.ts';
import { aPlainPodGroup, aPodGroup } from '../support/a-snapshot.ts';
import { testRule } from '../support/test-rule.ts';

const CART = 'workload/shop/Deployment/cart';
const noMemoryLimit = { ...aPodGroup().features, noMemoryLimit: 1 };
const ended = { pending: 0, running: 0, succeeded: 2, failed: 0, unknown: 0 };

testRule(sandboxedPodMemoryLimit, [
  { name: 'passes pods without it', says: { [CART]: 'pass' } },
  {
    name: 'fails a workload for one of its pods',
    over: {
      workloads: observed([
        aPodGroup(),
        aPodGroup({ labels: { version: '2' }, features: noMemoryLimit, marked: { noMemoryLimit: ['cart-7'] } }),
      ]),
    },
    says: { [CART]: 'fail' },
    severity: 'low',
    message: /1 sandboxed pod has a container without a memory limit \(for example cart-7\)/,
    remediation: /kubectl edit --context shop --namespace shop -- deployments\.apps cart/,
  },
  { name: 'cannot be judged without the pods', over: { workloads: unavailable('denied', 'Forbidden.') }, says: 'unavailable' },
  { name: 'cannot be judged without the classes', over: { runtimeClasses: unavailable('denied', 'Forbidden.') }, says: 'unavailable' },
  { name: 'ignores ordinary pods', over: { workloads: observed([aPlainPodGroup({ features: noMemoryLimit })]) }, says: {} },
  {
    name: 'ignores pods that have ended',
    over: { workloads: observed([aPodGroup({ phases: ended, features: noMemoryLimit })]) },
    says: {},
  },
  {
    name: 'fails several pods in the number of the verb',
    over: { workloads: observed([aPodGroup({ features: { ...noMemoryLimit, noMemoryLimit: 2 } })]) },
    says: { [CART]: 'fail' },
    message: /^2 sandboxed pods have a container without/,
    facts: { pods: 2 },
  },
]);
