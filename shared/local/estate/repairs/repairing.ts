import type { EstateCluster, EstatePlantedFault } from '../model.ts';

/** The subject of a fault. */
export type Subject = EstatePlantedFault['subject'];

/** A cluster after a repair, and which of its other faults the repair has removed. */
export interface Repaired {
  readonly cluster: EstateCluster;
  readonly alsoGone: (fault: EstatePlantedFault) => boolean;
}

/** How one fault is repaired. */
export type Repair = (cluster: EstateCluster, subject: Subject, now: Date) => Repaired;

/** Removes only the fault itself. */
export const nothingElse = () => false;

/** The name of a subject; empty for subjects without one. */
export function subjectName(subject: Subject): string {
  return 'name' in subject ? subject.name : '';
}

/** Whether two faults are about the same subject. */
export function sameSubject(one: Subject, other: Subject): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
