import type { Policy } from '../policy/policy.ts';
import type { ClusterSummary } from './summary.ts';

/**
 * Whether what is told of a cluster is old news: so many audits in a row could not look at it. Nothing of
 * it is closed for that reason.
 */
export function isStale(
  { status, missedAudits }: Pick<ClusterSummary, 'status' | 'missedAudits'>,
  { staleAfterAudits }: Pick<Policy, 'staleAfterAudits'>,
): boolean {
  return status === 'present' && missedAudits >= staleAfterAudits;
}

/** Audits in a row that could not look at a cluster; each counts once, however often its scan was tried, and events do not count. */
export function missedAudits(previous: Pick<ClusterSummary, 'missedAudits' | 'cause'> | undefined, cause: string): number {
  const before = previous?.missedAudits ?? 0;
  const isCounted = cause.startsWith('event:') || (before > 0 && previous?.cause === cause);
  return isCounted ? before : before + 1;
}
