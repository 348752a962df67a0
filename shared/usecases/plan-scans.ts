import type { AuditRecord, AuditStore } from '../ports/audit-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { Messages } from '../ports/messages.ts';

/** Dependencies for planning scans of chosen clusters. */
export interface PlanScans {
  readonly audits: Pick<AuditStore, 'start' | 'recordCluster'>;
  readonly messages: Pick<Messages, 'scan'>;
  readonly clock: Clock;
  /** Returns a new id; two audits must never share one. */
  readonly newId: () => string;
}

/**
 * Starts an audit of chosen clusters: queues a scan of each without listing subscriptions. All are recorded before the first is queued,
 * so the audit does not end with the first scan. Safe to run twice.
 */
export async function planScans(
  { audits, messages, clock, newId }: PlanScans,
  clusters: readonly string[],
  requestedBy?: string,
): Promise<AuditRecord> {
  const startedAt = clock().toISOString();
  const requester = requestedBy === undefined ? {} : { requestedBy };
  const audit: AuditRecord = { id: newId(), startedAt, cause: 'request', ...requester, subscriptions: [], clusters };
  await audits.start(audit);
  for (const clusterId of clusters) {
    await audits.recordCluster({ auditId: audit.id, clusterId, at: startedAt, state: 'planned', reasons: [], changed: 0 });
  }
  for (const clusterId of clusters) {
    await messages.scan({ clusterId, cause: audit.id, auditId: audit.id, requestedAt: startedAt }, 0);
  }
  return audit;
}
