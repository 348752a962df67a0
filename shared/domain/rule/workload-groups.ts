import { given } from '../snapshot/given.ts';
import type { PodExample, PodGroup, PodMark } from '../snapshot/pod-group.ts';
import { type Subject, subjectKey } from '../snapshot/subject.ts';

/** A workload with all groups of its pods. */
export interface Workload {
  readonly subject: Extract<Subject, { kind: 'workload' }>;
  readonly groups: readonly PodGroup[];
}

/** The most example pods that a message names. */
const MAX_EXAMPLES = 3;

/** Groups pod groups by the workload that owns them. */
export function workloadsOf(groups: readonly PodGroup[]): readonly Workload[] {
  return [...Map.groupBy(groups, (group) => subjectKey(workloadSubject(group))).values()].flatMap((members) => {
    const [first] = members;
    return first === undefined ? [] : [{ subject: workloadSubject(first), groups: members }];
  });
}

/** The workload that owns a group of pods, as the subject of a verdict. */
export function workloadSubject({ namespace, ownerKind, ownerName, ownerGroup }: PodGroup): Workload['subject'] {
  return { kind: 'workload', namespace, ownerKind, ownerName, ...given({ ownerGroup }) };
}

/** Names of a few example pods of some groups, for facts and messages. */
export function exampleNames(groups: readonly PodGroup[]): readonly string[] {
  const examples = groups.flatMap((group): readonly PodExample[] => group.examples);
  return examples.slice(0, MAX_EXAMPLES).map(({ name }) => name);
}

/** Names of a few pods with a given property; pods without it are never named. */
export function markedNames(groups: readonly PodGroup[], mark: PodMark): readonly string[] {
  return groups.flatMap(({ marked }) => marked?.[mark] ?? []).slice(0, MAX_EXAMPLES);
}

/** ` (for example cart-1, cart-2)`, or empty without examples. */
export function forExample(names: readonly string[]): string {
  return names.length === 0 ? '' : ` (for example ${names.join(', ')})`;
}

/** The sum of one number over some groups. */
export function total(groups: readonly PodGroup[], of: (group: PodGroup) => number): number {
  return groups.reduce((sum, group) => sum + of(group), 0);
}
