import { expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import { evaluate } from '../../shared/domain/rule/evaluate.ts';
import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { kataNodeTenancy } from '../../shared/rules/kata-node-tenancy.ts';
import { aPlainPodGroup, aPodGroup, aRuntimeClass, aSnapshot } from '../support/a-snapshot.ts';
import { testRule } from '../support/test-rule.ts';

const CART = 'workload/shop/Deployment/cart';
const placed = (over: Partial<ReturnType<typeof aPodGroup>['placement']>, namespace = 'shop') => ({
  workloads: observed([
    aPlainPodGroup({ namespace, placement: { unscheduled: 0, handlerListed: 0, handlerMissing: 0, unknown: 0, onKataNode: 0, ...over } }),
  ]),
});

testRule(kataNodeTenancy, [
  { name: 'passes ordinary pods elsewhere', over: placed({ handlerListed: 2 }), says: { [CART]: 'pass' } },
  {
    name: 'fails an ordinary pod on a Kata node',
    over: placed({ handlerListed: 2, onKataNode: 1, unknown: 1 }),
    says: { [CART]: 'fail' },
    severity: 'medium',
    message: /1 pod without a pod VM runs on Kata nodes/,
    remediation: /kubectl edit --context shop --namespace shop -- deployments\.apps cart/,
  },
  { name: 'is unknown for pods whose nodes cannot be read', over: placed({ unknown: 1 }), says: { [CART]: 'unknown' } },
  { name: 'cannot be judged without the pods', over: { workloads: unavailable('denied', 'Forbidden.') }, says: 'unavailable' },
  { name: 'ignores system pods', over: placed({ onKataNode: 2 }, 'kube-system'), says: {} },
  { name: 'ignores sandboxed pods', says: {} },
  {
    name: 'is unknown for pods on Kata nodes that are older than their class',
    over: { workloads: observed([aPodGroup({ olderThanClass: 2 })]) },
    says: { [CART]: 'unknown' },
    message: /older than the RuntimeClass/,
  },
  {
    name: 'is unknown for pods on Kata nodes whose class was deleted',
    over: { workloads: observed([aPodGroup({ runtimeClassName: 'gone' })]) },
    says: { [CART]: 'unknown' },
  },
  {
    name: 'ignores pods of a handler that the policy accepts',
    over: { runtimeClasses: observed([aRuntimeClass({ handler: 'kata-qemu' })]) },
    policy: { workloads: [{ name: 'all', acceptedHandlers: ['kata-*'] }] },
    says: {},
  },
  {
    name: 'ignores pods that have ended',
    over: {
      workloads: observed([
        aPodGroup({ runtimeClassName: 'runc', phases: { pending: 0, running: 0, succeeded: 2, failed: 0, unknown: 0 } }),
      ]),
    },
    says: {},
  },
  {
    name: 'counts only the ordinary pods, and names some of them',
    over: {
      workloads: observed([
        aPlainPodGroup({
          placement: { unscheduled: 0, handlerListed: 2, handlerMissing: 0, unknown: 0, onKataNode: 2 },
          marked: { onKataNode: ['cart-7'] },
        }),
        aPlainPodGroup({ labels: { version: '2' } }),
      ]),
    },
    says: { [CART]: 'fail' },
    message: /^2 pods without a pod VM run on Kata nodes \(for example cart-7\)\.$/,
    facts: { pods: 2, examples: ['cart-7'] },
  },
  {
    name: 'passes pods elsewhere that are older than their class',
    over: {
      workloads: observed([
        aPodGroup({ olderThanClass: 2, placement: { unscheduled: 0, handlerListed: 0, handlerMissing: 0, unknown: 0, onKataNode: 0 } }),
      ]),
    },
    says: { [CART]: 'pass' },
  },
  {
    name: 'fails one ordinary pod alone',
    over: { workloads: observed([aPlainPodGroup({ pods: 1, placement: { ...aPodGroup().placement, onKataNode: 1 } })]) },
    says: { [CART]: 'fail' },
    facts: { pods: 1 },
  },
  {
    name: 'is unknown for one pod alone whose class was deleted',
    over: { workloads: observed([aPodGroup({ pods: 1, runtimeClassName: 'gone' })]) },
    says: { [CART]: 'unknown' },
  },
]);

it('kata-node-tenancy is off until the policy turns it on', () => {
  const state = (rules: typeof DEFAULT_POLICY.rules) => evaluate(aSnapshot(), [kataNodeTenancy], { ...DEFAULT_POLICY, rules })[0]?.state;
  expect(state({})).toBe('off');
  expect(state({ 'kata-node-tenancy': 'on' })).toBe('judged');
  expect(state({ 'kata-node-tenancy': 'high' })).toBe('judged');
});
