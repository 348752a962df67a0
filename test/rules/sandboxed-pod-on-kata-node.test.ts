import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { sandboxedPodOnKataNode } from '../../shared/rules/sandboxed-pod-on-kata-node.ts';
import { aPlainPodGroup, aPodGroup } from '../support/a-snapshot.ts';
import { testRule } from '../support/test-rule.ts';

const CART = 'workload/shop/Deployment/cart';
const placed = (over: Partial<ReturnType<typeof aPodGroup>['placement']>) => ({
  workloads: observed([
    aPodGroup({ placement: { unscheduled: 0, handlerListed: 0, handlerMissing: 0, unknown: 0, onKataNode: 0, ...over } }),
  ]),
});

testRule(sandboxedPodOnKataNode, [
  { name: 'passes pods on nodes that list the handler', says: { [CART]: 'pass' } },
  {
    name: 'fails one pod on a node that does not',
    over: placed({ handlerListed: 1, handlerMissing: 1, unknown: 1 }),
    says: { [CART]: 'fail' },
    severity: 'critical',
    message: /1 pod is on nodes that do not list/,
    remediation: /kubectl edit --context shop --namespace shop -- deployments\.apps cart/,
  },
  { name: 'is unknown for pods whose nodes cannot be read', over: placed({ handlerListed: 1, unknown: 1 }), says: { [CART]: 'unknown' } },
  { name: 'cannot be judged without the pods', over: { workloads: unavailable('denied', 'Forbidden.') }, says: 'unavailable' },
  { name: 'does not apply to pods without a node', over: placed({ unscheduled: 2 }), says: { [CART]: 'not-applicable' } },
  { name: 'ignores ordinary pods', over: { workloads: observed([aPlainPodGroup()]) }, says: {} },
  {
    name: 'counts only the misplaced pods, and names some',
    over: {
      workloads: observed([
        aPodGroup({
          placement: { unscheduled: 0, handlerListed: 0, handlerMissing: 2, unknown: 0, onKataNode: 0 },
          marked: { handlerMissing: ['cart-7', 'cart-8'] },
        }),
        aPodGroup({
          labels: { version: '3' },
          placement: { unscheduled: 0, handlerListed: 0, handlerMissing: 2, unknown: 0, onKataNode: 0 },
          marked: { handlerMissing: ['cart-5', 'cart-6'] },
        }),
        aPodGroup({ labels: { version: '2' } }),
      ]),
    },
    says: { [CART]: 'fail' },
    message: /^4 pods are on nodes .* \(for example cart-7, cart-8, cart-5\)\.$/,
    facts: { pods: 4, examples: ['cart-7', 'cart-8', 'cart-5'] },
  },
  { name: 'counts the correctly placed pods', says: { [CART]: 'pass' }, facts: { pods: 2 } },
  {
    name: 'is unknown for pods whose class was deleted',
    over: { workloads: observed([aPodGroup({ runtimeClassName: 'gone' })]) },
    says: { [CART]: 'unknown' },
    message: /^It is unknown which handler 2 pods would need/,
  },
  {
    name: 'ignores that the node of a finished pod was deleted',
    over: {
      workloads: observed([
        aPodGroup({
          ownerKind: 'CronJob',
          phases: { pending: 0, running: 0, succeeded: 2, failed: 0, unknown: 0 },
          lastRunAt: '2026-09-01T03:00:00.000Z',
          lastEnded: { at: '2026-09-01T03:01:00.000Z', phase: 'succeeded' },
          placement: { unscheduled: 0, handlerListed: 1, handlerMissing: 0, unknown: 1, onKataNode: 1 },
        }),
      ]),
    },
    says: { 'workload/shop/CronJob/cart': 'pass' },
  },
  {
    name: 'is unknown for one pod alone whose node cannot be read',
    over: { workloads: observed([aPodGroup({ pods: 1, placement: { ...aPodGroup().placement, unknown: 1 } })]) },
    says: { [CART]: 'unknown' },
  },
]);
