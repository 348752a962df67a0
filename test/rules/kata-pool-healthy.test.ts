import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { kataPoolHealthy } from '../../shared/rules/kata-pool-healthy.ts';
import {
  aKataNode,
  aKataPool,
  aPlainNode,
  aPlainPodGroup,
  aPlainPool,
  aPodGroup,
  aRuntimeClass,
  someSettings,
} from '../support/a-snapshot.ts';
import { testRule } from '../support/test-rule.ts';

const pools = (over: Parameters<typeof aKataPool>[0]) => ({ nodePools: observed([aPlainPool(), aKataPool(over)]) });
const TAINT = { key: 'sandbox', value: 'kata', effect: 'NoSchedule' };
const says = (verdict: string) => ({ 'node-pool/kata1': verdict });

testRule(kataPoolHealthy, [
  { name: 'passes a pool with one ready Kata node', says: says('pass') },
  {
    name: 'passes a pool with one ready node among others',
    over: { nodes: observed([aKataNode({ name: 'a', ready: false }), aKataNode({ name: 'b' })]) },
    says: says('pass'),
  },
  {
    name: 'fails a pool whose only Kata node is not ready',
    over: { nodes: observed([aKataNode({ ready: false })]) },
    says: says('fail'),
    message: /of the 1 with a Kata handler, 1 is not ready/,
    severity: 'high',
  },
  {
    name: 'fails a pool whose every node is cordoned',
    over: { nodes: observed([aKataNode({ unschedulable: true }), aKataNode({ name: 'b', unschedulable: true })]) },
    says: says('fail'),
    message: /of the 2 with a Kata handler, 2 are cordoned/,
    remediation: /kubectl uncordon --context shop -- aks-kata1-0/,
  },
  {
    name: 'fails a pool whose every node has a taint that is not intended',
    over: { nodes: observed([aKataNode({ taints: [TAINT] })]) },
    says: says('fail'),
    message: /1 is tainted/,
  },
  {
    name: 'is unknown for a taint that pods may tolerate that were not read',
    over: {
      nodes: observed([aKataNode({ taints: [TAINT] })]),
      workloads: observed([], { kind: 'targeted', namespaces: ['shop'], nodes: 1, totalNodes: 9, pods: 3, totalPods: 90 }),
    },
    says: says('unknown'),
    message: /1 is tainted\. Not every pod was read/,
  },
  {
    name: 'fails a pool that no toleration opens, whichever pods were read',
    over: {
      nodes: observed([aKataNode({ unschedulable: true })]),
      workloads: observed([], { kind: 'targeted', namespaces: ['shop'], nodes: 1, totalNodes: 9, pods: 3, totalPods: 90 }),
    },
    says: says('fail'),
  },
  {
    name: 'passes a pool with an intended taint',
    over: { ...pools({ nodeTaints: ['sandbox=kata:NoSchedule'] }), nodes: observed([aKataNode({ taints: [TAINT] })]) },
    says: says('pass'),
  },
  {
    name: 'passes a taint that running sandboxed pods tolerate themselves',
    over: {
      nodes: observed([aKataNode({ taints: [TAINT] })]),
      workloads: observed([aPodGroup({ tolerates: ['sandbox=kata:NoSchedule'] })]),
    },
    says: says('pass'),
  },
  {
    name: 'fails a taint that only pods with a toleration for everything tolerate',
    over: {
      nodes: observed([aKataNode({ taints: [TAINT] })]),
      workloads: observed([aPodGroup({ tolerates: ['*', 'sandbox=kata:NoSchedule'] })]),
    },
    says: says('fail'),
  },
  {
    name: 'fails a taint that only pods without a sandbox tolerate',
    over: {
      nodes: observed([aKataNode({ taints: [TAINT] })]),
      workloads: observed([aPlainPodGroup({ tolerates: ['sandbox=kata:NoSchedule'] })]),
    },
    says: says('fail'),
  },
  {
    name: 'passes a taint that a Kata class tolerates',
    over: {
      nodes: observed([aKataNode({ taints: [TAINT] })]),
      runtimeClasses: observed([aRuntimeClass({ tolerations: [{ key: 'sandbox', operator: 'Exists', value: '', effect: '' }] })]),
    },
    says: says('pass'),
  },
  {
    name: 'fails a pool whose nodes list no Kata handler',
    over: { nodes: observed([aPlainNode({ nodePool: 'kata1' })]) },
    says: says('fail'),
    message: /none lists a Kata handler/,
    remediation: /^Check the pool and its nodes\.\naz aks nodepool show .*--name kata1$/,
  },
  { name: 'fails a pool without nodes', over: { nodes: observed([]) }, says: says('fail'), message: /it has no nodes/ },
  {
    name: 'fails a failed pool even when the nodes cannot be read',
    over: { ...pools({ provisioningState: 'Failed' }), nodes: unavailable('unreachable', 'No way in.') },
    says: says('fail'),
    message: /Failed/,
    remediation: /az aks nodepool update .*--name kata1/,
  },
  {
    name: 'fails a pool whose upgrade failed',
    over: pools({ rollFailedAt: '2026-09-01T11:00:00Z' }),
    says: says('fail'),
    message: /failed at 2026-09-01T11:00:00Z/,
    facts: { provisioningState: 'Succeeded', powerState: 'Running', rollFailedAt: '2026-09-01T11:00:00Z' },
  },
  {
    name: 'fails a stopped pool, with a lower severity and the command that starts it',
    over: pools({ powerState: 'Stopped' }),
    says: says('fail'),
    severity: 'medium',
    remediation: /^Start the pool\.\naz aks nodepool start .*--name kata1$/,
  },
  {
    name: 'judges the pools of a cluster whose power state only begins or ends like that of a stopped one',
    over: { settings: observed(someSettings({ powerState: 'StoppedNot' })) },
    says: says('pass'),
  },
  {
    name: 'is unknown while the pool is being upgraded',
    over: pools({ provisioningState: 'UpgradingNodeImageVersion' }),
    says: says('unknown'),
    message: /in transition/,
  },
  {
    name: 'is unknown when the nodes cannot be read',
    over: { nodes: unavailable('unreachable', 'No way in.') },
    says: says('unknown'),
    message: /No way in/,
  },
  { name: 'cannot be judged without the pools', over: { nodePools: unavailable('denied', 'Forbidden.') }, says: 'unavailable' },
  {
    name: 'does not apply to a pool scaled to zero',
    over: { ...pools({ count: 0 }), nodes: observed([]) },
    says: says('not-applicable'),
  },
  {
    name: 'does not apply to a stopped cluster',
    over: { ...pools({ powerState: 'Stopped' }), settings: observed(someSettings({ powerState: 'Stopped' })) },
    says: says('not-applicable'),
  },
  { name: 'ignores plain pools', over: { nodePools: observed([aPlainPool()]) }, says: {} },
  {
    name: 'reports the number of nodes, and of those that accept pods',
    over: {
      nodes: observed([aKataNode(), aKataNode({ name: 'b', ready: false }), aPlainNode({ name: 'c', nodePool: 'kata1' }), aPlainNode()]),
    },
    says: says('pass'),
    facts: { wantedNodes: 2, nodes: 3, kataNodes: 2, readyKataNodes: 1, ableKataNodes: 1, taintedKataNodes: 0 },
  },
  {
    name: 'reports every reason why its nodes accept no pods',
    over: {
      nodes: observed([
        aKataNode({ name: 'a', ready: false, unschedulable: true }),
        aKataNode({ name: 'b', unschedulable: true }),
        aKataNode({ name: 'c', taints: [TAINT] }),
        aKataNode({ name: 'd', taints: [TAINT] }),
      ]),
    },
    says: says('fail'),
    message: /^None of the pool's 4 nodes takes .*: of the 4 with a Kata handler, 1 is not ready, 1 is cordoned, 2 are tainted\.$/,
    facts: { taintedKataNodes: 2, readyKataNodes: 3, ableKataNodes: 0 },
    remediation: /kubectl uncordon --context shop -- b$/,
  },
  {
    name: 'does not count a node of another pool',
    over: { nodes: observed([aKataNode({ nodePool: 'kata2' })]) },
    says: says('fail'),
  },
  {
    name: 'is unknown for a pool without nodes whose count Azure does not return',
    over: { nodePools: observed([aKataPool()].map(({ count: _, ...pool }) => pool)), nodes: observed([]) },
    says: says('unknown'),
    message: /does not report the count/,
  },
  ...['Canceled', 'cancelled', 'FAILED'].map((provisioningState) => ({
    name: `fails a pool that is ${provisioningState}`,
    over: pools({ provisioningState }),
    says: says('fail'),
    facts: { provisioningState, powerState: 'Running' },
  })),
  ...['Creating', 'NotFailed', 'FailedNot', 'SucceededNot', 'NotSucceeded', ''].map((provisioningState) => ({
    name: `does not know a pool in the state ${JSON.stringify(provisioningState)}`,
    over: pools({ provisioningState }),
    says: says('unknown'),
  })),
  {
    name: 'is unknown for a pool whose state Azure does not return',
    over: { nodePools: observed([aKataPool()].map(({ provisioningState: _, ...pool }) => pool)) },
    says: says('unknown'),
    message: /in transition: unknown/,
  },
  {
    name: 'fails a taint that only finished pods tolerated',
    over: {
      nodes: observed([aKataNode({ taints: [TAINT] })]),
      workloads: observed([
        aPodGroup({ tolerates: ['sandbox=kata:NoSchedule'], phases: { pending: 0, running: 0, succeeded: 2, failed: 0, unknown: 0 } }),
      ]),
    },
    says: says('fail'),
  },
  {
    name: 'fails a taint that only an ordinary class tolerates',
    over: {
      nodes: observed([aKataNode({ taints: [TAINT] })]),
      runtimeClasses: observed([aRuntimeClass({ handler: 'runc', tolerations: [{ ...TAINT, operator: 'Equal' }] })]),
    },
    says: says('fail'),
  },
  {
    name: 'fails a pool that is to have no nodes and has some that take no pods',
    over: { ...pools({ count: 0 }), nodes: observed([aKataNode({ ready: false })]) },
    says: says('fail'),
  },
  {
    name: 'fails a pool whose count Azure does not return and whose nodes take no pods',
    over: { nodePools: observed([aKataPool()].map(({ count: _, ...pool }) => pool)), nodes: observed([aKataNode({ ready: false })]) },
    says: says('fail'),
  },
  {
    name: 'is unknown for a pool without nodes whose count could not be read, with the name of the field',
    over: {
      nodePools: observed(
        [aKataPool({ unread: [{ of: 'count', field: 'azure.count', problem: 'odd' }] })].map(({ count: _, ...pool }) => pool),
      ),
      nodes: observed([]),
    },
    says: says('unknown'),
    message: /azure\.count: odd/,
  },
  {
    name: 'passes a taint that one running sandboxed pod tolerates',
    over: {
      nodes: observed([aKataNode({ taints: [TAINT] })]),
      workloads: observed([aPodGroup({ pods: 1, tolerates: ['sandbox=kata:NoSchedule'] })]),
    },
    says: says('pass'),
  },
]);
