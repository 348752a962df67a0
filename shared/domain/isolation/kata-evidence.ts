import { parseNodeImage } from '../images/node-image.ts';
import { KATA_HANDLERS } from '../policy/policy.ts';
import type { Observation } from '../snapshot/observation.ts';
import type { KubernetesNode, NodePool, PodGroup, RuntimeClass } from '../snapshot/snapshot.ts';
import { unreadAmong } from '../snapshot/unread.ts';
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
export function isKataPool({ workloadRuntime }: Pick<NodePool, 'workloadRuntime'>): boolean {
  return isKataRuntime(workloadRuntime);
}

/** Whether a pool's machines are switched off. */
export function isStopped({ powerState }: Pick<NodePool, 'powerState'>): boolean {
  return /^stopped$/i.test(powerState ?? 'Running');
}

/** Whether a pool's nodes are being replaced now, so that what is seen of its images is true only for a moment. */
export function isRolling({ inTransition, provisioningState = '' }: Pick<NodePool, 'inTransition' | 'provisioningState'>): boolean {
  return inTransition === true || /^upgrading/i.test(provisioningState);
}

/** A pool that AKS itself runs, patches and upgrades: AKS refuses commands on it. */
export function isAksManaged({ mode = '' }: Pick<NodePool, 'mode'>): boolean {
  return /^managed/i.test(mode);
}

/**
 * Nodes that belong to none of the listed pools: those of node auto provisioning, of a hosted system
 * pool, and strays. A virtual node is no machine and has no image.
 */
export function nodesOutside(nodePools: readonly NodePool[], nodes: Observation<readonly KubernetesNode[]>): readonly KubernetesNode[] {
  if (nodes.state === 'unavailable') return [];
  const listed = new Set(nodePools.map(({ name }) => name.toLowerCase()));
  return nodes.value.filter(({ nodePool, labels, provisioner }) => {
    const isOfPool = provisioner !== 'karpenter' && nodePool !== undefined && listed.has(nodePool.toLowerCase());
    return !isOfPool && labels.type !== 'virtual-kubelet';
  });
}

/** Whether a cluster has a Kata pool or a Kata node; `undefined` when what was seen cannot tell. */
export function hasKata(nodePools: Observation<readonly NodePool[]>, nodes: Observation<readonly KubernetesNode[]>): boolean | undefined {
  if (nodePools.state === 'observed' && nodePools.value.some(isKataPool)) return true;
  if (nodes.state === 'observed' && nodes.value.some(isKataNode)) return true;
  const doubt = nodePools.state === 'observed' ? kataDoubt(nodePools.value) : undefined;
  return nodes.state === 'observed' && doubt === undefined ? false : undefined;
}

/** Why it is not known of a pool whether it is a Kata pool, of the first such pool. */
export function kataDoubt(nodePools: readonly NodePool[]): string | undefined {
  return nodePools.flatMap((pool) => unreadAmong(pool, ['workloadRuntime']) ?? [])[0];
}

/** Says that it is not known whether a cluster has Kata nodes, and why. */
export function kataNotKnown(nodePools: Observation<readonly NodePool[]>): string {
  const doubt = nodePools.state === 'observed' ? kataDoubt(nodePools.value) : undefined;
  return `Whether the cluster has Kata nodes could not be seen.${doubt === undefined ? '' : ` ${doubt}`}`;
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
