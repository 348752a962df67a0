import { isSandboxHandler } from '../policy/handlers.ts';
import type { PodGroup } from '../snapshot/pod-group.ts';
import type { RuntimeClass } from '../snapshot/snapshot.ts';

/**
 * The class that a group of pods names. `gone`: it was deleted while the pods live, so it is unknown what started
 * them. `unseen`: it was created after the classes were listed.
 */
export type PodClass =
  | { readonly state: 'none' }
  | { readonly state: 'resolved'; readonly runtimeClass: RuntimeClass }
  | { readonly state: 'gone' | 'unseen'; readonly name: string };

/**
 * Resolves the class of a group. API servers reject a pod whose class does not exist
 * (kubernetes plugin/pkg/admission/runtimeclass), so a pod from before the scan had one.
 */
export function podClassOf(group: PodGroup, runtimeClasses: readonly RuntimeClass[], observedAt: string): PodClass {
  const { runtimeClassName: name, oldestCreatedAt } = group;
  if (name === undefined) return { state: 'none' };
  const runtimeClass = runtimeClasses.find((one) => one.name === name);
  if (runtimeClass !== undefined) return { state: 'resolved', runtimeClass };
  const isOlder = oldestCreatedAt === undefined || Date.parse(oldestCreatedAt) < Date.parse(observedAt);
  return { state: isOlder ? 'gone' : 'unseen', name };
}

/** Whether a class starts sandboxes, given the handlers that the policy accepts. */
export function isSandboxClass(podClass: PodClass, accepted: readonly string[]): boolean {
  return podClass.state === 'resolved' && isSandboxHandler(podClass.runtimeClass.handler, accepted);
}

/** Whether it is unknown what started the pods: their class is missing, or newer than all of them. */
export function isUncertain(group: PodGroup, { state }: PodClass): boolean {
  return state === 'gone' || state === 'unseen' || (state === 'resolved' && group.olderThanClass === group.pods);
}

/** Why it is unknown what started the pods. */
export function uncertainty(group: PodGroup, podClass: PodClass): string {
  switch (podClass.state) {
    case 'gone':
      return `the RuntimeClass ${podClass.name} was deleted while they ran`;
    case 'unseen':
      return `the RuntimeClass ${podClass.name} was created after the classes were listed`;
    default:
      return `they are older than the RuntimeClass ${group.runtimeClassName ?? ''}, which was recreated under the same name`;
  }
}
