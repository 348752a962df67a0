import type { PodGroup } from '../snapshot/pod-group.ts';
import type { RuntimeClass } from '../snapshot/snapshot.ts';
import type { Workload } from './workload-groups.ts';

/**
 * What may keep older pods although the template is correct, by kind. The strategy itself is not read. Sources:
 * kubernetes.io/docs concepts/workloads/controllers/statefulset (update strategies), tasks/manage-daemon/update-daemon-set.
 */
const KEEPERS: Readonly<Record<string, { readonly resource: string; readonly what: string }>> = {
  StatefulSet: { resource: 'statefulsets.apps', what: 'an update strategy of OnDelete, or a partition,' },
  DaemonSet: { resource: 'daemonsets.apps', what: 'an update strategy of OnDelete' },
};

/**
 * What may keep older pods of a workload indefinitely, and kubectl's name for its kind; `undefined` if its kind always replaces
 * them.
 */
export function keeperOf({ ownerKind, ownerGroup }: Workload['subject']) {
  return ownerGroup === undefined ? KEEPERS[ownerKind] : undefined;
}

/**
 * A DaemonSet creates a pod for every node that its template selects. A class adds its node selector to pods, not to templates,
 * so the pods of nodes without Kata wait forever and a rollout stops there, even with `maxSurge`. Source: kubernetes
 * pkg/controller/daemon, plugin/pkg/admission/runtimeclass. `undefined` if that is not the reason for the wait.
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
  return `A DaemonSet creates a pod for every node, but its RuntimeClass allows pods to start only on Kata nodes. Add the node selector ${selector.join(', ')} to its pod template.`;
}
