import { observed, unavailable } from '../../shared/domain/observation.ts';
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
    message: /1 sandboxed pod waits to start, the oldest for less than an hour \(for example cart-1\)/,
    remediation: /kubectl describe pod cart-1 --namespace shop/,
  },
  { name: 'says hours', over: since('2026-09-01T01:00:00Z'), says: { [CART]: 'fail' }, message: /for hours/ },
  { name: 'says days', over: since('2026-08-29T12:00:00Z'), says: { [CART]: 'fail' }, message: /for 3 days/ },
  { name: 'cannot be judged without the pods', over: { workloads: unavailable('denied', 'Forbidden.') }, says: 'unavailable' },
  { name: 'says nothing of ordinary pods', over: { workloads: observed([aPlainPodGroup({ waiting: 2 })]) }, says: {} },
]);
