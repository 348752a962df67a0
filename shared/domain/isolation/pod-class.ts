import { isSandboxHandler } from '../policy/handlers.ts';
import type { PodGroup } from '../snapshot/pod-group.ts';
import type { RuntimeClass } from '../snapshot/snapshot.ts';

/**
 * What the class that a group of pods names tells about them. `gone`: it was deleted while they live, so
 * that what started them is not known any more. `unseen`: it was made after the classes were listed.
 */
export type PodClass =
  | { readonly state: 'none' }
  | { readonly state: 'resolved'; readonly runtimeClass: RuntimeClass }
  | { readonly state: 'gone' | 'unseen'; readonly name: string };

/**
 * Resolves the class of a group. API servers refuse a pod whose class does not exist
 * (kubernetes plugin/pkg/admission/runtimeclass), so that a pod from before the look had one.
 */
export function podClassOf(group: PodGroup, runtimeClasses: readonly RuntimeClass[], observedAt: string): PodClass {
  const { runtimeClassName: name, oldestCreatedAt } = group;
  if (name === undefined) return { state: 'none' };
  const runtimeClass = runtimeClasses.find((one) => one.name === name);
  if (runtimeClass !== undefined) return { state: 'resolved', runtimeClass };
  const isOlder = oldestCreatedAt === undefined || Date.parse(oldestCreatedAt) < Date.parse(observedAt);
  return { state: isOlder ? 'gone' : 'unseen', name };
}

/** Whether a class stands for a sandbox, under a policy that accepts some handlers. */
export function isSandboxClass(podClass: PodClass, accepted: readonly string[]): boolean {
  return podClass.state === 'resolved' && isSandboxHandler(podClass.runtimeClass.handler, accepted);
}

/** Whether nothing is known of what started some pods: their class is not there, or all of them are older than it. */
export function isUncertain(group: PodGroup, { state }: PodClass): boolean {
  return state === 'gone' || state === 'unseen' || (state === 'resolved' && group.olderThanClass === group.pods);
}

/** Why it is not known what started some pods. */
export function uncertainty(group: PodGroup, podClass: PodClass): string {
  switch (podClass.state) {
    case 'gone':
      return `the RuntimeClass ${podClass.name} was deleted while they ran`;
    case 'unseen':
      return `the RuntimeClass ${podClass.name} was made after the classes were listed`;
    default:
      return `they are older than the RuntimeClass ${group.runtimeClassName ?? ''}, which was made again under its name`;
  }
}
