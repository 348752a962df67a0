import { kataImageOf } from '../images/kata-images.ts';
import { parseNodeImage } from '../images/node-image.ts';
import { isSandboxHandler } from '../policy/handlers.ts';
import { given } from '../snapshot/given.ts';
import type { KnownImages } from '../snapshot/known-images.ts';
import type { KubernetesNode } from '../snapshot/snapshot.ts';
import { hasKataLabel, listsHandler } from './kata-evidence.ts';

/** Evidence that a node can start pod VMs. */
export interface KataNodeCheck {
  /** The node lists the handler; or its kubelet is too old to list any, and its image and label are of a Kata node. */
  readonly starts: boolean;
  /** Expected evidence that is missing. */
  readonly doubt?: string;
  /** What could not be checked, or was checked with weaker evidence. */
  readonly note?: string;
}

/** The name under which a node's pods are counted: its pool, its node pool of node auto provisioning, or `-`. */
export function poolKey({ nodePool, labels }: KubernetesNode): string {
  return nodePool ?? labels['karpenter.sh/nodepool'] ?? '-';
}

/** Results by node, because a cluster's page checks the same node for every workload that may run on it. */
const checked = new WeakMap<KubernetesNode, { readonly known: KnownImages | undefined; readonly byHandler: Map<string, KataNodeCheck> }>();

/** Checks one node: its handler, image and kernel; if it lists no handlers, its label and image instead. */
export function checkKataNode(node: KubernetesNode, handler: string, known?: KnownImages): KataNodeCheck {
  const held = checked.get(node);
  const ofNode = held !== undefined && held.known === known ? held : { known, byHandler: new Map<string, KataNodeCheck>() };
  const check = ofNode.byHandler.get(handler) ?? judge(node, handler, known);
  ofNode.byHandler.set(handler, check);
  checked.set(node, ofNode);
  return check;
}

function judge(node: KubernetesNode, handler: string, images: KnownImages | undefined): KataNodeCheck {
  const { name, runtimeHandlers, nodeImageVersion } = node;
  const starts = listsHandler(node, handler) === true;
  if (!starts) return { starts };
  if (!isSandboxHandler(handler)) return { starts, note: NOT_AKS };
  if (nodeImageVersion === undefined) return { starts, doubt: `The image of the node ${name} is unknown.` };
  const image = parseNodeImage(nodeImageVersion);
  if (image === undefined) return { starts, doubt: `The image ${nodeImageVersion} of the node ${name} has an unknown format.` };
  if (!image.features.kata) return { starts, doubt: `The image ${nodeImageVersion} of the node ${name} is not a Kata image.` };
  if (runtimeHandlers === undefined && !hasKataLabel(node)) {
    return { starts, doubt: `The node ${name} is too old to list its handlers, and has no label of a Kata node.` };
  }
  const note = runtimeHandlers === undefined ? OLD : undefined;
  const known = kataImageOf(nodeImageVersion, images);
  if (known === undefined) return { starts, note: [note, unknownImage(nodeImageVersion)].filter((one) => one !== undefined).join(' ') };
  if (node.kernelVersion !== known.nodeKernel) {
    const doubt = `The node ${name} runs the kernel ${node.kernelVersion}, and its image ${nodeImageVersion} came with ${known.nodeKernel}.`;
    return { starts, doubt };
  }
  return { starts, ...given({ note }) };
}

const NOT_AKS = 'Its handler is not from AKS, so node images and kernels say nothing about it.';
const OLD = 'Judged by label and image: its nodes are too old to list handlers (before Kubernetes 1.30).';

function unknownImage(nodeImageVersion: string): string {
  return `The image ${nodeImageVersion} is unknown: its kernel was not compared.`;
}

/** Checks nodes for one handler: the first doubt, and every distinct note. */
export function checkKataNodes(
  nodes: readonly KubernetesNode[],
  handler: string,
  known?: KnownImages,
): { readonly doubt?: string; readonly notes: readonly string[] } {
  const checks = nodes.map((node) => checkKataNode(node, handler, known)).filter(({ starts }) => starts);
  const doubt = checks.find((one) => one.doubt !== undefined)?.doubt;
  const notes = [...new Set(checks.flatMap(({ note }) => note ?? []))];
  return { ...given({ doubt }), notes };
}
