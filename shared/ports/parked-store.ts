import type { Page } from './finding-store.ts';

/** What a person did with a parked message. */
export interface Settlement {
  readonly how: 'replayed' | 'dropped';
  readonly at: string;
  /** The object id of the user or app; absent when a key was used. */
  readonly by?: string;
}

/** A message that failed permanently, kept so that a person can see, replay or drop it. */
export interface ParkedMessage {
  readonly id: string;
  readonly queue: string;
  /** The original message, cut to the size of a row. */
  readonly body: string;
  readonly reason: string;
  readonly parkedAt: string;
  readonly dequeueCount: number;
  /** Absent while it waits for a decision. */
  readonly settled?: Settlement;
}

/** Parked messages. */
export interface ParkedStore {
  /** Stores a message once per id, even when it was settled in between. */
  park(message: ParkedMessage): Promise<void>;
  /** Messages that wait for a decision. */
  list(top: number, after?: string): Promise<Page<ParkedMessage>>;
  /** One message that waits. */
  get(id: string): Promise<ParkedMessage | undefined>;
  /** Records the decision on a waiting message; does nothing when it no longer waits. */
  settle(id: string, settlement: Settlement): Promise<void>;
  /** Settled messages. */
  listSettled(top: number, after?: string): Promise<Page<ParkedMessage>>;
  /** Deletes at most `limit` messages settled before a time; returns how many. Never deletes one that waits. */
  prune(before: string, limit: number): Promise<number>;
}
