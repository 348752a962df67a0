import type { AuditStore } from '../ports/audit-store.ts';
import type { PolicySource } from '../ports/policy-source.ts';

/** Dependencies that say which subscriptions are audited. */
export interface AuditedScope {
  readonly scope: { readonly subscriptions: readonly string[]; readonly managementGroups: readonly string[] };
  readonly policy: PolicySource;
  readonly audits: Pick<AuditStore, 'list'>;
}

/**
 * Whether a subscription is audited: the settings or the policy name it, or the newest audit found it in a management group that they
 * name. The cheapest check is first, because most events are about a subscription that is named.
 */
export async function isAudited({ scope, policy, audits }: AuditedScope, subscriptionId: string): Promise<boolean> {
  const names = (ids: readonly string[]) => ids.some((id) => id.toLowerCase() === subscriptionId.toLowerCase());
  if (names(scope.subscriptions)) return true;
  const inPolicy = (await policy()).policy.scope;
  if (names(inPolicy.subscriptions)) return true;
  if (scope.managementGroups.length + inPolicy.managementGroups.length === 0) return false;
  const newest = (await audits.list(1)).value[0];
  return newest !== undefined && names(newest.subscriptions);
}
