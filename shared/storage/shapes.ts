import { z } from 'zod';
import type { Finding, HistoryEntry } from '../domain/findings/finding.ts';
import type { ClusterSummary } from '../domain/findings/summary.ts';
import type { EstateDay } from '../domain/findings/trend.ts';
import type { Exemption } from '../domain/policy/policy.ts';
import type { ClusterNotice } from '../domain/snapshot/notice.ts';
import type { AuditedCluster, AuditedSubscription, AuditRecord, ListedAudit } from '../ports/audit-store.ts';
import type { ParkedMessage } from '../ports/parked-store.ts';
import type { Published } from '../ports/publication-store.ts';

type FieldType = 'string' | 'number' | 'boolean' | 'object';

/**
 * Checks the members that the code relies on; the others were typed when the same schema version wrote them. A row from another writer
 * fails here, with the member's name.
 */
function shaped<T>(fields: Readonly<Partial<Record<keyof T & string, FieldType>>>): z.ZodType<T> {
  const members = Object.entries(fields);
  return z.custom<T>().superRefine((value, context) => {
    if (typeof value !== 'object' || value === null) {
      context.addIssue({ code: 'custom', message: 'expected an object' });
      return;
    }
    // Checked by hand, because a page has a thousand findings and this is most of the cost of reading them.
    for (const [name, type] of members) {
      const member: unknown = Reflect.get(value, name);
      if (member !== null && typeof member === type) continue;
      context.addIssue({ code: 'custom', path: [name], message: `expected ${type === 'object' ? 'an' : 'a'} ${type}` });
    }
  });
}

/** A stored finding. */
export const FindingShape = shaped<Finding>({
  id: 'string',
  ruleId: 'string',
  clusterId: 'string',
  clusterName: 'string',
  subscriptionId: 'string',
  subject: 'object',
  severity: 'string',
  status: 'string',
  message: 'string',
  remediation: 'string',
  facts: 'object',
  coverage: 'object',
  firstSeenAt: 'string',
  lastSeenAt: 'string',
  reopenCount: 'number',
  observedAt: 'string',
});

/** A stored history entry. */
export const HistoryShape = shaped<HistoryEntry>({
  findingId: 'string',
  clusterId: 'string',
  ruleId: 'string',
  at: 'string',
  kind: 'string',
  cause: 'string',
  severity: 'string',
  message: 'string',
});

/** A stored cluster summary. */
export const SummaryShape = shaped<ClusterSummary>({
  cluster: 'object',
  assessment: 'string',
  gaps: 'object',
  observedAt: 'string',
  cause: 'string',
  status: 'string',
  openBySeverity: 'object',
  rules: 'object',
  missedAudits: 'number',
});

/** A stored audit. */
export const AuditShape = shaped<AuditRecord>({ id: 'string', startedAt: 'string', cause: 'string', subscriptions: 'object' });
/** A stored entry of the list of audits. */
export const ListedAuditShape = shaped<ListedAudit>({ id: 'string', startedAt: 'string', cause: 'string', subscriptions: 'object' });
/** A stored day of the trend. */
export const EstateDayShape = shaped<EstateDay>({ day: 'string', openBySeverity: 'object' });
/** The stored outcome of a subscription in an audit. */
export const AuditedSubscriptionShape = shaped<AuditedSubscription>({
  auditId: 'string',
  subscriptionId: 'string',
  at: 'string',
  outcome: 'object',
});
/** The stored outcome of a cluster in an audit. */
export const AuditedClusterShape = shaped<AuditedCluster>({
  auditId: 'string',
  clusterId: 'string',
  at: 'string',
  state: 'string',
  reasons: 'object',
  changed: 'number',
});
/** A parked message. */
export const ParkedShape = shaped<ParkedMessage>({ id: 'string', queue: 'string', body: 'string', reason: 'string', parkedAt: 'string' });
/** A notice. */
export const NoticeShape = shaped<ClusterNotice>({ matter: 'string', kind: 'string', at: 'string' });
/** A stored exemption with its author. */
export const ExemptionShape = shaped<{ readonly exemption: Exemption; readonly updatedAt: string; readonly updatedBy?: string }>({
  exemption: 'object',
  updatedAt: 'string',
});

/** The stored record of what was published for one resource. */
export const PublishedShape = shaped<Published>({ service: 'string', scope: 'string', items: 'object' });
