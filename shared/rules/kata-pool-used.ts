import { activePods, isStopped } from '../domain/isolation/kata-evidence.ts';
import { acceptedHandlers } from '../domain/policy/handlers.ts';
import type { Remedy } from '../domain/rule/command.ts';
import { nodePoolCommand } from '../domain/rule/commands.ts';
import { eachKataPool } from '../domain/rule/each-pool.ts';
import { kataPoolNames } from '../domain/rule/node-only.ts';
import { undecided } from '../domain/rule/partly-read.ts';
import { defineRule, type Judgement } from '../domain/rule/rule.ts';
import { type SandboxEvidence, sandboxedWorkloads } from '../domain/rule/sandboxed-workload.ts';
import { total } from '../domain/rule/workload-groups.ts';
import type { Observation } from '../domain/snapshot/observation.ts';
import type { PodGroup } from '../domain/snapshot/pod-group.ts';
import type { Cluster, NodePool } from '../domain/snapshot/snapshot.ts';
import { counted } from '../domain/text/counted.ts';

/** A Kata pool that costs money runs sandboxed pods. */
export const kataPoolUsed = defineRule({
  id: 'kata-pool-used',
  title: 'Kata node pools run sandboxed pods',
  severity: 'low',
  rationale: 'A Kata pool without sandboxed pods costs money without benefit, or its users wrongly believe that their pods are sandboxed.',
  remediation: 'Set the RuntimeClass in the workloads, or delete the pool.',
  references: ['https://learn.microsoft.com/azure/aks/use-pod-sandboxing', 'https://learn.microsoft.com/azure/aks/delete-node-pool'],
  requires: ['nodePools', 'runtimeClasses'],
  consults: ['workloads'],
  evaluate({ cluster, nodePools, workloads, ...evidence }) {
    return eachKataPool(nodePools, { restsOn: ['powerState', 'count'], mentions: ['vmSize', 'vmSizes'] }, (pool): Judgement => {
      const subject = { kind: 'node-pool', name: pool.name } as const;
      if (isStopped(pool) || pool.count === 0) return { verdict: 'not-applicable', subject, message: 'The pool has no running nodes.' };
      return judge(cluster, pool, workloads, evidence);
    });
  },
  withoutAzure({ cluster, nodes, workloads, runtimeClasses, policy, observedAt }) {
    if (runtimeClasses.state === 'unavailable') return [];
    const evidence = { runtimeClasses: runtimeClasses.value, policy, observedAt };
    return kataPoolNames(nodes, acceptedHandlers(policy)).map((name) => {
      const own = nodes.filter(({ nodePool }) => nodePool === name);
      const vmSizes = [...new Set(own.flatMap(({ labels }) => labels[SIZE_LABEL] ?? []))];
      return judge(cluster, { name, count: own.length, vmSizes }, workloads, evidence);
    });
  },
});

/** Source: kubernetes.io/docs/reference/labels-annotations-taints. */
const SIZE_LABEL = 'node.kubernetes.io/instance-type';

function judge(
  cluster: Cluster,
  pool: Pick<NodePool, 'name' | 'count' | 'vmSize' | 'vmSizes'>,
  workloads: Observation<readonly PodGroup[]>,
  evidence: Omit<SandboxEvidence, 'workloads'>,
): Judgement {
  const subject = { kind: 'node-pool', name: pool.name } as const;
  const unknown = (message: string): Judgement => ({ verdict: 'unknown', subject, message });
  if (workloads.state === 'unavailable') return unknown(`The pods could not be read: ${workloads.reason.message}`);
  const all = sandboxedWorkloads({ ...evidence, workloads: workloads.value }).flatMap((one) => [
    ...one.groups,
    ...one.uncertain.map(({ group }) => group),
  ]);
  const groups = all.filter((group) => activePods(group) > 0);
  const pods = groups.reduce((sum, one) => sum + podsIn(one.podsByNodePool, pool.name), 0);
  if (pods > 0) return { verdict: 'pass', subject, facts: { sandboxedPods: pods } };
  if (workloads.coverage.kind !== 'full') {
    return undecided(subject, 'No sandboxed pod was found on it, but not every pod was read.', workloads.coverage);
  }
  const between = all.find((group) => podsIn(group.podsByNodePool, pool.name) > 0);
  if (between !== undefined) {
    const { namespace, ownerKind, ownerName } = between;
    return unknown(`No sandboxed pod is on it now, but the last run of the ${ownerKind} ${namespace}/${ownerName} was.`);
  }
  if (groups.some(hasUnplaced)) return unknown('No sandboxed pod was found on it, but the node of some sandboxed pods is unknown.');
  if (pool.count === undefined) return unknown('Azure does not report the count of the pool.');
  const vmSize = pool.vmSize ?? (pool.vmSizes?.join(', ') || 'unknown');
  const message = `No sandboxed pod is on the pool's ${counted(pool.count, 'node')} of size ${vmSize}.`;
  const others = workloads.value.filter(({ ownerKind, ownerGroup }) => ownerKind !== 'DaemonSet' || ownerGroup !== undefined);
  const otherPods = total(
    others.filter((group) => activePods(group) > 0),
    (group) => podsIn(group.podsByNodePool, pool.name),
  );
  const waiting = total(groups, ({ placement }) => placement.unscheduled);
  const facts = { nodes: pool.count, vmSize, otherPods };
  return { verdict: 'fail', subject, message, facts, ...removal(cluster, pool.name, otherPods, waiting) };
}

/** The command to delete a pool is given only if no sandboxed pod is waiting for a node. */
function removal(cluster: Cluster, pool: string, otherPods: number, waiting: number): Remedy {
  if (waiting > 0) {
    return {
      remediation: `${counted(waiting, 'sandboxed pod')} ${waiting === 1 ? 'waits' : 'wait'} for a node. First find out why the pool does not take ${waiting === 1 ? 'it' : 'them'}.`,
    };
  }
  const commands = nodePoolCommand(cluster, pool, 'delete');
  if (otherPods === 0) return { remediation: 'Delete the pool if it is not needed, or let it scale to zero nodes.', commands };
  const moved = `${counted(otherPods, 'pod')} without a sandbox ${otherPods === 1 ? 'runs' : 'run'} on it`;
  return { remediation: `${moved}. Move them to another pool before you delete this one, or sandbox them.`, commands };
}

/** Whether some pods run on nodes that were not read: they could be on any pool. */
function hasUnplaced({ pods, placement, podsByNodePool }: PodGroup): boolean {
  return Object.values(podsByNodePool).reduce((left, placed) => left - placed, pods - placement.unscheduled) > 0;
}

function podsIn(byPool: Readonly<Record<string, number>>, pool: string): number {
  return Object.hasOwn(byPool, pool) ? (byPool[pool] ?? 0) : 0;
}
