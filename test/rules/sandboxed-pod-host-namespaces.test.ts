import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { sandboxedPodHostNamespaces } from '../../shared/rules/sandboxed-pod-host-namespaces.ts';
import { aPlainPodGroup, aPodGroup } from '../support/a-snapshot.ts';
import { testRule } from '../support/test-rule.ts';

const CART = 'workload/shop/Deployment/cart';
const shares = (features: Partial<ReturnType<typeof aPodGroup>['features']>) => ({
  workloads: observed([aPodGroup({ features: { ...aPodGroup().features, ...features } })]),
});

testRule(sandboxedPodHostNamespaces, [
  { name: 'passes pods in their own namespaces', says: { [CART]: 'pass' } },
  { name: 'fails hostNetwork', over: shares({ hostNetwork: 1 }), says: { [CART]: 'fail' }, message: /hostNetwork/, severity: 'high' },
  { name: 'fails hostPID', over: shares({ hostPid: 1 }), says: { [CART]: 'fail' }, message: /hostPID/ },
  { name: 'fails hostIPC', over: shares({ hostIpc: 1 }), says: { [CART]: 'fail' }, message: /hostIPC/ },
  {
    name: 'names all of them, and counts each pod once',
    over: shares({ hostNetwork: 2, hostPid: 1 }),
    says: { [CART]: 'fail' },
    message: /^2 sandboxed pods ask for hostNetwork and hostPID/,
    remediation: /kubectl edit --context shop --namespace shop -- deployments\.apps cart/,
  },
  { name: 'cannot be judged without the pods', over: { workloads: unavailable('denied', 'Forbidden.') }, says: 'unavailable' },
  { name: 'ignores ordinary pods', over: { workloads: observed([aPlainPodGroup()]) }, says: {} },
  {
    name: 'counts each pod once for all that it asks for',
    over: shares({ hostNetwork: 1, hostIpc: 2 }),
    says: { [CART]: 'fail' },
    facts: { pods: 2 },
    message: /for hostNetwork and hostIPC/,
  },
  {
    name: 'does not know pods of a class that was deleted, by what they ask for',
    over: { workloads: observed([aPodGroup({ runtimeClassName: 'gone', features: { ...aPodGroup().features, hostIpc: 1 } })]) },
    says: { [CART]: 'unknown' },
    message: /^1 pod asks for hostIPC, and it is unknown whether/,
    facts: { pods: 1 },
  },
  {
    name: 'names what only some of the pods ask for',
    over: {
      workloads: observed([
        aPodGroup({ features: { ...aPodGroup().features, hostNetwork: 1 } }),
        aPodGroup({ labels: { version: '2' }, features: { ...aPodGroup().features, hostPid: 1 } }),
      ]),
    },
    says: { [CART]: 'fail' },
    message: /^2 sandboxed pods ask for hostNetwork and hostPID/,
  },
]);
