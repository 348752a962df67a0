/** What a verdict is about. */
export type Subject =
  | { readonly kind: 'cluster' }
  | { readonly kind: 'node-pool'; readonly name: string }
  | { readonly kind: 'node'; readonly name: string }
  | { readonly kind: 'runtime-class'; readonly name: string }
  | { readonly kind: 'workload'; readonly namespace: string; readonly ownerKind: string; readonly ownerName: string };

/** The kinds of subjects. */
export const SUBJECT_KINDS = ['cluster', 'node-pool', 'node', 'runtime-class', 'workload'] as const satisfies readonly Subject['kind'][];

/** The text that names a subject in keys and fingerprints; equal only for equal subjects. */
export function subjectKey(subject: Subject): string {
  switch (subject.kind) {
    case 'cluster':
      return 'cluster';
    case 'workload':
      return `workload/${subject.namespace}/${subject.ownerKind}/${subject.ownerName}`;
    default:
      return `${subject.kind}/${subject.name}`;
  }
}
