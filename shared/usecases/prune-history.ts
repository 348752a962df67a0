import { DAY_MS } from '../domain/snapshot/day.ts';
import type { AuditStore } from '../ports/audit-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { ParkedStore } from '../ports/parked-store.ts';
import type { PolicySource } from '../ports/policy-source.ts';
import type { TrendStore } from '../ports/trend-store.ts';

/** Rows deleted by one call of a store: small enough that a crash repeats little. */
const BATCH = 1_000;

/** Event Grid gives up on an event after 24 hours; one day more is for clocks that differ. */
const EVENT_DAYS = 2;

/** What pruning needs of the world. */
export interface PruneHistory {
  readonly findings: Pick<FindingStore, 'prune'>;
  readonly audits: Pick<AuditStore, 'prune'>;
  readonly trend: Pick<TrendStore, 'prune'>;
  readonly events: Pick<EventStore, 'prune'>;
  readonly parked: Pick<ParkedStore, 'prune'>;
  /** Deletes what is kept of outside data and no longer needed; returns how much. */
  readonly pruneCache?: () => Promise<number>;
  readonly policy: PolicySource;
  readonly clock: Clock;
}

/** What a run deleted; `finished` is false when its time was up before everything old was gone. */
export interface Pruned {
  readonly rows: number;
  readonly finished: boolean;
}

/**
 * Deletes history and resolved findings past the policy's days, in batches of so many rows, never an
 * open finding. Safe to stop anywhere: the next run goes on with what is left.
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
