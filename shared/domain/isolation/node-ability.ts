import type { PodGroup } from '../snapshot/pod-group.ts';
import type { KubernetesNode, Taint, Toleration } from '../snapshot/snapshot.ts';

/** Why a node accepts no new pods. */
export type Closed = 'not ready' | 'cordoned' | 'tainted';

/** Taint that a cordon adds. */
const CORDON = 'node.kubernetes.io/unschedulable';

/** Formats a taint like `kubectl`. */
export function taintText({ key, value, effect }: Taint): string {
  return `${key}${value === '' ? '' : `=${value}`}:${effect}`;
}

/** The taints that keep pods without a toleration off a node, without that of a cordon. */
export function repellingTaints({ taints = [] }: Pick<KubernetesNode, 'taints'>): readonly Taint[] {
  return taints.filter(({ key, effect }) => key !== CORDON && (effect === 'NoSchedule' || effect === 'NoExecute'));
}

/** Whether a toleration covers a taint. Source: kubernetes staging/src/k8s.io/api/core/v1/toleration.go. */
export function isTolerated(taint: Taint, tolerations: readonly Toleration[]): boolean {
  return tolerations.some(({ key, operator, value, effect }) => {
    if (effect !== '' && effect !== taint.effect) return false;
    if (key !== '' && key !== taint.key) return false;
    return operator === 'Exists' || (key !== '' && matchesValue(operator, taint.value, value));
  });
}

/** `Gt` and `Lt` compare whole numbers; any other value matches neither. */
function matchesValue(operator: string, ofTaint: string, tolerated: string): boolean {
  if (operator === '' || operator === 'Equal') return ofTaint === tolerated;
  if (![ofTaint, tolerated].every((value) => /^-?\d+$/.test(value))) return false;
  if (operator === 'Gt') return Number(ofTaint) > Number(tolerated);
  return operator === 'Lt' && Number(ofTaint) < Number(tolerated);
}

/** The entry for pods that tolerate all taints. */
export const EVERY_TAINT = '*';

/** The taints that pods tolerate by name. A toleration of everything does not show the purpose of a taint. */
export function toleratedByName(groups: readonly PodGroup[]): readonly string[] {
  return groups.flatMap(({ tolerates = [] }) => (tolerates.includes(EVERY_TAINT) ? [] : tolerates));
}

/** Why a node accepts no pods with these tolerations, or that tolerate these taints; `undefined` if it does. */
export function whyClosed(
  node: KubernetesNode,
  tolerations: readonly Toleration[],
  tolerated: ReadonlySet<string> = new Set(),
): Closed | undefined {
  if (!node.ready) return 'not ready';
  if (node.unschedulable) return 'cordoned';
  const repels = repellingTaints(node).some((taint) => !isTolerated(taint, tolerations) && !tolerated.has(taintText(taint)));
  return repels ? 'tainted' : undefined;
}
