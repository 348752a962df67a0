import { isSameRelease } from '../images/node-image.ts';
import type { KubernetesNode } from '../snapshot/snapshot.ts';
import type { Judgement } from './rule.ts';

/** Every label of AKS begins so: a node without one is none of AKS's, and nothing tells its image. */
const AKS_LABELS = 'kubernetes.azure.com/';

/** Judges every node of AKS by itself, where Kubernetes alone was asked. */
export function eachAksNode(nodes: readonly KubernetesNode[], judge: (node: KubernetesNode) => Judgement): readonly Judgement[] {
  return nodes.map((node): Judgement => {
    const isOfAks = node.nodeImageVersion !== undefined || Object.keys(node.labels).some((label) => label.startsWith(AKS_LABELS));
    if (isOfAks) return judge(node);
    const message = 'The node carries no label of AKS: nothing tells which image it runs.';
    return { verdict: 'not-applicable', subject: { kind: 'node', name: node.name }, message };
  });
}

/** Releases of which no two are the same, a patch level aside. */
export function distinctReleases(images: readonly string[]): readonly string[] {
  return images.reduce<readonly string[]>(
    (found, image) => (found.some((one) => isSameRelease(one, image)) ? found : [...found, image]),
    [],
  );
}
