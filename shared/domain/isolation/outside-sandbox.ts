import type { Policy } from '../policy/policy.ts';
import { isAccepted, namespaceLabels, sandboxRequirementOf } from '../policy/sandbox-requirement.ts';
import type { Observation } from '../snapshot/observation.ts';
import type { PodGroup } from '../snapshot/pod-group.ts';
import type { Namespace, RuntimeClass } from '../snapshot/snapshot.ts';

/** Tells, in the middle of a look, which pods must be sandboxed and name no class that the policy accepts; the verdict is a rule's to make. */
export function outsideSandbox(
  policy: Policy,
  runtimeClasses: readonly RuntimeClass[],
  namespaces: Observation<readonly Namespace[]>,
): (group: PodGroup) => boolean {
  const labels = namespaceLabels(namespaces);
  const handlers = new Map(runtimeClasses.map(({ name, handler }) => [name, handler]));
  return (group) => {
    const { certain } = sandboxRequirementOf(policy, group, labels);
    const handler = handlers.get(group.runtimeClassName ?? '');
    return certain.length > 0 && (handler === undefined || !isAccepted(handler, certain));
  };
}
