import type { AuditEnd, AuditReport, AuditStore, ListedAudit } from '../../ports/audit-store.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Page } from '../../ports/finding-store.ts';
import { AUDIT_LIMIT_MS, auditOutcome } from '../audit-outcome.ts';

/** An audit with its state. */
export interface AuditStanding {
  readonly audit: ListedAudit;
  readonly state: 'running' | 'complete' | 'incomplete';
  /** Its outcome; absent for an old audit whose end was never recorded and which was not read. */
  readonly outcome?: Omit<AuditEnd, 'figures' | 'endedAt' | 'state'> & { readonly endedAt?: string };
}

/** Dependencies for listing audits. */
interface AuditSources {
  readonly audits: Pick<AuditStore, 'list' | 'get'>;
  readonly clock: Clock;
}

/** Maximum number of audits without a recorded end that are read for their outcome: running ones, and the newest old ones. */
const MAX_READ = 3;

/** Lists audits, newest first, each with its state; the cost does not depend on the number of clusters of ended audits. */
export async function listAudits({ audits, clock }: AuditSources, top: number, after?: string): Promise<Page<AuditStanding>> {
  const page = await audits.list(top, after);
  const unended = page.value.filter(({ end }) => end === undefined).slice(0, MAX_READ);
  const reports = await Promise.all(unended.map(({ id }) => audits.get(id)));
  const reportOf = new Map(reports.flatMap((report) => (report === undefined ? [] : [[report.audit.id, report] as const])));
  const value = page.value.map((audit) => standingOf(audit, reportOf.get(audit.id), clock()));
  return page.next === undefined ? { value } : { value, next: page.next };
}

function standingOf(audit: ListedAudit, report: AuditReport | undefined, now: Date): AuditStanding {
  if (audit.end !== undefined) {
    const { state, figures: _figures, ...outcome } = audit.end;
    return { audit, state, outcome };
  }
  if (report === undefined) {
    return { audit, state: now.getTime() - Date.parse(audit.startedAt) > AUDIT_LIMIT_MS ? 'incomplete' : 'running' };
  }
  const { state, planned, scanned, changed, notAssessed, notListed } = auditOutcome(report, now);
  return { audit, state, outcome: { planned, scanned, changed, notAssessed: notAssessed.length, notListed: notListed.length } };
}
