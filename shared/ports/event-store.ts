import type { ClusterNotice } from '../domain/snapshot/notice.ts';
import { CLOCKS_DIFFER_MS } from './clock.ts';

/** Remembers which events were acted on, and which clusters have a scan waiting. */
export interface EventStore {
  /** Whether this event was acted on; says nothing of events that are being acted on now. */
  isRemembered(eventId: string): Promise<boolean>;
  /** Remembers an event, after its scan was queued. Twice is harmless. */
  remember(eventId: string, at: string): Promise<void>;
  /**
   * Claims a key until a time; true for the first and for the same owner again, false for others
   * until then. Claims end by themselves; one that would end much later than this one was made by a clock
   * that was moved back since, and holds nobody up.
   */
  tryClaim(key: string, owner: string, until: string, now: string): Promise<boolean>;
  /**
   * Keeps a notice unless a newer one is held of the same matter and node pool; one that a clock made that was
   * ahead of `now` holds nobody up. Twice, or late, is harmless.
   */
  note(clusterId: string, notice: ClusterNotice, now: string): Promise<void>;
  /** Drops the notices of a cluster that happened until a time: the cluster was deleted then. Twice is harmless. */
  dropNotices(clusterId: string, until: string): Promise<void>;
  /** The newest notice of each matter and node pool of a cluster. */
  notices(clusterId: string): Promise<readonly ClusterNotice[]>;
  /** Forgets at most `limit` events remembered, and claims and notices ended, before a time; returns how many. */
  prune(before: string, limit: number): Promise<number>;
}

/** Whether a claim still keeps others from claiming its key until a time. */
export function isHeld(claim: { readonly until: string }, until: string, now: string): boolean {
  return claim.until > now && Date.parse(claim.until) - Date.parse(until) <= CLOCKS_DIFFER_MS;
}
