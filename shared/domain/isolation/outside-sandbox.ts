import type { Policy } from '../policy/policy.ts';
import { isAccepted, namespaceLabels, sandboxRequirementOf } from '../policy/sandbox-requirement.ts';
import type { Observation } from '../snapshot/observation.ts';
import type { PodGroup } from '../snapshot/pod-group.ts';
import type { Namespace, RuntimeClass } from '../snapshot/snapshot.ts';

/** During a scan: whether pods must be sandboxed and have no class that the policy accepts. The verdict is up to the rules. */
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
