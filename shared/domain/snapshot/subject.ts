/** The subject of a verdict. */
export type Subject =
  | { readonly kind: 'cluster' }
  | { readonly kind: 'node-pool'; readonly name: string }
  | { readonly kind: 'node'; readonly name: string }
  | { readonly kind: 'runtime-class'; readonly name: string }
  | {
      readonly kind: 'workload';
      readonly namespace: string;
      readonly ownerKind: string;
      readonly ownerName: string;
      /** The API group of the owner; absent for kinds that are built into Kubernetes. */
      readonly ownerGroup?: string;
    };

/** Returns an owner's kind, with its group unless it is built in: `Deployment`, `StatefulSet.apps.kruise.io`. */
export function kindOf({ ownerKind, ownerGroup }: { readonly ownerKind: string; readonly ownerGroup?: string }): string {
  return ownerGroup === undefined ? ownerKind : `${ownerKind}.${ownerGroup}`;
}

/**
 * The subject as version 0.1.0 named it, without API groups, so that findings of that version keep their identity.
 */
export function formerSubject(subject: Subject): Subject {
  if (subject.kind !== 'workload') return subject;
  const { ownerGroup: _, ...former } = subject;
  return former;
}

/** The kinds of subjects. */
export const SUBJECT_KINDS = ['cluster', 'node-pool', 'node', 'runtime-class', 'workload'] as const satisfies readonly Subject['kind'][];

/** Returns the text that identifies a subject in keys and fingerprints; equal only for equal subjects. */
export function subjectKey(subject: Subject): string {
  switch (subject.kind) {
    case 'cluster':
      return 'cluster';
    case 'workload':
      return `workload/${subject.namespace}/${kindOf(subject)}/${subject.ownerName}`;
    default:
      return `${subject.kind}/${subject.name}`;
  }
}
