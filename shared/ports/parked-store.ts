import type { Page } from './finding-store.ts';

/** A message that failed for good, kept where a person can see it, replay it or drop it. */
export interface ParkedMessage {
  readonly id: string;
  readonly queue: string;
  /** The message as it came, cut to what a row can hold. */
  readonly body: string;
  readonly reason: string;
  readonly parkedAt: string;
  readonly dequeueCount: number;
}

/** Parked messages. */
export interface ParkedStore {
  /** Twice with one id is once. */
  park(message: ParkedMessage): Promise<void>;
  list(top: number, after?: string): Promise<Page<ParkedMessage>>;
  get(id: string): Promise<ParkedMessage | undefined>;
  /** Harmless when it is gone already. */
  drop(id: string): Promise<void>;
}
