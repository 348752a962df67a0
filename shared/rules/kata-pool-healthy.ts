import { activePods, isKataNode, isRolling, isStopped } from '../domain/isolation/kata-evidence.ts';
import { type Closed, toleratedByName, whyClosed } from '../domain/isolation/node-ability.ts';
import { acceptedHandlers, isSandboxHandler } from '../domain/policy/handlers.ts';
import type { Policy } from '../domain/policy/policy.ts';
import { nodePoolCommand } from '../domain/rule/commands.ts';
import { eachKataPool } from '../domain/rule/each-pool.ts';
import { uncordon } from '../domain/rule/node-commands.ts';
import { kataPoolNames } from '../domain/rule/node-only.ts';
import { undecided } from '../domain/rule/partly-read.ts';
import { defineRule, type Judgement } from '../domain/rule/rule.ts';
import { given } from '../domain/snapshot/given.ts';
import { type Coverage, FULL, type Observation, observed, observedValue } from '../domain/snapshot/observation.ts';
import type { PodGroup } from '../domain/snapshot/pod-group.ts';
import type { Cluster, KubernetesNode, NodePool, RuntimeClass, Toleration } from '../domain/snapshot/snapshot.ts';
import { unreadAmong } from '../domain/snapshot/unread.ts';
import { counted } from '../domain/text/counted.ts';

/** A Kata pool can take pods now. */
export const kataPoolHealthy = defineRule({
  id: 'kata-pool-healthy',
  title: 'Kata node pools are provisioned, running, and have a ready node that takes pods and starts pod VMs',
  severity: 'high',
  rationale: 'Sandboxed pods run only on Kata pools. While the pool is broken they wait, and people are tempted to remove the sandbox.',
  remediation: 'Check the provisioning error and the nodes of the pool; then reconcile or start it.',
  references: [
    'https://learn.microsoft.com/azure/aks/use-pod-sandboxing',
    'https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/availability-performance/node-not-ready-basic-troubleshooting',
  ],
  requires: ['nodePools'],
  consults: ['nodes', 'settings', 'runtimeClasses', 'workloads'],
  evaluate({ cluster, nodePools, nodes, settings, policy, ...looked }) {
    const sandboxes = sandboxesOf(looked, policy);
    const stopped = settings.state === 'observed' && isStopped(settings.value);
    return eachKataPool(nodePools, READS, (pool): Judgement => {
      const subject = { kind: 'node-pool', name: pool.name } as const;
      if (stopped) return { verdict: 'not-applicable', subject, message: 'The cluster is stopped.' };
      return judgePool(cluster, pool) ?? judgeNodes(cluster, pool, nodes, sandboxes);
    });
  },
  withoutAzure({ cluster, nodes, policy, ...looked }) {
    const sandboxes = sandboxesOf(looked, policy);
    return kataPoolNames(nodes, sandboxes.accepted).map((name): Judgement => {
      const judged = judgeNodes(cluster, { name }, observed(nodes), sandboxes);
      const { facts = {} } = judged;
      const onlyTainted = facts.taintedKataNodes === facts.kataNodes && facts.kataNodes !== 0;
      if (judged.verdict !== 'fail' || !onlyTainted) return judged;
      const message = `${judged.message} Only Azure knows whether the taint is intended.`;
      return { verdict: 'unknown', subject: judged.subject, message, facts, reason: 'no-azure-access' };
    });
  },
});

/**
 * The accepted handlers, and the taints that sandboxed pods tolerate: through their class, or through tolerations of running
 * pods.
 */
interface Sandboxes {
  /** Handlers that count in addition to those of AKS. */
  readonly accepted: readonly string[];
  readonly tolerations: readonly Toleration[];
  readonly taints: readonly string[];
  /** How the pods were read; unread pods may tolerate more taints. */
  readonly coverage: Coverage;
}

function sandboxesOf({ runtimeClasses, workloads }: Looked, policy: Policy): Sandboxes {
  const accepted = acceptedHandlers(policy);
  const coverage = workloads.state === 'observed' ? workloads.coverage : FULL;
  const classes = (observedValue(runtimeClasses) ?? []).filter(({ handler }) => isSandboxHandler(handler, accepted));
  const names = new Set<string | undefined>(classes.map(({ name }) => name));
  const groups = observedValue(workloads) ?? [];
  const users = groups.filter((group) => names.has(group.runtimeClassName) && activePods(group) > 0);
  return {
    accepted,
    tolerations: classes.flatMap((one) => one.tolerations ?? []),
    taints: toleratedByName(users),
    coverage,
  };
}

interface Looked {
  readonly runtimeClasses: Observation<readonly RuntimeClass[]>;
  readonly workloads: Observation<readonly PodGroup[]>;
}

const READS = { restsOn: ['provisioningState', 'powerState'], mentions: ['count', 'inTransition', 'rollFailedAt', 'nodeTaints'] } as const;
type Pool = Pick<NodePool, 'name' | 'unread' | (typeof READS.restsOn)[number] | (typeof READS.mentions)[number]>;

/** Problems that Azure reports for the pool; `undefined` if there are none. */
function judgePool(cluster: Cluster, pool: Pool): Judgement | undefined {
  const subject = { kind: 'node-pool', name: pool.name } as const;
  const { provisioningState = 'unknown', powerState = 'Running', rollFailedAt } = pool;
  const facts = { provisioningState, powerState, ...given({ rollFailedAt }) };
  const reconcile = {
    remediation: 'Check the provisioning error of the pool, and reconcile the pool.',
    commands: [...nodePoolCommand(cluster, pool.name, 'show'), ...nodePoolCommand(cluster, pool.name, 'update')],
  };
  if (isStopped(pool)) {
    const start = { remediation: 'Start the pool.', commands: nodePoolCommand(cluster, pool.name, 'start') };
    return { verdict: 'fail', subject, message: 'The pool is stopped.', severity: 'medium', facts, ...start };
  }
  if (rollFailedAt !== undefined) {
    return { verdict: 'fail', subject, message: `An upgrade of the pool failed at ${rollFailedAt}.`, facts, ...reconcile };
  }
  if (['failed', 'canceled', 'cancelled'].includes(provisioningState.toLowerCase())) {
    return { verdict: 'fail', subject, message: `The pool's provisioning state is ${provisioningState}.`, facts, ...reconcile };
  }
  if (isRolling(pool) || provisioningState.toLowerCase() !== 'succeeded') {
    return { verdict: 'unknown', subject, message: `The pool is in transition: ${provisioningState}.`, facts };
  }
  return undefined;
}

function judgeNodes(cluster: Cluster, pool: Pool, nodes: Observation<readonly KubernetesNode[]>, sandboxes: Sandboxes): Judgement {
  const subject = { kind: 'node-pool', name: pool.name } as const;
  if (nodes.state === 'unavailable') {
    return { verdict: 'unknown', subject, message: `The nodes could not be read: ${nodes.reason.message}` };
  }
  const own = nodes.value.filter(({ nodePool }) => nodePool === pool.name);
  const kata = own.filter((node) => isKataNode(node, sandboxes.accepted));
  const taints = new Set([...(pool.nodeTaints ?? []), ...sandboxes.taints]);
  const closed = kata.map((node) => ({ node, why: whyClosed(node, sandboxes.tolerations, taints) }));
  const able = closed.filter(({ why }) => why === undefined);
  const ready = kata.filter((node) => node.ready);
  const wanted = pool.count === undefined ? {} : { wantedNodes: pool.count };
  const facts = {
    ...wanted,
    nodes: own.length,
    kataNodes: kata.length,
    readyKataNodes: ready.length,
    ableKataNodes: able.length,
    taintedKataNodes: closed.filter(({ why }) => why === 'tainted').length,
  };
  if (able.length > 0) return { verdict: 'pass', subject, facts };
  if (pool.count === 0 && own.length === 0) {
    return { verdict: 'not-applicable', subject, message: 'The pool is scaled to zero nodes.', facts };
  }
  if (pool.count === undefined && own.length === 0) {
    return { verdict: 'unknown', subject, message: unreadAmong(pool, ['count']) ?? 'Azure does not report the count of the pool.', facts };
  }
  const whys = closed.flatMap(({ why }) => why ?? []);
  const message = `None of the pool's ${counted(own.length, 'node')} takes pods and starts pod VMs: ${whyNot(own.length, whys)}.`;
  if (sandboxes.coverage.kind !== 'full' && whys.includes('tainted')) {
    return { ...undecided(subject, `${message} Not every pod was read, and others may tolerate the taint.`, sandboxes.coverage), facts };
  }
  const cordoned = closed.find(({ why }) => why === 'cordoned')?.node.name;
  const look = { remediation: 'Check the pool and its nodes.', commands: nodePoolCommand(cluster, pool.name, 'show') };
  const remedy = cordoned === undefined ? look : uncordon(cluster, cordoned);
  return { verdict: 'fail', subject, message, facts, ...remedy };
}

function whyNot(own: number, whys: readonly Closed[]): string {
  if (own === 0) return 'it has no nodes';
  if (whys.length === 0) return 'none lists a Kata handler';
  const counts = (['not ready', 'cordoned', 'tainted'] as const)
    .map((why) => ({ why, count: whys.filter((one) => one === why).length }))
    .filter(({ count }) => count > 0);
  return `of the ${whys.length} with a Kata handler, ${counts.map(({ why, count }) => `${count} ${count === 1 ? 'is' : 'are'} ${why}`).join(', ')}`;
}
