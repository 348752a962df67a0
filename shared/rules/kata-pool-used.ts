import { activePods, isStopped } from '../domain/isolation/kata-evidence.ts';
import { nodePoolCommand } from '../domain/rule/commands.ts';
import { eachKataPool } from '../domain/rule/each-pool.ts';
import { defineRule, type Judgement } from '../domain/rule/rule.ts';
import { sandboxedWorkloads } from '../domain/rule/sandboxed-workload.ts';
import { plural } from '../domain/rule/workload-groups.ts';
import type { PodGroup } from '../domain/snapshot/snapshot.ts';

/** A Kata pool that is paid for runs sandboxed pods. */
export const kataPoolUsed = defineRule({
  id: 'kata-pool-used',
  title: 'Kata node pools run sandboxed pods',
  severity: 'low',
  rationale: 'A Kata pool without sandboxed pods costs money without effect, or its users wrongly believe that they are sandboxed.',
  remediation: 'Have the workloads name the RuntimeClass, or delete the pool.',
  references: ['https://learn.microsoft.com/azure/aks/use-pod-sandboxing', 'https://learn.microsoft.com/azure/aks/delete-node-pool'],
  requires: ['nodePools', 'runtimeClasses'],
  consults: ['workloads'],
  evaluate({ cluster, nodePools, runtimeClasses, workloads, policy, observedAt }) {
    return eachKataPool(nodePools, { restsOn: ['powerState', 'count'], mentions: ['vmSize', 'vmSizes'] }, (pool): Judgement => {
      const subject = { kind: 'node-pool', name: pool.name } as const;
      if (isStopped(pool) || pool.count === 0) return { verdict: 'not-applicable', subject, message: 'The pool has no running nodes.' };
      if (workloads.state === 'unavailable') {
        return { verdict: 'unknown', subject, message: `The pods could not be seen: ${workloads.reason.message}` };
      }
      const evidence = { workloads: workloads.value, runtimeClasses, policy, observedAt };
      const all = sandboxedWorkloads(evidence).flatMap((one) => [...one.groups, ...one.uncertain.map(({ group }) => group)]);
      const groups = all.filter((group) => activePods(group) > 0);
      const pods = groups.reduce((sum, one) => sum + podsIn(one.podsByNodePool, pool.name), 0);
      if (pods > 0) return { verdict: 'pass', subject, facts: { sandboxedPods: pods } };
      if (workloads.coverage.kind !== 'full') {
        return { verdict: 'unknown', subject, message: 'No sandboxed pod was seen on it, but not every pod was looked at.' };
      }
      const between = all.find((group) => activePods(group) === 0 && podsIn(group.podsByNodePool, pool.name) > 0);
      if (between !== undefined) {
        const { namespace, ownerKind, ownerName } = between;
        const message = `No sandboxed pod is on it now; the last run of the ${ownerKind} ${namespace}/${ownerName} was.`;
        return { verdict: 'unknown', subject, message };
      }
      if (groups.some(hasUnplaced)) {
        return { verdict: 'unknown', subject, message: 'No sandboxed pod was seen on it, but of some their node was not seen.' };
      }
      if (pool.count === undefined) return { verdict: 'unknown', subject, message: 'Azure does not say the count of the pool.' };
      const vmSize = pool.vmSize ?? pool.vmSizes?.join(', ') ?? 'not told by Azure';
      const message = `No sandboxed pod is on the pool's ${plural(pool.count, 'node')} of size ${vmSize}.`;
      const remove = {
        remediation: 'Delete the pool if nobody needs it, or let it scale to no nodes.',
        commands: nodePoolCommand(cluster, pool.name, 'delete'),
      };
      return { verdict: 'fail', subject, message, facts: { nodes: pool.count, vmSize }, ...remove };
    });
  },
});

/** Whether pods run on nodes that are not among those that were seen: any pool may carry them. */
function hasUnplaced({ pods, placement, podsByNodePool }: PodGroup): boolean {
  return Object.values(podsByNodePool).reduce((left, placed) => left - placed, pods - placement.unscheduled) > 0;
}

function podsIn(byPool: Readonly<Record<string, number>>, pool: string): number {
  return Object.hasOwn(byPool, pool) ? (byPool[pool] ?? 0) : 0;
}
