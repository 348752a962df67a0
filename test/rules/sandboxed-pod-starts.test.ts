import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { sandboxedPodStarts } from '../../shared/rules/sandboxed-pod-starts.ts';
import { aPlainPodGroup, aPodGroup } from '../support/a-snapshot.ts';
import { testRule } from '../support/test-rule.ts';

const CART = 'workload/shop/Deployment/cart';
const phases = { pending: 1, running: 0, succeeded: 0, failed: 0, unknown: 0 };
const since = (oldestWaitingSince: string) => ({ workloads: observed([aPodGroup({ pods: 1, waiting: 1, phases, oldestWaitingSince })]) });

testRule(sandboxedPodStarts, [
  { name: 'passes pods that run', says: { [CART]: 'pass' } },
  { name: 'passes a pod that waits for 15 minutes', over: since('2026-09-01T11:44:01Z'), says: { [CART]: 'pass' } },
  {
    name: 'fails a pod that waits for 16 minutes',
    over: since('2026-09-01T11:44:00Z'),
    says: { [CART]: 'fail' },
    severity: 'medium',
    message: /1 sandboxed pod waits to start, the oldest since 2026-09-01T11:44:00Z \(for example cart-1\)/,
    remediation: /kubectl describe --context shop --namespace shop -- pods cart-1/,
  },
  {
    name: 'says since when the oldest of several waits',
    over: {
      workloads: observed([
        aPodGroup({ waiting: 1, phases, oldestWaitingSince: '2026-08-30T12:00:00Z' }),
        aPodGroup({ waiting: 2, phases, oldestWaitingSince: '2026-08-29T12:00:00Z', labels: { version: '2' } }),
        aPodGroup({ waiting: 5, phases, oldestWaitingSince: '2026-09-01T11:59:00Z', labels: { version: '3' } }),
      ]),
    },
    says: { [CART]: 'fail' },
    message: /^3 sandboxed pods wait to start, the oldest since 2026-08-29T12:00:00Z/,
  },
  { name: 'cannot be judged without the pods', over: { workloads: unavailable('denied', 'Forbidden.') }, says: 'unavailable' },
  { name: 'says nothing of ordinary pods', over: { workloads: observed([aPlainPodGroup({ waiting: 2 })]) }, says: {} },
]);
