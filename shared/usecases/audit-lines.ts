import type { AuditEnd, AuditRecord, AuditReport } from '../ports/audit-store.ts';

/** A log line, and its level: `error` means that an operator must act. */
export interface AuditLine {
  readonly level: 'info' | 'error';
  readonly text: string;
}

/** Returns the log line for a planned audit; the deployment's alerts match its first words. */
export function plannedLine({ id, cause, subscriptions }: AuditRecord): AuditLine {
  if (subscriptions.length > 0)
    return { level: 'info', text: `Audit planned: ${id} over ${subscriptions.length} subscriptions, cause ${cause}` };
  return { level: 'error', text: `Audit planned nothing: ${id}, cause ${cause}. ${EMPTY_SCOPE}` };
}

/** What to do when nothing is in scope; such an audit would report no failures because it checks nothing. */
export const EMPTY_SCOPE =
  'No subscription is in scope: set KATAUDIT_SUBSCRIPTIONS or KATAUDIT_MANAGEMENT_GROUPS, or scope.subscriptions or scope.managementGroups in the policy.';

/**
 * Returns the log line for an audit that ended. Its outcome is `blind` when there were clusters or subscriptions to read and none could
 * be read. An estate without clusters is not blind.
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
