import type { Policy } from '../domain/policy/policy.ts';
import { inScope } from '../domain/policy/scope.ts';
import { Fault } from '../domain/snapshot/fault.ts';
import { given } from '../domain/snapshot/given.ts';
import type { UnavailableReason } from '../domain/snapshot/observation.ts';
import type { AuditRecord, AuditStore } from '../ports/audit-store.ts';
import type { AzureEstate } from '../ports/azure-estate.ts';
import type { Clock } from '../ports/clock.ts';
import type { InventoryMessage, Messages } from '../ports/messages.ts';
import type { PolicySource } from '../ports/policy-source.ts';

/** Dependencies for planning an audit. */
export interface PlanAudit {
  readonly azure: Pick<AzureEstate, 'listSubscriptions' | 'listEstate'>;
  readonly audits: Pick<AuditStore, 'start' | 'recordSubscription'>;
  readonly messages: Pick<Messages, 'inventory'>;
  readonly scope: { readonly subscriptions: readonly string[]; readonly managementGroups: readonly string[] };
  readonly policy: PolicySource;
  readonly clock: Clock;
  /** Returns a new id; two audits must never share one. */
  readonly newId: () => string;
}

/** Maximum bytes of cluster ids in one message: below a queue's limit after base64, with room for the other fields. */
const MAX_IDS_BYTES = 40_000;
const MAX_PROBLEM = 4_000;

/**
 * Starts an audit: queues one inventory message for each subscription in scope. One query over the whole estate lists the clusters of
 * most subscriptions; the inventory of each other subscription lists its own. After a crash, the audit shows which subscriptions never
 * reported, and the next audit covers them. Safe to run twice.
 */
export async function planAudit(
  { azure, audits, messages, scope, policy, clock, newId }: PlanAudit,
  cause: AuditRecord['cause'],
  abortSignal: AbortSignal,
  requestedBy?: string,
): Promise<AuditRecord> {
  const { policy: inForce, problem } = await policy();
  const { subscriptions, groupsNotListed } = await subscriptionsOf(azure, scope, inForce, abortSignal);
  const audit: AuditRecord = {
    id: newId(),
    startedAt: clock().toISOString(),
    cause,
    subscriptions,
    ...given({ requestedBy, policyProblem: problem && shortened(problem) }),
  };
  await audits.start(audit);
  for (const { group, reason } of groupsNotListed) {
    const subscriptionId = `management-group:${group.replace(/[^\w().-]/g, '_')}`;
    await audits.recordSubscription({ auditId: audit.id, subscriptionId, at: audit.startedAt, outcome: { state: 'not-listed', reason } });
  }
  const clusters = await clustersBySubscription(azure, subscriptions, inForce, abortSignal);
  for (const subscriptionId of subscriptions) await messages.inventory(messageFor(audit.id, subscriptionId, clusters.get(subscriptionId)));
  return audit;
}

/** A policy can have very many mistakes; the first ones are enough. */
function shortened(problem: string): string {
  return problem.length <= MAX_PROBLEM ? problem : `${problem.slice(0, MAX_PROBLEM)}…`;
}

interface Subscriptions {
  readonly subscriptions: readonly string[];
  readonly groupsNotListed: readonly { readonly group: string; readonly reason: UnavailableReason }[];
}

/**
 * Subscriptions of the settings and of the policy, each once. A management group that cannot be listed does not keep the others from
 * being audited; throws its `Fault` if there are no others.
 */
async function subscriptionsOf(
  azure: PlanAudit['azure'],
  scope: PlanAudit['scope'],
  policy: Policy,
  abortSignal: AbortSignal,
): Promise<Subscriptions> {
  const found = new Set([...scope.subscriptions, ...policy.scope.subscriptions].map((id) => id.toLowerCase()));
  const faults: { readonly group: string; readonly fault: Fault }[] = [];
  for (const group of new Set([...scope.managementGroups, ...policy.scope.managementGroups])) {
    try {
      for (const id of await azure.listSubscriptions(group, abortSignal)) found.add(id.toLowerCase());
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      faults.push({ group, fault: error });
    }
  }
  const [first] = faults;
  if (first !== undefined && found.size === 0) throw first.fault;
  const groupsNotListed = faults.map(({ group, fault: { code, message } }) => ({ group, reason: { code, message } }));
  return { subscriptions: [...found].sort(), groupsNotListed };
}

/** Cluster ids in scope by subscription; a subscription that is missing here must be listed by its inventory. */
async function clustersBySubscription(
  azure: PlanAudit['azure'],
  subscriptions: readonly string[],
  policy: Policy,
  abortSignal: AbortSignal,
): Promise<ReadonlyMap<string, readonly string[]>> {
  // One subscription costs one call either way, and its own list is more reliable.
  if (subscriptions.length < 2) return new Map();
  try {
    const { clusters, notListed } = await azure.listEstate(subscriptions, abortSignal);
    const missing = new Set(notListed.map(({ subscriptionId }) => subscriptionId.toLowerCase()));
    const bySubscription = Map.groupBy(
      clusters.filter((cluster) => inScope(cluster, policy)),
      ({ subscriptionId }) => subscriptionId.toLowerCase(),
    );
    const told = subscriptions.filter((id) => !missing.has(id));
    return new Map(told.map((id) => [id, (bySubscription.get(id) ?? []).map((cluster) => cluster.id)]));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    // The query is only an optimization: without it, each subscription is listed by its own message, which reports its failures.
    return new Map();
  }
}

function messageFor(auditId: string, subscriptionId: string, clusterIds: readonly string[] | undefined): InventoryMessage {
  const fits = clusterIds !== undefined && JSON.stringify(clusterIds).length <= MAX_IDS_BYTES;
  return fits ? { auditId, subscriptionId, clusterIds } : { auditId, subscriptionId };
}
