import type { PodGroup } from '../domain/snapshot/pod-group.ts';
import type { Namespace, RuntimeClass } from '../domain/snapshot/snapshot.ts';

/** A position in a file; lines and columns count from 1, columns in UTF-16 code units. */
export interface Place {
  /** The path as the user gave it; `-` is standard input. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Effect of a remark on the exit code: it fails, it fails only with `--strict`, or it is only reported. */
export type RemarkWeight = 'not-judged' | 'gap' | 'told';

/** Something that users must know about a file and that is not a finding. */
export interface ManifestRemark {
  readonly weight: RemarkWeight;
  /** Absent when it has no single position. */
  readonly place?: Place;
  readonly message: string;
}

/** A pod template, as the workload group of the pods that it creates. */
export interface ManifestWorkload {
  readonly group: PodGroup;
  /** Whether its manifest sets a namespace. */
  readonly namesNamespace: boolean;
  /** Its owning controller, in the form of `workloadKey`; the controller's template is judged instead. */
  readonly owner?: string;
  /** The position of a rule's finding. */
  readonly placeOf: (ruleId: string) => Place;
}

/** A RuntimeClass in the files. */
export interface ManifestClass {
  readonly runtimeClass: RuntimeClass;
  readonly placeOf: (ruleId: string) => Place;
}

/** The content of the files. */
export interface ManifestEvidence {
  readonly files: number;
  readonly objects: number;
  readonly workloads: readonly ManifestWorkload[];
  readonly runtimeClasses: readonly ManifestClass[];
  /** Of two with the same name the last one counts, as with `kubectl apply`. */
  readonly namespaces: readonly Namespace[];
  readonly remarks: readonly ManifestRemark[];
}

/** The key of a workload among those of the files. */
export function workloadKey(namespace: string, kind: string, name: string): string {
  return JSON.stringify([namespace, kind, name]);
}
