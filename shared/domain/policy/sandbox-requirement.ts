import type { Observation } from '../snapshot/observation.ts';
import type { PodGroup } from '../snapshot/pod-group.ts';
import type { Cluster, Namespace } from '../snapshot/snapshot.ts';
import { matchesGlobs } from './glob.ts';
import { includesHandler } from './handlers.ts';
import {
  type ClusterRequirement,
  KATA_HANDLERS,
  type LabelSelector,
  type Policy,
  SANDBOX_LABEL,
  type WorkloadRequirement,
} from './policy.ts';
import { selects } from './scope.ts';

/** Namespaces by name; `undefined` if they could not be read. */
export type NamespaceLabels = ReadonlyMap<string, Namespace> | undefined;

/** The policy statements that cover a group of pods, and those that may cover it, depending on labels that could not be read. */
export interface SandboxRequirement {
  readonly certain: readonly WorkloadRequirement[];
  readonly possible: readonly WorkloadRequirement[];
}

/** The first statement that matches a cluster, which decides; `undefined` if none does. */
export function clusterRequirementOf({ clusters }: Policy, cluster: Cluster): ClusterRequirement | undefined {
  return clusters.find((one) => matchesGlobs(cluster.name, one.clusters ?? ['*']) && selects(one.tags ?? {}, cluster.tags));
}

/** Namespaces by name. */
export function namespaceLabels(namespaces: Observation<readonly Namespace[]>): NamespaceLabels {
  return namespaces.state === 'observed' ? new Map(namespaces.value.map((one) => [one.name, one])) : undefined;
}

/** Whether labels match a selector; `undefined` if the labels were not, or not completely, read. */
function matches(selector: LabelSelector, of: Pick<Namespace, 'labels' | 'labelsCut'> | undefined): boolean | undefined {
  if (isEmpty(selector)) return true;
  if (of === undefined) return undefined;
  return selects(selector, of.labels) || (of.labelsCut === undefined ? false : undefined);
}

/** All policy statements that require a group's pods to run in a pod VM. Every one of them applies. */
export function sandboxRequirementOf(policy: Policy, group: PodGroup, namespaces: NamespaceLabels): SandboxRequirement {
  const namespace = namespaces?.get(group.namespace);
  const judged = policy.workloads
    .filter((one) => matchesGlobs(group.namespace, one.namespaces ?? ['*']))
    .map((one) => ({ one, verdicts: [matches(one.podLabels ?? {}, group), matches(one.namespaceLabels ?? {}, namespace)] }))
    .filter(({ verdicts }) => !verdicts.includes(false));
  return {
    certain: judged.filter(({ verdicts }) => !verdicts.includes(undefined)).map(({ one }) => one),
    possible: judged.filter(({ verdicts }) => verdicts.includes(undefined)).map(({ one }) => one),
  };
}

/** The namespaces in which pods may have to be sandboxed, or why they cannot be determined. */
export type RequiredNamespaces = { readonly names: readonly string[]; readonly of: number } | { readonly why: string };

/** Which of a cluster's namespaces the statements of the policy name, by their names or by labels of namespaces. */
export function requiredNamespaces({ workloads }: Policy, namespaces: Observation<readonly Namespace[]>): RequiredNamespaces {
  if (namespaces.state === 'unavailable') return { why: `the namespaces could not be read: ${namespaces.reason.message}` };
  const everywhere = workloads.find(({ namespaces: named, namespaceLabels = {} }) => named === undefined && isEmpty(namespaceLabels));
  if (everywhere !== undefined) return { why: `the policy's entry "${everywhere.name}" applies to pods of every namespace` };
  const isNamed = (one: Namespace) => workloads.some((entry) => mayCover(entry, one));
  return { names: namespaces.value.filter(isNamed).map(({ name }) => name), of: namespaces.value.length };
}

function mayCover({ namespaces = ['*'], namespaceLabels = {} }: WorkloadRequirement, one: Namespace): boolean {
  return matchesGlobs(one.name, namespaces) && matches(namespaceLabels, one) !== false;
}

function isEmpty(selector: LabelSelector): boolean {
  return Object.keys(selector).length === 0;
}

/** Whether a handler satisfies all of the statements. */
export function isAccepted(handler: string, requirements: readonly WorkloadRequirement[]): boolean {
  return requirements.every(({ acceptedHandlers = KATA_HANDLERS }) => includesHandler(acceptedHandlers, handler));
}

/** Values of the label that explicitly decline a sandbox. */
const NOT_WANTED: readonly string[] = ['none', 'not-required', 'false', 'no', 'off'];

/** Where the sandbox label has a value that no statement matches (pod or namespace), and the value; `undefined` if it has none. */
export function unreadLabel(
  { workloads }: Policy,
  group: PodGroup,
  namespaces: NamespaceLabels,
): { readonly on: 'namespace' | 'pods'; readonly value: string } | undefined {
  const read = workloads.flatMap(({ podLabels, namespaceLabels: ofNamespace }) => [
    podLabels?.[SANDBOX_LABEL],
    ofNamespace?.[SANDBOX_LABEL],
  ]);
  // A policy without this label states in another way what must be sandboxed.
  if (read.every((value) => value === undefined)) return undefined;
  const isUnread = (value: string | undefined): value is string =>
    value !== undefined && !read.includes(value) && !NOT_WANTED.includes(value);
  const [own, ofNamespace] = [group.labels[SANDBOX_LABEL], namespaces?.get(group.namespace)?.labels[SANDBOX_LABEL]];
  if (isUnread(own)) return { on: 'pods', value: own };
  return isUnread(ofNamespace) ? { on: 'namespace', value: ofNamespace } : undefined;
}
