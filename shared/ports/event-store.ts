import type { ClusterNotice } from '../domain/snapshot/notice.ts';
import { CLOCKS_DIFFER_MS } from './clock.ts';

/** Records which events were handled and which clusters have a pending scan. */
export interface EventStore {
  /** Whether this event was handled; false also while it is being handled. */
  isRemembered(eventId: string): Promise<boolean>;
  /** Records an event after its scan was queued. Safe to repeat. */
  remember(eventId: string, at: string): Promise<void>;
  /**
   * Claims a key until a time; true for the first and for the same owner again, false for others
   * until then. Claims expire; one that would expire much later than this one was made by a clock
   * that was moved back since, and is ignored.
   */
  tryClaim(key: string, owner: string, until: string, now: string): Promise<boolean>;
  /**
   * Keeps a notice unless a newer one of the same matter and node pool is stored; a stored one from a clock that was
   * ahead of `now` is ignored. Safe to repeat, and to call late.
   */
  note(clusterId: string, notice: ClusterNotice, now: string): Promise<void>;
  /** Deletes the notices of a cluster up to the time when the cluster was deleted. Safe to repeat. */
  dropNotices(clusterId: string, until: string): Promise<void>;
  /** The newest notice of each matter and node pool of a cluster. */
  notices(clusterId: string): Promise<readonly ClusterNotice[]>;
  /** Deletes at most `limit` events recorded, and claims and notices that ended, before a time; returns how many. */
  prune(before: string, limit: number): Promise<number>;
}

/** Whether a claim still blocks other owners. */
export function isHeld(claim: { readonly until: string }, until: string, now: string): boolean {
  return claim.until > now && Date.parse(claim.until) - Date.parse(until) <= CLOCKS_DIFFER_MS;
}
