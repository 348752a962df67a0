import { parseNodeImage } from '../images/node-image.ts';
import { KATA_HANDLERS } from '../policy/policy.ts';
import type { Observation } from '../snapshot/observation.ts';
import type { KubernetesNode, NodePool, PodGroup, RuntimeClass } from '../snapshot/snapshot.ts';
import { isKataRuntime } from './workload-runtime.ts';

/** Labels that AKS puts on a node whose pool runs Kata; the first is the legacy name. */
const KATA_NODE_LABELS = [
  'kubernetes.azure.com/kata-mshv-vm-isolation',
  'kubernetes.azure.com/kata-vm-isolation',
  'kubernetes.azure.com/kata-cc-isolation',
];

/** Whether a handler starts a pod VM. */
export function isKataHandler(handler: string): boolean {
  return KATA_HANDLERS.includes(handler);
}

/** Whether a name makes people believe that it stands for a sandbox. */
export function looksLikeKata(name: string): boolean {
  return /kata/i.test(name);
}

/**
 * Whether a node can start pod VMs: what its kubelet lists decides; only a kubelet too old to list
 * its handlers (before Kubernetes 1.30) is judged by labels and image.
 */
export function isKataNode({ runtimeHandlers, labels, nodeImageVersion }: KubernetesNode): boolean {
  if (runtimeHandlers !== undefined) return runtimeHandlers.some(isKataHandler);
  if (KATA_NODE_LABELS.some((label) => labels[label] === 'true')) return true;
  return nodeImageVersion !== undefined && parseNodeImage(nodeImageVersion)?.features.kata === true;
}

/** Whether a pool is meant to start pod VMs. */
export function isKataPool({ workloadRuntime }: NodePool): boolean {
  return isKataRuntime(workloadRuntime);
}

/** Whether a pool's machines are switched off. */
export function isStopped({ powerState }: NodePool): boolean {
  return /^stopped$/i.test(powerState ?? 'Running');
}

/** Whether a pool's nodes are being replaced now, so that what is seen of its images is true only for a moment. */
export function isRolling({ inTransition, provisioningState }: NodePool): boolean {
  return inTransition === true || /^upgrading/i.test(provisioningState);
}

/** Nodes that belong to no agent pool: those of node auto provisioning. */
export function poollessNodes(nodes: Observation<readonly KubernetesNode[]>): readonly KubernetesNode[] {
  return nodes.state === 'observed' ? nodes.value.filter(({ provisioner }) => provisioner === 'karpenter') : [];
}

/** Whether a cluster has a Kata pool or a Kata node; `undefined` when what was seen cannot tell. */
export function hasKata(nodePools: Observation<readonly NodePool[]>, nodes: Observation<readonly KubernetesNode[]>): boolean | undefined {
  if (nodePools.state === 'observed' && nodePools.value.some(isKataPool)) return true;
  if (nodes.state === 'observed') return nodes.value.some(isKataNode);
  return undefined;
}

/** The runtime class that a group of pods asked for, when it exists. */
export function classOf(group: PodGroup, runtimeClasses: readonly RuntimeClass[]): RuntimeClass | undefined {
  return runtimeClasses.find(({ name }) => name === group.runtimeClassName);
}

/** Pods that run, wait to run, or may run: all but the ended ones. */
export function activePods({ phases }: PodGroup): number {
  return phases.pending + phases.running + phases.unknown;
}

/** Groups with a living pod whose class resolves to a Kata handler. */
export function sandboxedGroups(groups: readonly PodGroup[], runtimeClasses: readonly RuntimeClass[]): readonly PodGroup[] {
  const kata = new Set(runtimeClasses.filter(({ handler }) => isKataHandler(handler)).map(({ name }) => name));
  return groups.filter((group) => group.runtimeClassName !== undefined && kata.has(group.runtimeClassName) && activePods(group) > 0);
}
