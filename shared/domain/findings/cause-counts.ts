/** Number of changes that one cause has made to a cluster's findings so far. */
export interface CauseCount {
  /** The audit's id, or `event:<id>`. */
  readonly cause: string;
  readonly changed: number;
}

/** Covers an audit and the events around it; older causes are never queried. */
const MAX_CAUSES = 8;

/** The changes of one cause; zero if it is not among those stored. */
export function changedBy(counts: readonly CauseCount[], cause: string): number {
  return counts.find((count) => count.cause === cause)?.changed ?? 0;
}

/**
 * Adds changes to those of their cause, newest cause last. The counts are stored with the findings, so that a scan repeated after
 * a crash still reports everything that it changed.
 */
export function countChanges(counts: readonly CauseCount[], cause: string, changed: number): readonly CauseCount[] {
  const others = counts.filter((count) => count.cause !== cause);
  return [...others, { cause, changed: changedBy(counts, cause) + changed }].slice(-MAX_CAUSES);
}
