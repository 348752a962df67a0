import { acceptedHandlers, isSandboxHandler } from '../policy/handlers.ts';
import type { Policy } from '../policy/policy.ts';
import { isRuleOn } from '../policy/rule-setting.ts';
import type { Observation } from '../snapshot/observation.ts';
import type { PodFeatures, PodGroup } from '../snapshot/pod-group.ts';
import type { Namespace, RuntimeClass } from '../snapshot/snapshot.ts';
import { activePods } from './kata-evidence.ts';
import { outsideSandbox } from './outside-sandbox.ts';

/** Properties that weaken a sandbox, and the rule that reports each. */
const WEAKENING: readonly (readonly [keyof PodFeatures, string])[] = [
  ['hostPath', 'sandboxed-pod-host-path'],
  ['hostPathClaims', 'sandboxed-pod-host-path'],
  ['hostNetwork', 'sandboxed-pod-host-namespaces'],
  ['hostPid', 'sandboxed-pod-host-namespaces'],
  ['hostIpc', 'sandboxed-pod-host-namespaces'],
  ['privileged', 'sandboxed-pod-privileged'],
  ['privilegedDebug', 'sandboxed-pod-privileged'],
  ['noMemoryLimit', 'sandboxed-pod-memory-limit'],
];

/**
 * Whether pods show something that an enabled rule would fail: enough to decide, while a sample is
 * taken, to read more. The verdict itself is up to the rules.
 */
export function podViolations(
  policy: Policy,
  runtimeClasses: readonly RuntimeClass[] | undefined,
  namespaces: Observation<readonly Namespace[]>,
): (groups: readonly PodGroup[]) => boolean {
  const accepted = acceptedHandlers(policy);
  const isInForce = (id: string) => isRuleOn({ id }, policy);
  const weakening = WEAKENING.filter(([, rule]) => isInForce(rule)).map(([feature]) => feature);
  const isOutside = outsideSandbox(policy, runtimeClasses ?? [], namespaces);
  return (groups) =>
    groups.some((group) => {
      if (activePods(group) === 0 || runtimeClasses === undefined) return false;
      const handler = runtimeClasses.find(({ name }) => name === group.runtimeClassName)?.handler;
      if (isInForce('workload-sandboxed') && isOutside(group)) return true;
      if (handler === undefined || !isSandboxHandler(handler, accepted)) return false;
      if (isInForce('sandboxed-pod-on-kata-node') && group.placement.handlerMissing > 0) return true;
      return weakening.some((feature) => (group.features[feature] ?? 0) > 0);
    });
}
