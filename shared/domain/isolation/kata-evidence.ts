import { parseNodeImage } from '../images/node-image.ts';
import { isSandboxHandler } from '../policy/handlers.ts';
import type { Observation } from '../snapshot/observation.ts';
import type { PodGroup } from '../snapshot/pod-group.ts';
import type { KubernetesNode, NodePool } from '../snapshot/snapshot.ts';
import { unreadAmong } from '../snapshot/unread.ts';
import { isKataRuntime } from './workload-runtime.ts';

/**
 * Every Kata node image has a kernel for Microsoft's hypervisor, and no other image does. Source: Azure/AgentBaker
 * vhdbuilder/release-notes.
 */
const KATA_KERNEL = /mshv/i;

/** Labels that AKS sets on the nodes of Kata pools; the first is the legacy name. */
const KATA_NODE_LABELS = [
  'kubernetes.azure.com/kata-mshv-vm-isolation',
  'kubernetes.azure.com/kata-vm-isolation',
  'kubernetes.azure.com/kata-cc-isolation',
];

/** Whether a class name suggests a sandbox. */
export function looksLikeKata(name: string): boolean {
  return /kata/i.test(name);
}

/**
 * Whether a node can start sandboxed pods, by the handlers that its kubelet lists. A kubelet before Kubernetes 1.30 lists
 * none: its image, label and kernel decide, and the result is `undefined` if they contradict each other.
 */
export function kataAbility(node: KubernetesNode, accepted: readonly string[] = []): boolean | undefined {
  const { runtimeHandlers, nodeImageVersion, kernelVersion } = node;
  if (runtimeHandlers !== undefined) return runtimeHandlers.some((handler) => isSandboxHandler(handler, accepted));
  const image = nodeImageVersion === undefined ? undefined : parseNodeImage(nodeImageVersion);
  // Anyone who may edit nodes can set a label, so the image has priority.
  if (!(image?.features.kata ?? hasKataLabel(node))) return false;
  return kernelVersion === '' || KATA_KERNEL.test(kernelVersion) ? true : undefined;
}

/** Whether a node lists a handler; `undefined` if its kubelet is too old to list any and there is no other evidence. */
export function listsHandler(node: KubernetesNode, handler: string): boolean | undefined {
  if (node.runtimeHandlers !== undefined) return node.runtimeHandlers.includes(handler);
  return isSandboxHandler(handler) ? kataAbility(node) : undefined;
}

/** Whether a node can certainly start sandboxed pods. */
export function isKataNode(node: KubernetesNode, accepted: readonly string[] = []): boolean {
  return kataAbility(node, accepted) === true;
}

/** Whether a node has a label that AKS sets on Kata nodes. */
export function hasKataLabel(node: KubernetesNode): boolean {
  return kataLabels(node).length > 0;
}

/** Labels of a node that AKS sets on Kata nodes. */
export function kataLabels({ labels }: KubernetesNode): readonly string[] {
  return KATA_NODE_LABELS.filter((label) => labels[label] === 'true');
}

/** Whether a pool is configured to start pod VMs. */
export function isKataPool({ workloadRuntime }: Pick<NodePool, 'workloadRuntime'>): boolean {
  return isKataRuntime(workloadRuntime);
}

/** Whether a pool is stopped. */
export function isStopped({ powerState }: Pick<NodePool, 'powerState'>): boolean {
  return powerState?.toLowerCase() === 'stopped';
}

/** Whether a pool's nodes are being replaced, so that their images are about to change. */
export function isRolling({ inTransition, provisioningState = '' }: Pick<NodePool, 'inTransition' | 'provisioningState'>): boolean {
  return inTransition === true || provisioningState.toLowerCase().startsWith('upgrading');
}

/** Whether AKS itself runs, patches and upgrades a pool, and rejects commands on it. */
export function isAksManaged({ mode = '' }: Pick<NodePool, 'mode'>): boolean {
  return mode.toLowerCase().startsWith('managed');
}

/**
 * Nodes that belong to none of the listed pools: those of node auto provisioning, of a hosted system
 * pool, and unknown ones. A virtual node is not a machine and has no image.
 */
export function nodesOutside(nodePools: readonly NodePool[], nodes: Observation<readonly KubernetesNode[]>): readonly KubernetesNode[] {
  if (nodes.state === 'unavailable') return [];
  const listed = new Set(nodePools.map(({ name }) => name.toLowerCase()));
  return nodes.value.filter(isMachine).filter(({ nodePool, provisioner }) => {
    const isOfPool = provisioner !== 'karpenter' && nodePool !== undefined && listed.has(nodePool.toLowerCase());
    return !isOfPool;
  });
}

/** Whether a node is a machine: a virtual node has no image, kernel or kubelet. Source: learn.microsoft.com/azure/aks/virtual-nodes. */
export function isMachine({ labels }: KubernetesNode): boolean {
  return labels.type !== 'virtual-kubelet';
}

/** Whether a cluster has a Kata pool or a Kata node; `undefined` if the evidence does not decide it. */
export function hasKata(nodePools: Observation<readonly NodePool[]>, nodes: Observation<readonly KubernetesNode[]>): boolean | undefined {
  if (nodePools.state === 'observed' && nodePools.value.some(isKataPool)) return true;
  if (nodes.state === 'observed' && nodes.value.some((node) => isKataNode(node))) return true;
  const doubt = nodePools.state === 'observed' ? kataDoubt(nodePools.value) : undefined;
  return nodes.state === 'observed' && doubt === undefined ? false : undefined;
}

/** Why the first undecided pool could not be classified as Kata or not. */
export function kataDoubt(nodePools: readonly NodePool[]): string | undefined {
  return nodePools.flatMap((pool) => unreadAmong(pool, ['workloadRuntime']) ?? [])[0];
}

/** Builds the sentence that it is unknown whether a cluster has Kata nodes, and why. */
export function kataNotKnown(nodePools: Observation<readonly NodePool[]>): string {
  const doubt = nodePools.state === 'observed' ? kataDoubt(nodePools.value) : undefined;
  return `Whether the cluster has Kata nodes is unknown.${doubt === undefined ? '' : ` ${doubt}`}`;
}

/** Pods that have not ended: running, pending or in an unknown phase. */
export function activePods({ phases }: PodGroup): number {
  return phases.pending + phases.running + phases.unknown;
}

/**
 * A Job waits at most ten minutes before its next attempt. Source: kubernetes pkg/controller/job/job_controller.go,
 * MaxJobPodFailureBackOff.
 */
const NEXT_TRY_MS = 15 * 60_000;

/** Whether finished pods are of the newest run of a CronJob, or of a Job that may start another attempt. */
export function livesBetweenRuns({ ownerKind, ownerGroup, lastRunAt, lastEnded }: PodGroup, observedAt: string): boolean {
  if (ownerGroup !== undefined || lastEnded === undefined) return false;
  if (lastRunAt !== undefined) return true;
  const isTrying = ownerKind === 'Job' && lastEnded.phase === 'failed';
  return isTrying && Date.parse(observedAt) - Date.parse(lastEnded.at) <= NEXT_TRY_MS;
}

/** Whether a group of pods represents its workload: it has live pods, or its workload waits for its next run. */
export function standsForWorkload(group: PodGroup, observedAt: string): boolean {
  return activePods(group) > 0 || livesBetweenRuns(group, observedAt);
}
