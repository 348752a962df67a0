import { isKataHandler, isKataNode } from '../domain/isolation/kata-evidence.ts';
import { selects } from '../domain/policy/scope.ts';
import { objectName } from '../domain/rule/command-words.ts';
import { kubectlCommands } from '../domain/rule/commands.ts';
import { defineRule, type Judgement } from '../domain/rule/rule.ts';
import type { Observation } from '../domain/snapshot/observation.ts';
import type { Cluster, KubernetesNode, PodGroup, RuntimeClass } from '../domain/snapshot/snapshot.ts';

/** Classes that AKS puts into clusters by itself, whether there is a node for them or not. */
const INSTALLED_BY_AKS: readonly string[] = ['kata-vm-isolation', 'kata-mshv-vm-isolation', 'kata-cc-isolation'];

/** A Kata class finds a node. */
export const runtimeClassSchedulable = defineRule({
  id: 'runtime-class-schedulable',
  title: 'Kata RuntimeClasses select a ready node that has their handler',
  severity: 'medium',
  rationale: 'A class whose selector matches no able node keeps its pods Pending for ever, with an event that never names the class.',
  remediation: 'Correct the selector of the class, or label a pool whose nodes have the handler.',
  references: [
    'https://kubernetes.io/docs/concepts/containers/runtime-class/#scheduling',
    'https://learn.microsoft.com/azure/aks/considerations-pod-sandboxing',
  ],
  requires: ['runtimeClasses', 'nodes'],
  consults: ['workloads'],
  evaluate({ cluster, runtimeClasses, nodes, workloads }) {
    return runtimeClasses.filter(({ handler }) => isKataHandler(handler)).map((one) => judge(cluster, one, nodes, workloads));
  },
});

function judge(
  cluster: Cluster,
  one: RuntimeClass,
  nodes: readonly KubernetesNode[],
  workloads: Observation<readonly PodGroup[]>,
): Judgement {
  const { name, handler, nodeSelector } = one;
  const subject = { kind: 'runtime-class', name } as const;
  const selected = nodes.filter(({ labels }) => selects(nodeSelector, labels));
  const able = selected.filter((node) => node.ready && lists(node, handler));
  const selector = Object.entries(nodeSelector).map(([key, value]) => `${key}=${value}`);
  const facts = { handler, selector, selectedNodes: selected.length, ableNodes: able.length };
  if (able.length > 0) return { verdict: 'pass', subject, facts };
  if (INSTALLED_BY_AKS.includes(name) && !isUsed(name, workloads)) {
    return { verdict: 'not-applicable', subject, message: 'AKS installs this class; no pod names it, and no node is for it.', facts };
  }
  const where = selector.length === 0 ? 'Without a selector every node is meant' : `Its selector is ${selector.join(', ')}`;
  const message = `${where}, and none of the ${selected.length} nodes that match is ready and lists the handler ${handler}.`;
  const commands = kubectlCommands(cluster, { verb: 'describe', objects: ['runtimeclasses.node.k8s.io', objectName(name)] });
  return { verdict: 'fail', subject, message, facts, commands };
}

/** A kubelet too old to list its handlers is judged by labels and image. */
function lists(node: KubernetesNode, handler: string): boolean {
  return node.runtimeHandlers === undefined ? isKataNode(node) : node.runtimeHandlers.includes(handler);
}

/** Where the pods could not be seen, a class counts as used: silence is not proof. */
function isUsed(name: string, workloads: Observation<readonly PodGroup[]>): boolean {
  return workloads.state === 'unavailable' || workloads.value.some(({ runtimeClassName }) => runtimeClassName === name);
}
