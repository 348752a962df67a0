import { isSameRelease, parseNodeImage } from '../images/node-image.ts';
import { isMachine, kataAbility } from '../isolation/kata-evidence.ts';
import type { KubernetesNode } from '../snapshot/snapshot.ts';
import type { Judgement } from './rule.ts';

/** Every label of AKS begins so: a node without one is none of AKS's, and nothing tells its image. */
const AKS_LABELS = 'kubernetes.azure.com/';

/** Judges every node of AKS by itself, where Kubernetes alone was asked. */
export function eachAksNode(nodes: readonly KubernetesNode[], judge: (node: KubernetesNode) => Judgement): readonly Judgement[] {
  return nodes.filter(isMachine).map((node): Judgement => {
    const isOfAks = node.nodeImageVersion !== undefined || Object.keys(node.labels).some((label) => label.startsWith(AKS_LABELS));
    if (isOfAks) return judge(node);
    const message = 'The node carries no label of AKS: nothing tells which image it runs.';
    return { verdict: 'not-applicable', subject: { kind: 'node', name: node.name }, message };
  });
}

/** The nodes that start pod VMs, or are meant to by their image. A label alone means nothing: anyone who may edit nodes can write it. */
export function kataNodes(nodes: readonly KubernetesNode[], accepted: readonly string[]): readonly KubernetesNode[] {
  return nodes.filter(
    (node) => kataAbility(node, accepted) !== false || parseNodeImage(node.nodeImageVersion ?? '')?.features.kata === true,
  );
}

/** The names of the agent pools of those nodes, as their labels tell them. */
export function kataPoolNames(nodes: readonly KubernetesNode[], accepted: readonly string[]): readonly string[] {
  return [...new Set(kataNodes(nodes, accepted).flatMap(({ nodePool }) => nodePool ?? []))];
}

/** Releases of which no two are the same, a patch level aside. */
export function distinctReleases(images: readonly string[]): readonly string[] {
  const found: string[] = [];
  for (const image of images) if (!found.some((one) => isSameRelease(one, image))) found.push(image);
  return found;
}
