import type { PodGroup } from '../snapshot/pod-group.ts';
import type { RuntimeClass } from '../snapshot/snapshot.ts';
import type { Workload } from './workload-groups.ts';

/**
 * What may keep older pods although the template is right, by kind; the strategy itself is not read. Sources: kubernetes.io/docs
 * concepts/workloads/controllers/statefulset (update strategies), tasks/manage-daemon/update-daemon-set.
 */
const KEEPERS: Readonly<Record<string, { readonly resource: string; readonly what: string }>> = {
  StatefulSet: { resource: 'statefulsets.apps', what: 'an update strategy of OnDelete, or a partition,' },
  DaemonSet: { resource: 'daemonsets.apps', what: 'an update strategy of OnDelete' },
};

/** What may keep older pods of a workload for good, and how kubectl names its kind; `undefined` where its kind always replaces them. */
export function keeperOf({ ownerKind, ownerGroup }: Workload['subject']) {
  return ownerGroup === undefined ? KEEPERS[ownerKind] : undefined;
}

/**
 * A DaemonSet makes a pod for every node that its template selects, and a class adds its node selector to pods, not to templates: the
 * pods of nodes without Kata wait for ever, and a rollout stops there, with `maxSurge` too. Source: kubernetes pkg/controller/daemon,
 * plugin/pkg/admission/runtimeclass. `undefined` where that is not why pods wait.
 */
export function missingSelector(
  { ownerKind, ownerGroup }: Workload['subject'],
  waiting: readonly PodGroup[],
  classes: readonly RuntimeClass[],
): string | undefined {
  if (ownerKind !== 'DaemonSet' || ownerGroup !== undefined) return undefined;
  const selectors = waiting.map(({ runtimeClassName }) => classes.find(({ name }) => name === runtimeClassName)?.nodeSelector ?? {});
  const selector = Object.entries(selectors.find((one) => Object.keys(one).length > 0) ?? {}).map(([key, value]) => `${key}: "${value}"`);
  if (selector.length === 0) return undefined;
  return `A DaemonSet makes a pod for every node, and its RuntimeClass lets pods start on Kata nodes only: add the node selector ${selector.join(', ')} to its pod template.`;
}
