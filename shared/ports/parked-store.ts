import type { Page } from './finding-store.ts';

/** What a person did with a parked message. */
export interface Settlement {
  readonly how: 'replayed' | 'dropped';
  readonly at: string;
  /** The object id of who did it; absent when the function key alone was the permission. */
  readonly by?: string;
}

/** A message that failed for good, kept where a person can see it, replay it or drop it. */
export interface ParkedMessage {
  readonly id: string;
  readonly queue: string;
  /** The message as it came, cut to what a row can hold. */
  readonly body: string;
  readonly reason: string;
  readonly parkedAt: string;
  readonly dequeueCount: number;
  /** Absent while it waits for somebody. */
  readonly settled?: Settlement;
}

/** Parked messages. */
export interface ParkedStore {
  /** Twice with one id is once, also when it was settled in between. */
  park(message: ParkedMessage): Promise<void>;
  /** Those that wait for somebody. */
  list(top: number, after?: string): Promise<Page<ParkedMessage>>;
  /** One of those that wait. */
  get(id: string): Promise<ParkedMessage | undefined>;
  /** Records what became of a message that waits; harmless when none waits any more. */
  settle(id: string, settlement: Settlement): Promise<void>;
  /** Those that somebody has dealt with. */
  listSettled(top: number, after?: string): Promise<Page<ParkedMessage>>;
  /** Forgets at most `limit` of those settled before a time; returns how many. Never one that waits. */
  prune(before: string, limit: number): Promise<number>;
}
