/** A scan of which a target is still to be told. */
export interface PendingNotification {
  readonly clusterId: string;
  readonly cause: string;
  /** When it was put here, RFC 3339. */
  readonly at: string;
}

/** What targets are still to be told: kept until it was delivered, so that nothing is lost while a target does not answer. */
export interface OutboxStore {
  /** Adds a scan for a target; one that is there already gets the newer time. Twice is harmless. */
  add(target: string, pending: PendingNotification): Promise<void>;
  /** At most `limit` scans that a target is still to be told of. */
  list(target: string, limit: number): Promise<readonly PendingNotification[]>;
  /** Forgets what was delivered, unless it was added again since. Twice is harmless. */
  remove(target: string, delivered: readonly PendingNotification[]): Promise<void>;
}
