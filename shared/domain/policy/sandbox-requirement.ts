import type { Observation } from '../snapshot/observation.ts';
import type { Cluster, Namespace, PodGroup } from '../snapshot/snapshot.ts';
import { matchesGlobs } from './glob.ts';
import { type ClusterRequirement, KATA_HANDLERS, type LabelSelector, type Policy, type WorkloadRequirement } from './policy.ts';
import { selects } from './scope.ts';

/** Namespaces with their labels, ready to be asked; `undefined` when they could not be read. */
export type NamespaceLabels = ReadonlyMap<string, LabelSelector> | undefined;

/** Which statements of the policy cover some pods, and which may: those depend on labels that could not be seen. */
export interface SandboxRequirement {
  readonly certain: readonly WorkloadRequirement[];
  readonly possible: readonly WorkloadRequirement[];
}

/** The first statement about a cluster that matches it decides; `undefined` when none does. */
export function clusterRequirementOf({ clusters }: Policy, cluster: Cluster): ClusterRequirement | undefined {
  return clusters.find((one) => matchesGlobs(cluster.name, one.clusters ?? ['*']) && selects(one.tags ?? {}, cluster.tags));
}

/** Labels by namespace. */
export function namespaceLabels(namespaces: Observation<readonly Namespace[]>): NamespaceLabels {
  return namespaces.state === 'observed' ? new Map(namespaces.value.map(({ name, labels }) => [name, labels])) : undefined;
}

/** Every statement of the policy that says a group's pods must run in a pod VM; all of them hold. */
export function sandboxRequirementOf(policy: Policy, group: PodGroup, namespaces: NamespaceLabels): SandboxRequirement {
  const labels = namespaces?.get(group.namespace);
  const candidates = policy.workloads.filter(
    (one) => matchesGlobs(group.namespace, one.namespaces ?? ['*']) && selects(one.podLabels ?? {}, group.labels),
  );
  const depends = ({ namespaceLabels: selector = {} }: WorkloadRequirement) => Object.keys(selector).length > 0;
  return {
    certain: candidates.filter((one) => !depends(one) || (labels !== undefined && selects(one.namespaceLabels ?? {}, labels))),
    possible: labels === undefined ? candidates.filter(depends) : [],
  };
}

/** Whether a handler satisfies every one of some statements. */
export function isAccepted(handler: string, requirements: readonly WorkloadRequirement[]): boolean {
  return requirements.every(({ acceptedHandlers = KATA_HANDLERS }) => acceptedHandlers.includes(handler));
}
