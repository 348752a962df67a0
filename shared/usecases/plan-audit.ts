import type { AuditRecord, AuditStore } from '../ports/audit-store.ts';
import type { AzureEstate } from '../ports/azure-estate.ts';
import type { Clock } from '../ports/clock.ts';
import type { Messages } from '../ports/messages.ts';

/** What planning needs of the world. */
export interface PlanAudit {
  readonly azure: Pick<AzureEstate, 'listSubscriptions'>;
  readonly audits: Pick<AuditStore, 'start'>;
  readonly messages: Pick<Messages, 'inventory'>;
  readonly scope: { readonly subscriptions: readonly string[]; readonly managementGroups: readonly string[] };
  readonly clock: Clock;
  /** A fresh id; two audits must never share one. */
  readonly newId: () => string;
}

/**
 * Starts an audit: one inventory message for each subscription in scope. A crash half-way leaves an
 * audit that says which subscriptions never reported; the next audit covers them. Safe to run twice.
 */
export async function planAudit(
  { azure, audits, messages, scope, clock, newId }: PlanAudit,
  cause: AuditRecord['cause'],
  abortSignal: AbortSignal,
  requestedBy?: string,
): Promise<AuditRecord> {
  const subscriptions = new Set(scope.subscriptions.map((id) => id.toLowerCase()));
  for (const group of scope.managementGroups) {
    for (const id of await azure.listSubscriptions(group, abortSignal)) subscriptions.add(id.toLowerCase());
  }
  const audit: AuditRecord = {
    id: newId(),
    startedAt: clock().toISOString(),
    cause,
    ...(requestedBy === undefined ? {} : { requestedBy }),
    subscriptions: [...subscriptions].sort(),
  };
  await audits.start(audit);
  for (const subscriptionId of audit.subscriptions) await messages.inventory({ auditId: audit.id, subscriptionId });
  return audit;
}
