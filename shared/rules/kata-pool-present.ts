import { clusterCommand, nodePoolCommand, run } from '../domain/commands.ts';
import { isKataNode, isKataPool } from '../domain/kata-evidence.ts';
import { defineRule, type Judgement } from '../domain/rule.ts';
import { clusterRequirementOf } from '../domain/sandbox-requirement.ts';

/** Every cluster that the policy wants a Kata pool in has one that runs. */
export const kataPoolPresent = defineRule({
  id: 'kata-pool-present',
  title: 'Clusters that must sandbox have a running Kata node pool',
  severity: 'high',
  rationale: 'Without a Kata node pool no workload of the cluster can run in a pod VM, whatever its manifest says.',
  remediation: 'Add a node pool with the workload runtime KataVmIsolation.',
  references: ['https://learn.microsoft.com/azure/aks/use-pod-sandboxing'],
  requires: ['nodePools'],
  consults: ['nodes', 'settings'],
  evaluate({ cluster, nodePools, nodes, settings, policy }): readonly Judgement[] {
    const subject = { kind: 'cluster' } as const;
    const requirement = clusterRequirementOf(policy, cluster);
    if (requirement?.kataPool !== 'required') {
      return [{ verdict: 'not-applicable', subject, message: 'The policy asks for no Kata pool in this cluster.' }];
    }
    const pools = nodePools.filter(isKataPool);
    const running = pools.filter(({ powerState }) => !/^stopped$/i.test(powerState ?? 'Running'));
    const facts = { requirement: requirement.name, kataPools: pools.map(({ name }) => name) };
    if (running.length > 0) return [{ verdict: 'pass', subject, facts }];
    if (nodes.state === 'observed' && nodes.value.some((node) => node.provisioner === 'karpenter' && isKataNode(node))) {
      return [{ verdict: 'pass', subject, message: 'Nodes of node auto provisioning start pod VMs.', facts }];
    }
    if (settings.state === 'observed' && /^stopped$/i.test(settings.value.powerState) && pools.length > 0) {
      return [{ verdict: 'not-applicable', subject, message: 'The cluster is stopped, and its Kata pools with it.', facts }];
    }
    const [stopped] = pools;
    if (stopped !== undefined) {
      const message = `Every Kata pool is stopped: ${pools.map(({ name }) => name).join(', ')}.`;
      return [{ verdict: 'fail', subject, message, facts, ...run(nodePoolCommand(cluster, stopped.name, 'start')) }];
    }
    const message = `None of the cluster's ${nodePools.length} node pools runs Kata, and ${requirement.name} must.`;
    const add = clusterCommand(cluster, 'nodepool add')?.replace(' --name ', ' --cluster-name ');
    const options = '--name kata --os-sku AzureLinux --workload-runtime KataVmIsolation --node-vm-size Standard_D4s_v3';
    return [{ verdict: 'fail', subject, message, facts, ...run(add && `${add} ${options}`) }];
  },
});
