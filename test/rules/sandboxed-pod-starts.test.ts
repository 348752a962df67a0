import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { sandboxedPodStarts } from '../../shared/rules/sandboxed-pod-starts.ts';
import { aPlainPodGroup, aPodGroup } from '../support/a-snapshot.ts';
import { testRule } from '../support/test-rule.ts';

const CART = 'workload/shop/Deployment/cart';
const phases = { pending: 1, running: 0, succeeded: 0, failed: 0, unknown: 0 };
const since = (oldestWaitingSince: string) => ({
  workloads: observed([aPodGroup({ pods: 1, waiting: 1, phases, oldestWaitingSince, marked: { waiting: ['cart-7'] } })]),
});
const DAEMON = { ownerKind: 'DaemonSet', ownerName: 'agent', pods: 1, waiting: 1, phases, oldestWaitingSince: '2026-09-01T11:00:00Z' };

testRule(sandboxedPodStarts, [
  { name: 'passes pods that run', says: { [CART]: 'pass' }, message: /^$/, facts: { waiting: 0 } },
  { name: 'passes a pod that waits for 15 minutes', over: since('2026-09-01T11:44:01Z'), says: { [CART]: 'pass' } },
  {
    name: 'fails a pod that waits for 16 minutes',
    over: since('2026-09-01T11:44:00Z'),
    says: { [CART]: 'fail' },
    severity: 'medium',
    message: /1 sandboxed pod waits to start, the oldest since 2026-09-01T11:44:00Z \(for example cart-7\)/,
    remediation: /kubectl describe --context shop --namespace shop -- pods cart-7/,
  },
  {
    name: 'reports since when the oldest of several waits',
    over: {
      workloads: observed([
        aPodGroup({ waiting: 1, phases, oldestWaitingSince: '2026-08-30T12:00:00Z' }),
        aPodGroup({ waiting: 2, phases, oldestWaitingSince: '2026-08-29T12:00:00Z', labels: { version: '2' } }),
        aPodGroup({ waiting: 5, phases, oldestWaitingSince: '2026-09-01T11:59:00Z', labels: { version: '3' } }),
      ]),
    },
    says: { [CART]: 'fail' },
    message: /^3 sandboxed pods wait to start, the oldest since 2026-08-29T12:00:00Z\.$/,
  },
  {
    name: "says why, in the scheduler's words",
    over: {
      workloads: observed([
        aPodGroup({ pods: 1, waiting: 1, phases, oldestWaitingSince: '2026-09-01T10:00:00Z', labels: { version: '2' } }),
        aPodGroup({ pods: 1, waiting: 1, phases, oldestWaitingSince: '2026-09-01T10:00:00Z', waitingReason: '0/3 nodes are available' }),
      ]),
    },
    says: { [CART]: 'fail' },
    message: /: 0\/3 nodes are available\.$/,
    facts: { waiting: 2, reason: '0/3 nodes are available' },
  },
  {
    name: 'passes pods with a scheduling gate, and reports it',
    over: { workloads: observed([aPodGroup({ phases, gated: 2 })]) },
    says: { [CART]: 'pass' },
    message: /A scheduling gate holds back 2 pods/,
  },
  {
    name: 'names the node selector that a DaemonSet lacks',
    over: { workloads: observed([aPodGroup(DAEMON)]) },
    says: { 'workload/shop/DaemonSet/agent': 'fail' },
    message: /Add the node selector kubernetes.azure.com\/kata-vm-isolation: "true" to its pod template/,
  },
  {
    name: 'reports waiting pods whose class was deleted',
    over: { ...since('2026-09-01T11:00:00Z'), runtimeClasses: observed([]) },
    says: { [CART]: 'fail' },
  },
  { name: 'cannot be judged without the pods', over: { workloads: unavailable('denied', 'Forbidden.') }, says: 'unavailable' },
  { name: 'ignores ordinary pods', over: { workloads: observed([aPlainPodGroup({ waiting: 2 })]) }, says: {} },
  {
    name: 'reports how many wait, since when and which',
    over: since('2026-09-01T11:00:00Z'),
    says: { [CART]: 'fail' },
    facts: { waiting: 1, waitingSince: '2026-09-01T11:00:00Z', examples: ['cart-7'] },
  },
  {
    name: 'counts pods that wait briefly, and those with a scheduling gate',
    over: { workloads: observed([aPodGroup({ waiting: 1, phases, oldestWaitingSince: '2026-09-01T11:59:00Z', gated: 1 })]) },
    says: { [CART]: 'pass' },
    facts: { waiting: 1, gated: 1 },
  },
  {
    name: 'passes pods that no longer wait',
    over: { workloads: observed([aPodGroup({ waiting: 0, oldestWaitingSince: '2026-08-01T00:00:00Z' })]) },
    says: { [CART]: 'pass' },
  },
  {
    name: 'passes pods with an unknown start of their wait',
    over: { workloads: observed([aPodGroup({ waiting: 1, phases })]) },
    says: { [CART]: 'pass' },
  },
]);
