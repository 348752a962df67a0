/** A scan whose changes were not yet delivered to a target. */
export interface PendingNotification {
  readonly clusterId: string;
  readonly cause: string;
  /** When it was added, RFC 3339. */
  readonly at: string;
}

/** Undelivered scans per target. They are kept until delivery, so that nothing is lost while a target does not answer. */
export interface OutboxStore {
  /** Adds a scan for a target; one that exists already gets the newer time. Safe to repeat. */
  add(target: string, pending: PendingNotification): Promise<void>;
  /** At most `limit` undelivered scans of a target. */
  list(target: string, limit: number): Promise<readonly PendingNotification[]>;
  /** Deletes delivered scans, unless they were added again since. Safe to repeat. */
  remove(target: string, delivered: readonly PendingNotification[]): Promise<void>;
}
