import type { PodGroup } from '../domain/snapshot/pod-group.ts';
import type { Namespace, RuntimeClass } from '../domain/snapshot/snapshot.ts';

/** A place in a file; lines and columns count from 1, columns in UTF-16 code units. */
export interface Place {
  /** The path as people gave it; `-` is the standard input. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** What a remark does to the outcome: it fails it, it fails it only with `--strict`, or it is only told. */
export type RemarkWeight = 'not-judged' | 'gap' | 'told';

/** Something that people must know of a file, and that is no finding. */
export interface ManifestRemark {
  readonly weight: RemarkWeight;
  /** Absent where it is about no single place. */
  readonly place?: Place;
  readonly message: string;
}

/** A pod template, as the group of pods that it makes. */
export interface ManifestWorkload {
  readonly group: PodGroup;
  /** Whether its manifest names a namespace. */
  readonly namesNamespace: boolean;
  /** The controller that owns it, in the form of `workloadKey`; its own template is judged in its place. */
  readonly owner?: string;
  /** Where a rule's finding lies. */
  readonly placeOf: (ruleId: string) => Place;
}

/** A RuntimeClass that the files hold. */
export interface ManifestClass {
  readonly runtimeClass: RuntimeClass;
  readonly placeOf: (ruleId: string) => Place;
}

/** Everything that some files hold. */
export interface ManifestEvidence {
  readonly files: number;
  readonly objects: number;
  readonly workloads: readonly ManifestWorkload[];
  readonly runtimeClasses: readonly ManifestClass[];
  /** Of two that have one name the last one counts, as when they are applied. */
  readonly namespaces: readonly Namespace[];
  readonly remarks: readonly ManifestRemark[];
}

/** Names a workload among those of the files. */
export function workloadKey(namespace: string, kind: string, name: string): string {
  return JSON.stringify([namespace, kind, name]);
}
