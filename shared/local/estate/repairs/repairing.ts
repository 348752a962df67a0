import type { EstateCluster, EstatePlantedFault } from '../model.ts';

/** The subject of a fault. */
export type Subject = EstatePlantedFault['subject'];

/** A cluster after a fault was repaired, and which of its other faults are gone with it. */
export interface Repaired {
  readonly cluster: EstateCluster;
  readonly alsoGone: (fault: EstatePlantedFault) => boolean;
}

/** How one fault is repaired. */
export type Repair = (cluster: EstateCluster, subject: Subject, now: Date) => Repaired;

/** Only the fault itself is gone. */
export const nothingElse = () => false;

/** The name of a subject that has one of its own; empty for others. */
export function subjectName(subject: Subject): string {
  return 'name' in subject ? subject.name : '';
}

/** Whether two faults are about one thing. */
export function sameSubject(one: Subject, other: Subject): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
