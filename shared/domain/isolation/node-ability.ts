import type { PodGroup } from '../snapshot/pod-group.ts';
import type { KubernetesNode, Taint, Toleration } from '../snapshot/snapshot.ts';

/** Why a node accepts no new pods. */
export type Closed = 'not ready' | 'cordoned' | 'tainted';

/** Taint that a cordon adds. */
const CORDON = 'node.kubernetes.io/unschedulable';

/** A taint as `kubectl` writes it. */
export function taintText({ key, value, effect }: Taint): string {
  return `${key}${value === '' ? '' : `=${value}`}:${effect}`;
}

/** The taints that keep pods without a toleration off a node; a cordon is not among them. */
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

/** `Gt` and `Lt` compare whole numbers, and a value that is none matches neither. */
function matchesValue(operator: string, ofTaint: string, tolerated: string): boolean {
  if (operator === '' || operator === 'Equal') return ofTaint === tolerated;
  if (![ofTaint, tolerated].every((value) => /^-?\d+$/.test(value))) return false;
  if (operator === 'Gt') return Number(ofTaint) > Number(tolerated);
  return operator === 'Lt' && Number(ofTaint) < Number(tolerated);
}

/** Stands among the tolerated taints of pods that tolerate every taint there can be. */
export const EVERY_TAINT = '*';

/** The taints that some pods tolerate by name. Who tolerates everything shows nothing of what a taint is for. */
export function toleratedByName(groups: readonly PodGroup[]): readonly string[] {
  return groups.flatMap(({ tolerates = [] }) => (tolerates.includes(EVERY_TAINT) ? [] : tolerates));
}

/** Why a node takes no pods that have these tolerations, or tolerate these taints; `undefined` when it does. */
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
