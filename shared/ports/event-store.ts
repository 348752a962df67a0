/** Remembers which events were acted on, and which clusters have a scan waiting. */
export interface EventStore {
  /** Whether this event was acted on; says nothing of events that are being acted on now. */
  isRemembered(eventId: string): Promise<boolean>;
  /** Remembers an event, after its scan was queued. Twice is harmless. */
  remember(eventId: string, at: string): Promise<void>;
  /**
   * Claims a key until a time; true for the first and for the same owner again, false for others
   * until then. Claims end by themselves.
   */
  tryClaim(key: string, owner: string, until: string, now: string): Promise<boolean>;
  /** Sets or ends the mark that a node pool is rolling. */
  setTransition(clusterId: string, nodePool: string, since: string | undefined): Promise<void>;
  /** Node pools of a cluster that are rolling, with the time since when. */
  transitions(clusterId: string): Promise<ReadonlyMap<string, string>>;
}
