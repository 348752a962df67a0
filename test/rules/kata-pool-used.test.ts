import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { kataPoolUsed } from '../../shared/rules/kata-pool-used.ts';
import { aKataPool, aPlainPodGroup, aPlainPool, aPodGroup } from '../support/a-snapshot.ts';
import { testRule } from '../support/test-rule.ts';

const says = (verdict: string) => ({ 'node-pool/kata1': verdict });
const ended = { pending: 0, running: 0, succeeded: 2, failed: 0, unknown: 0 };
const LAST_RUN = {
  ownerKind: 'CronJob',
  phases: ended,
  lastRunAt: '2026-09-01T03:00:00.000Z',
  lastEnded: { at: '2026-09-01T03:01:00.000Z', phase: 'succeeded' },
} as const;

testRule(kataPoolUsed, [
  { name: 'passes a pool with a sandboxed pod', says: says('pass') },
  {
    name: 'fails a pool that only ordinary pods use',
    over: { workloads: observed([aPlainPodGroup({ podsByNodePool: { kata1: 9 } })]) },
    says: says('fail'),
    message: /2 nodes of size Standard_D4s_v3/,
    severity: 'low',
    remediation: /^9 pods without a sandbox run on it\. Move them to another pool before you delete this one[\s\S]*nodepool delete/,
  },
  {
    name: 'fails a pool whose sandboxed pods have ended',
    over: { workloads: observed([aPodGroup({ phases: ended })]) },
    says: says('fail'),
    remediation: /^Delete the pool if it is not needed[\s\S]*nodepool delete/,
  },
  {
    name: 'fails a pool while the sandboxed pods are elsewhere',
    over: { workloads: observed([aPodGroup({ podsByNodePool: { kata2: 2 } })]) },
    says: says('fail'),
  },
  {
    name: 'is unknown when sandboxed pods are on unknown nodes',
    over: { workloads: observed([aPodGroup({ podsByNodePool: { kata2: 1 } })]) },
    says: says('unknown'),
  },
  {
    name: 'fails a pool while its only sandboxed pods wait for a node',
    over: {
      workloads: observed([
        aPodGroup({ podsByNodePool: {}, placement: { unscheduled: 2, handlerListed: 0, handlerMissing: 0, unknown: 0, onKataNode: 0 } }),
      ]),
    },
    says: says('fail'),
    remediation: /^2 sandboxed pods wait for a node\. First find out why the pool does not take them\.$/,
  },
  {
    name: 'is unknown for a pool on which no sandboxed pod was seen among those that were read',
    over: { workloads: observed([], { kind: 'targeted', namespaces: ['shop'], nodes: 1, totalNodes: 9, pods: 3, totalPods: 90 }) },
    says: says('unknown'),
  },
  {
    name: 'passes a pool with a sandboxed pod, however few were read',
    over: {
      workloads: observed([aPodGroup()], { kind: 'targeted', namespaces: ['shop'], nodes: 1, totalNodes: 9, pods: 3, totalPods: 90 }),
    },
    says: says('pass'),
  },
  {
    name: 'judges a pool whose name is an inherited property of objects',
    over: { nodePools: observed([aKataPool({ name: 'constructor' })]) },
    says: { 'node-pool/constructor': 'fail' },
  },
  {
    name: 'is unknown for a pool that the last run of a CronJob used',
    over: {
      workloads: observed([aPodGroup(LAST_RUN)]),
    },
    says: says('unknown'),
    message: /the last run of the CronJob shop\/cart was/,
  },
  { name: 'is unknown when the pods cannot be read', over: { workloads: unavailable('denied', 'Forbidden.') }, says: says('unknown') },
  {
    name: 'is unknown when not every pod was read',
    over: { workloads: observed([], { kind: 'truncated', message: 'Too many.' }) },
    says: says('unknown'),
  },
  {
    name: 'passes when a part of the pods shows it',
    over: { workloads: observed([aPodGroup()], { kind: 'truncated', message: 'Too many.' }) },
    says: says('pass'),
  },
  {
    name: 'does not apply to a stopped pool',
    over: { nodePools: observed([aKataPool({ powerState: 'Stopped' })]) },
    says: says('not-applicable'),
  },
  {
    name: 'does not apply to a pool scaled to zero',
    over: { nodePools: observed([aKataPool({ count: 0 })]) },
    says: says('not-applicable'),
  },
  { name: 'ignores plain pools', over: { nodePools: observed([aPlainPool()]) }, says: {} },
  {
    name: 'counts only the sandboxed pods of the pool',
    over: {
      workloads: observed([
        aPodGroup({ pods: 5, podsByNodePool: { kata1: 2, kata2: 3 } }),
        aPlainPodGroup({ podsByNodePool: { kata1: 7 } }),
      ]),
    },
    says: says('pass'),
    facts: { sandboxedPods: 2 },
  },
  {
    name: 'does not count node agents and finished pods as others',
    over: {
      workloads: observed([
        aPlainPodGroup({ ownerKind: 'DaemonSet', podsByNodePool: { kata1: 9 } }),
        aPlainPodGroup({ ownerKind: 'DaemonSet', ownerGroup: 'apps.kruise.io', podsByNodePool: { kata1: 1 } }),
        aPlainPodGroup({ phases: ended, podsByNodePool: { kata1: 5 } }),
      ]),
    },
    says: says('fail'),
    facts: { nodes: 2, vmSize: 'Standard_D4s_v3', otherPods: 1 },
    remediation: /^1 pod without a sandbox runs on it\. Move them/,
  },
  {
    name: 'reports all sizes of a pool with several',
    over: {
      workloads: observed([]),
      nodePools: observed([aKataPool({ count: 1, vmSizes: ['a', 'b'] })].map(({ vmSize: _, ...pool }) => pool)),
    },
    says: says('fail'),
    message: /the pool's 1 node of size a, b\.$/,
  },
  {
    name: 'is unknown for a pool whose count Azure does not return',
    over: { workloads: observed([]), nodePools: observed([aKataPool()].map(({ count: _, ...pool }) => pool)) },
    says: says('unknown'),
  },
  {
    name: 'passes a pool with pods that were started by an unknown handler',
    over: { workloads: observed([aPodGroup({ runtimeClassName: 'gone' })]) },
    says: says('pass'),
  },
  {
    name: 'passes a pool with one sandboxed pod',
    over: { workloads: observed([aPodGroup({ pods: 1 })]) },
    says: says('pass'),
    facts: { sandboxedPods: 1 },
  },
  {
    name: 'fails a pool while the last run of a CronJob used another',
    over: { workloads: observed([aPodGroup({ ...LAST_RUN, podsByNodePool: { kata2: 2 } })]) },
    says: says('fail'),
  },
  {
    name: 'is unknown for a pool that one pod of a last run used',
    over: { workloads: observed([aPodGroup({ ...LAST_RUN, podsByNodePool: { kata1: 1 } })]) },
    says: says('unknown'),
  },
  {
    name: 'counts one other pod',
    over: { workloads: observed([aPlainPodGroup({ pods: 1, podsByNodePool: { kata1: 1 } })]) },
    says: says('fail'),
    facts: { otherPods: 1 },
  },
  {
    name: 'deletes no pool for which one pod waits',
    over: {
      workloads: observed([
        aPodGroup({
          pods: 1,
          podsByNodePool: {},
          placement: { unscheduled: 1, handlerListed: 0, handlerMissing: 0, unknown: 0, onKataNode: 0 },
        }),
      ]),
    },
    says: says('fail'),
    remediation: /^1 sandboxed pod waits for a node\. First find out why the pool does not take it\.$/,
  },
]);
