import { replacePoolCommands } from '../domain/rule/commands.ts';
import { eachKataPool } from '../domain/rule/each-pool.ts';
import { defineRule, type Judgement } from '../domain/rule/rule.ts';

/** A Kata pool has the workload runtime name that AKS keeps. */
export const workloadRuntimeNameCurrent = defineRule({
  id: 'workload-runtime-name-current',
  title: 'Kata node pools have the workload runtime KataVmIsolation',
  severity: 'low',
  rationale: 'KataMshvVmIsolation is the name from the preview. Stable tools do not know it, and AKS plans to remove it.',
  remediation: 'Add a pool with the workload runtime KataVmIsolation, move the workloads there, and delete the old pool.',
  references: [
    'https://learn.microsoft.com/azure/aks/use-pod-sandboxing',
    'https://learn.microsoft.com/rest/api/aks/agent-pools/create-or-update',
  ],
  requires: ['nodePools'],
  evaluate({ cluster, nodePools }) {
    const names = nodePools.map(({ name }) => name);
    return eachKataPool(nodePools, { restsOn: [], mentions: ['vmSize', 'count'] }, (pool): Judgement => {
      const subject = { kind: 'node-pool', name: pool.name } as const;
      const { workloadRuntime = '' } = pool;
      const facts = { workloadRuntime };
      if (workloadRuntime.toLowerCase() !== 'katamshvvmisolation') return { verdict: 'pass', subject, facts };
      const message = `The pool's workload runtime is ${workloadRuntime}, the name from the preview.`;
      const remediation = `Add a pool with the workload runtime KataVmIsolation, move the workloads there, and delete ${pool.name} last.`;
      return { verdict: 'fail', subject, message, facts, remediation, commands: replacePoolCommands(cluster, pool, names) };
    });
  },
});
