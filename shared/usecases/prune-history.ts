import { DAY_MS } from '../domain/snapshot/day.ts';
import type { AuditStore } from '../ports/audit-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { ParkedStore } from '../ports/parked-store.ts';
import type { PolicySource } from '../ports/policy-source.ts';
import type { TrendStore } from '../ports/trend-store.ts';

/** Number of rows deleted by one call of a store: small enough that little is repeated after a crash. */
const BATCH = 1_000;

/** Event Grid stops retrying an event after 24 hours; one more day allows for clock differences. */
const EVENT_DAYS = 2;

/** Dependencies for pruning history. */
export interface PruneHistory {
  readonly findings: Pick<FindingStore, 'prune'>;
  readonly audits: Pick<AuditStore, 'prune'>;
  readonly trend: Pick<TrendStore, 'prune'>;
  readonly events: Pick<EventStore, 'prune'>;
  readonly parked: Pick<ParkedStore, 'prune'>;
  /** Deletes cached external data that is no longer needed; returns the number of deleted entries. */
  readonly pruneCache?: () => Promise<number>;
  readonly policy: PolicySource;
  readonly clock: Clock;
}

/** What a run deleted; `finished` is false if the time was up before all old rows were deleted. */
export interface Pruned {
  readonly rows: number;
  readonly finished: boolean;
}

/**
 * Deletes history and resolved findings that are older than the policy's retention, in batches, never an open finding. Can stop at any
 * point: the next run continues.
 */
export async function pruneHistory(
  { findings, audits, trend, events, parked, pruneCache, policy, clock }: PruneHistory,
  abortSignal: AbortSignal,
  batch = BATCH,
): Promise<Pruned> {
  const { retention } = (await policy()).policy;
  const now = clock().getTime();
  const before = (days: number) => new Date(now - days * DAY_MS).toISOString();
  const deletions = [
    () => findings.prune(before(retention.historyDays), before(retention.resolvedDays), batch),
    () => audits.prune(before(retention.historyDays), batch),
    () => trend.prune(before(retention.historyDays), batch),
    () => events.prune(before(EVENT_DAYS), batch),
    () => parked.prune(before(retention.historyDays), batch),
    pruneCache ?? (async () => 0),
  ];
  let rows = 0;
  for (const deleteSome of deletions) {
    for (let deleted = await deleteSome(); deleted > 0; deleted = await deleteSome()) {
      rows += deleted;
      if (abortSignal.aborted) return { rows, finished: false };
    }
  }
  return { rows, finished: true };
}
