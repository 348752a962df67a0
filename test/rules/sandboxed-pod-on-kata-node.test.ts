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
    message: /1 pod sits on nodes that do not list/,
    remediation: /kubectl edit --context shop --namespace shop -- deployments\.apps cart/,
  },
  { name: 'does not know pods whose nodes cannot be seen', over: placed({ handlerListed: 1, unknown: 1 }), says: { [CART]: 'unknown' } },
  { name: 'cannot be judged without the pods', over: { workloads: unavailable('denied', 'Forbidden.') }, says: 'unavailable' },
  { name: 'does not apply to pods without a node', over: placed({ unscheduled: 2 }), says: { [CART]: 'not-applicable' } },
  { name: 'says nothing of ordinary pods', over: { workloads: observed([aPlainPodGroup()]) }, says: {} },
]);
