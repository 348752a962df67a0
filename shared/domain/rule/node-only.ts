import { isSameRelease, parseNodeImage } from '../images/node-image.ts';
import { isMachine, kataAbility } from '../isolation/kata-evidence.ts';
import type { KubernetesNode } from '../snapshot/snapshot.ts';
import type { Judgement } from './rule.ts';

/** The prefix of every AKS label. A node without one is not an AKS node, and its image is unknown. */
const AKS_LABELS = 'kubernetes.azure.com/';

/** Judges every AKS node by itself, for audits that read only Kubernetes. */
export function eachAksNode(nodes: readonly KubernetesNode[], judge: (node: KubernetesNode) => Judgement): readonly Judgement[] {
  return nodes.filter(isMachine).map((node): Judgement => {
    const isOfAks = node.nodeImageVersion !== undefined || Object.keys(node.labels).some((label) => label.startsWith(AKS_LABELS));
    if (isOfAks) return judge(node);
    const message = 'The node has no AKS label, so its image is unknown.';
    return { verdict: 'not-applicable', subject: { kind: 'node', name: node.name }, message };
  });
}

/**
 * The nodes that start pod VMs, or whose image is made for it. A label alone proves nothing: anyone who may edit nodes can write
 * it.
 */
export function kataNodes(nodes: readonly KubernetesNode[], accepted: readonly string[]): readonly KubernetesNode[] {
  return nodes.filter(
    (node) => kataAbility(node, accepted) !== false || parseNodeImage(node.nodeImageVersion ?? '')?.features.kata === true,
  );
}

/** The names of the agent pools of those nodes, from their labels. */
export function kataPoolNames(nodes: readonly KubernetesNode[], accepted: readonly string[]): readonly string[] {
  return [...new Set(kataNodes(nodes, accepted).flatMap(({ nodePool }) => nodePool ?? []))];
}

/** The distinct releases, ignoring patch levels. */
export function distinctReleases(images: readonly string[]): readonly string[] {
  const found: string[] = [];
  for (const image of images) if (!found.some((one) => isSameRelease(one, image))) found.push(image);
  return found;
}
