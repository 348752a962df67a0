/** How many changes to a cluster's findings one cause has brought about so far. */
export interface CauseCount {
  /** The audit's id, or `event:<id>`. */
  readonly cause: string;
  readonly changed: number;
}

/** An audit and the events around it: what is older than this many causes is asked for by nobody. */
const MAX_CAUSES = 8;

/** The changes of one cause; none when it is not among those remembered. */
export function changedBy(counts: readonly CauseCount[], cause: string): number {
  return counts.find((count) => count.cause === cause)?.changed ?? 0;
}

/**
 * Adds changes to those of their cause, newest cause last. The counts are stored with the findings, so
 * that a scan that is done twice, its first writer having died, still tells of all that it changed.
 */
export function countChanges(counts: readonly CauseCount[], cause: string, changed: number): readonly CauseCount[] {
  const others = counts.filter((count) => count.cause !== cause);
  return [...others, { cause, changed: changedBy(counts, cause) + changed }].slice(-MAX_CAUSES);
}
