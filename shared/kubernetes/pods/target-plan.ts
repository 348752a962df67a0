import { kataAbility } from '../../domain/isolation/kata-evidence.ts';
import type { PodReading } from '../../ports/cluster-reader.ts';
import { countPods } from './count-pods.ts';
import type { Lists } from './list.ts';

/** What a targeted read asks for. */
export interface TargetPlan {
  /** Namespaces of which every pod is read, on any node. */
  readonly namespaces: readonly string[];
  readonly totalNamespaces: number;
  /** Nodes that may run Kata. */
  readonly nodes: readonly string[];
  readonly totalNodes: number;
  readonly totalPods: number;
}

/** Why a targeted read does not pay; `undefined` when it does. */
export type WhyNotWorthwhile = (plan: TargetPlan) => string | undefined;

/** A request for a namespace or a node costs about as much as so many pods of one long list. */
const PODS_PER_REQUEST = 100;
/** A saving of less than half does not justify the verdicts that become unknown. */
const WORTHWHILE_SHARE = 0.5;
/** The URL of the request for each node excludes every one of them by name. */
const MAX_NAMESPACES = 50;

/** Plans a targeted read, or says why every pod is read instead: the end of a sentence with "because". */
export async function planTargets(
  lists: Lists,
  { required, nodes, acceptedHandlers }: PodReading,
  whyNot: WhyNotWorthwhile,
  abortSignal: AbortSignal,
): Promise<TargetPlan | { readonly why: string }> {
  if ('why' in required) return required;
  if (nodes === undefined) return { why: 'the nodes could not be read' };
  if (required.names.length > MAX_NAMESPACES) return { why: `the policy names ${required.names.length} of the cluster's namespaces` };
  // Where lists are not streamed, a list with a limit is answered from etcd, which reads every pod for any selector.
  const old = await lists.whyNotStreamed(abortSignal);
  if (old !== undefined) return { why: old };
  const totalPods = await countPods(lists, abortSignal);
  if (totalPods === undefined) return { why: 'the API server does not report the number of pods' };
  const able = nodes.filter((node) => kataAbility(node, acceptedHandlers) !== false).map(({ name }) => name);
  const plan = {
    namespaces: required.names,
    totalNamespaces: required.of,
    nodes: [...new Set(able)],
    totalNodes: nodes.length,
    totalPods,
  };
  const why = whyNot(plan);
  return why === undefined ? plan : { why };
}

/** Says why a targeted read would not save half of reading every pod, if pods are spread evenly over namespaces and nodes. */
export const whyNotWorthwhile: WhyNotWorthwhile = ({ namespaces, totalNamespaces, nodes, totalNodes, totalPods }) => {
  const share = namespaces.length / Math.max(1, totalNamespaces) + nodes.length / Math.max(1, totalNodes);
  const requests = namespaces.length + nodes.length + 1;
  if (share * totalPods + requests * PODS_PER_REQUEST <= WORTHWHILE_SHARE * totalPods) return undefined;
  const of = `${namespaces.length} of ${totalNamespaces} namespaces and of ${nodes.length} of ${totalNodes} nodes`;
  return `reading only the pods of ${of} would not save half`;
};
