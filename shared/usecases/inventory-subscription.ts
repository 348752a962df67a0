import { inScope } from '../domain/policy/scope.ts';
import { Fault } from '../domain/snapshot/fault.ts';
import type { UnavailableReason } from '../domain/snapshot/observation.ts';
import type { AuditedSubscription, AuditStore } from '../ports/audit-store.ts';
import type { AzureEstate } from '../ports/azure-estate.ts';
import type { Clock } from '../ports/clock.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { InventoryMessage, Messages } from '../ports/messages.ts';
import type { PolicySource } from '../ports/policy-source.ts';
import { knownClusters } from './known-clusters.ts';

/** Dependencies of an inventory. */
export interface InventorySubscription {
  readonly azure: Pick<AzureEstate, 'listClusters'>;
  readonly audits: Pick<AuditStore, 'recordSubscription' | 'recordCluster'>;
  readonly findings: Pick<FindingStore, 'clusters'>;
  readonly messages: Pick<Messages, 'scan'>;
  readonly policy: PolicySource;
  readonly clock: Clock;
  /** A random delay in seconds, from 0 to the configured spread, so that scans do not all start at once. */
  readonly jitterSeconds: () => number;
}

/**
 * Lists one subscription and queues a scan for each of its clusters and for each cluster known there before. A deletion is confirmed by
 * the cluster's own scan, never by its absence from a list. When the subscription cannot be listed completely, its known and listed
 * clusters are still scanned. Safe to run twice.
 */
export async function inventorySubscription(
  deps: InventorySubscription,
  { auditId, subscriptionId, clusterIds }: InventoryMessage,
  lastTry: boolean,
  abortSignal: AbortSignal,
): Promise<AuditedSubscription> {
  const known = await knownClusters(deps.findings, subscriptionId);
  const listing = clusterIds === undefined ? await list(deps, subscriptionId, lastTry, abortSignal) : { clusterIds, problem: undefined };
  const targets = new Set([...known, ...listing.clusterIds]);
  for (const clusterId of targets) {
    const at = deps.clock().toISOString();
    await deps.audits.recordCluster({ auditId, clusterId, at, state: 'planned', reasons: [], changed: 0 });
    await deps.messages.scan({ clusterId, cause: auditId, auditId, requestedAt: at }, deps.jitterSeconds());
  }
  const record: AuditedSubscription = {
    auditId,
    subscriptionId,
    at: deps.clock().toISOString(),
    outcome: listing.problem === undefined ? { state: 'listed', clusters: targets.size } : { state: 'not-listed', reason: listing.problem },
  };
  await deps.audits.recordSubscription(record);
  return record;
}

interface Listing {
  readonly clusterIds: readonly string[];
  /** Why the list may be incomplete. */
  readonly problem: UnavailableReason | undefined;
}

async function list(deps: InventorySubscription, subscriptionId: string, lastTry: boolean, abortSignal: AbortSignal): Promise<Listing> {
  try {
    const { policy } = await deps.policy();
    const { clusters, incomplete } = await deps.azure.listClusters(subscriptionId, abortSignal);
    return { clusterIds: clusters.filter((cluster) => inScope(cluster, policy)).map(({ id }) => id), problem: incomplete };
  } catch (error) {
    if (!(error instanceof Fault) || (error.retryable && !lastTry)) throw error;
    return { clusterIds: [], problem: { code: error.code, message: error.message } };
  }
}
