import type { AuditEnd, AuditRecord, AuditReport } from '../ports/audit-store.ts';

/** A line to log, and whether an operator has something to do. */
export interface AuditLine {
  readonly level: 'info' | 'error';
  readonly text: string;
}

/** The line to log when an audit was planned; the deployment's alerts look for its first words. */
export function plannedLine({ id, cause, subscriptions }: AuditRecord): AuditLine {
  if (subscriptions.length > 0)
    return { level: 'info', text: `Audit planned: ${id} over ${subscriptions.length} subscriptions, cause ${cause}` };
  return { level: 'error', text: `Audit planned nothing: ${id}, cause ${cause}. ${EMPTY_SCOPE}` };
}

/** What to do where nothing is in scope: an audit of it would find nothing wrong, and nothing at all. */
export const EMPTY_SCOPE =
  'No subscription is in scope: set KATAUDIT_SUBSCRIPTIONS or KATAUDIT_MANAGEMENT_GROUPS, or scope.subscriptions or scope.managementGroups in the policy.';

/**
 * The line to log when an audit ended. Its outcome is `blind` where there was something to look at and nothing could be seen of it; an
 * estate without a cluster is seen all the same.
 */
export function endedLine({ audit, subscriptions, clusters }: AuditReport, end: Omit<AuditEnd, 'figures'>): AuditLine {
  const listed = subscriptions.some(({ outcome }) => outcome.state === 'listed');
  const looked = clusters.some(({ state }) => state === 'assessed' || state === 'partly-assessed');
  const blind = clusters.length === 0 ? !listed : !looked;
  const { state, planned, scanned, notAssessed, notListed } = end;
  const counts = `${scanned} of ${planned} clusters scanned, ${notAssessed} not or partly assessed, ${notListed} subscriptions not listed`;
  const text = `Audit ended: ${audit.id} ${state}, outcome ${blind ? 'blind' : 'seeing'}, ${counts}`;
  return { level: blind || state === 'incomplete' ? 'error' : 'info', text };
}
