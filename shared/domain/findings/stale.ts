import type { Policy } from '../policy/policy.ts';
import type { ClusterSummary } from './summary.ts';

/** Whether the data of a cluster is out of date because too many consecutive audits could not scan it. This closes no finding. */
export function isStale(
  { status, missedAudits }: Pick<ClusterSummary, 'status' | 'missedAudits'>,
  { staleAfterAudits }: Pick<Policy, 'staleAfterAudits'>,
): boolean {
  return status === 'present' && missedAudits >= staleAfterAudits;
}

/**
 * Consecutive audits that could not scan a cluster. Each audit counts once, however often its scan was retried; events do not
 * count.
 */
export function missedAudits(previous: Pick<ClusterSummary, 'missedAudits' | 'cause'> | undefined, cause: string): number {
  const before = previous?.missedAudits ?? 0;
  const isCounted = cause.startsWith('event:') || (before > 0 && previous?.cause === cause);
  return isCounted ? before : before + 1;
}
