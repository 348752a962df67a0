import { isKataPool } from '../domain/isolation/kata-evidence.ts';
import { replacePoolCommands } from '../domain/rule/commands.ts';
import { eachPool } from '../domain/rule/each-pool.ts';
import { defineRule, type Judgement } from '../domain/rule/rule.ts';

/** No pool relies on the Confidential Containers preview, which is being retired. */
export const confidentialPoolSupported = defineRule({
  id: 'confidential-pool-supported',
  title: 'No node pool relies on the Confidential Containers preview',
  severity: 'medium',
  rationale:
    'Confidential Containers on AKS never left preview, and its retirement was announced for March 2026. Do not expect support or fixes.',
  remediation: 'Move the workloads to a pool with the workload runtime KataVmIsolation, or to confidential VM nodes.',
  references: ['https://github.com/Azure/AKS/issues/3781', 'https://learn.microsoft.com/azure/aks/confidential-containers-overview'],
  requires: ['nodePools'],
  evaluate({ cluster, nodePools }) {
    const names = nodePools.map(({ name }) => name);
    return eachPool(nodePools, { restsOn: ['workloadRuntime'], mentions: ['count'] }, (pool): Judgement => {
      const subject = { kind: 'node-pool', name: pool.name } as const;
      const { workloadRuntime = 'OCIContainer' } = pool;
      if (!isKataPool(pool)) return { verdict: 'not-applicable', subject };
      if (!workloadRuntime.toLowerCase().startsWith('katacc')) return { verdict: 'pass', subject };
      const message = `The pool's workload runtime is ${workloadRuntime}, a preview whose retirement was announced.`;
      const commands = replacePoolCommands(cluster, { ...pool, vmSize: 'Standard_D4s_v5' }, names);
      const remediation = `Add a pool with the workload runtime KataVmIsolation, move the workloads there, and delete ${pool.name} last.`;
      return { verdict: 'fail', subject, message, facts: { workloadRuntime }, remediation, commands };
    });
  },
});
