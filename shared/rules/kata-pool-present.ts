import { isKataNode, isKataPool, isStopped, kataDoubt } from '../domain/isolation/kata-evidence.ts';
import { acceptedHandlers, handlerKind } from '../domain/policy/handlers.ts';
import { clusterRequirementOf } from '../domain/policy/sandbox-requirement.ts';
import { addKataPoolCommand, nodePoolCommand, replacementName } from '../domain/rule/commands.ts';
import { defineRule, type Judgement } from '../domain/rule/rule.ts';
import { observedValue } from '../domain/snapshot/observation.ts';
import type { ClusterSettings } from '../domain/snapshot/snapshot.ts';
import { unreadAmong } from '../domain/snapshot/unread.ts';

/** Every cluster for which the policy requires a Kata pool has a running one. */
export const kataPoolPresent = defineRule({
  id: 'kata-pool-present',
  title: 'Clusters that must sandbox have a running Kata node pool',
  severity: 'high',
  rationale: 'Without a Kata node pool no workload of the cluster can run in a pod VM, even if its manifest requests one.',
  remediation: 'Add a node pool with the workload runtime KataVmIsolation.',
  references: ['https://learn.microsoft.com/azure/aks/use-pod-sandboxing'],
  requires: ['nodePools'],
  consults: ['nodes', 'settings'],
  evaluate({ cluster, nodePools, nodes, settings, policy }): readonly Judgement[] {
    const subject = { kind: 'cluster' } as const;
    const requirement = clusterRequirementOf(policy, cluster);
    if (requirement?.kataPool !== 'required') {
      return [{ verdict: 'not-applicable', subject, message: 'The policy requires no Kata pool in this cluster.' }];
    }
    const pools = nodePools.filter(isKataPool);
    const running = pools.filter((pool) => !isStopped(pool) && unreadAmong(pool, ['powerState']) === undefined);
    const facts = { requirement: requirement.name, kataPools: pools.map(({ name }) => name) };
    if (running.length > 0) return [{ verdict: 'pass', subject, facts }];
    const accepted = acceptedHandlers(policy);
    const able = observedValue(nodes)?.filter((node) => isKataNode(node, accepted)) ?? [];
    if (able.some(({ provisioner }) => provisioner === 'karpenter')) {
      return [{ verdict: 'pass', subject, message: 'Nodes of node auto provisioning start pod VMs.', facts }];
    }
    if (able.some(({ runtimeHandlers = [] }) => runtimeHandlers.some((name) => handlerKind(name, accepted) === 'accepted'))) {
      return [{ verdict: 'pass', subject, message: 'Nodes have a runtime handler that the policy accepts.', facts }];
    }
    if (settings.state === 'observed' && isStopped(settings.value) && pools.length > 0) {
      return [{ verdict: 'not-applicable', subject, message: 'The cluster is stopped, including its Kata pools.', facts }];
    }
    const doubt = kataDoubt(nodePools) ?? pools.flatMap((pool) => unreadAmong(pool, ['powerState']) ?? [])[0];
    if (doubt !== undefined) return [{ verdict: 'unknown', subject, message: doubt, facts }];
    const [stopped] = pools;
    if (stopped !== undefined) {
      const message = `Every Kata pool is stopped: ${pools.map(({ name }) => name).join(', ')}.`;
      const start = { remediation: 'Start a Kata pool.', commands: nodePoolCommand(cluster, stopped.name, 'start') };
      return [{ verdict: 'fail', subject, message, facts, ...start }];
    }
    const automatic = settings.state === 'observed' && mayProvision(settings.value);
    if (nodes.state === 'unavailable' && automatic) {
      const message = `Nodes of node auto provisioning may run Kata, but the nodes could not be read: ${nodes.reason.message}`;
      return [{ verdict: 'unknown', subject, message, facts }];
    }
    const message = `None of the cluster's ${nodePools.length} node pools runs Kata, but the policy requires it: ${requirement.name}.`;
    const names = nodePools.map(({ name }) => name);
    const name = names.includes('kata') ? replacementName('kata', names) : 'kata';
    return [{ verdict: 'fail', subject, message, facts, commands: addKataPoolCommand(cluster, name, 'Standard_D4s_v5', 2) }];
  },
  withoutAzure({ cluster, nodes, policy }): readonly Judgement[] {
    const subject = { kind: 'cluster' } as const;
    const requirement = clusterRequirementOf(policy, cluster);
    if (requirement?.kataPool !== 'required') {
      return [{ verdict: 'not-applicable', subject, message: 'The policy requires no Kata pool in this cluster.' }];
    }
    const able = nodes.filter((node) => isKataNode(node, acceptedHandlers(policy)));
    if (able.length > 0) return [{ verdict: 'pass', subject, facts: { requirement: requirement.name, kataNodes: able.length } }];
    const message = 'No node starts pod VMs now. Only Azure knows whether a Kata pool is stopped or scaled to zero nodes.';
    return [{ verdict: 'unknown', subject, message, reason: 'no-azure-access' }];
  },
});

/** Whether node auto provisioning is on, or may be on. */
function mayProvision(settings: ClusterSettings): boolean {
  return settings.nodeProvisioning?.toLowerCase() === 'auto' || unreadAmong(settings, ['nodeProvisioning']) !== undefined;
}
