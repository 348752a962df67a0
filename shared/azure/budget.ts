import { setTimeout as delay } from 'node:timers/promises';
import { Fault } from '../domain/fault.ts';
import type { Clock } from '../ports/clock.ts';
import { beforeAbort } from './abort.ts';

/** A call budget that Azure publishes: so many calls at once, refilled at a steady rate. */
export interface Bucket {
  /** What the budget is counted by: equal keys share one bucket. */
  readonly key: string;
  readonly burst: number;
  readonly perSecond: number;
}

/** How long a call may wait, and what it is for, should the wait be too long. */
export interface Patience {
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  readonly abortSignal: AbortSignal;
  readonly what: string;
}

/** Waits; rejects when the signal aborts. */
export type Sleep = (milliseconds: number, abortSignal: AbortSignal) => Promise<void>;

/** Waits in real time. */
export const sleepForReal: Sleep = (milliseconds, signal) => delay(milliseconds, undefined, { signal });

/** More buckets than this and those that are full again are forgotten: a full bucket remembers nothing. */
const MAX_BUCKETS = 5_000;

/** What is left of one kind of budget. */
export interface BudgetLeft {
  readonly budget: string;
  /** Whole calls, in the bucket that has the fewest; none while it is paused. */
  readonly left: number;
  readonly size: number;
}

/** A refusal halves our share of a budget, and each call that is let through gives back a fifteenth. */
const AFTER_REFUSAL = 0.5;
const AFTER_SUCCESS = 16 / 15;
/** However many refusals: this often we ask whether it is our turn. */
const LONGEST_GAP_SECONDS = 15;

interface State {
  readonly bucket: Bucket;
  /** The part of the rate that we take for ours: less than 1 while others are seen to spend from the same budget. */
  share: number;
  tokens: number;
  /** The time up to which `tokens` is reckoned; ahead of the clock while the service wants to be left alone. */
  at: number;
  waiting: number;
  tail: Promise<void>;
}

/**
 * The call budgets of one identity: calls wait here, first come first served, before they are sent.
 * It starts from what Azure publishes and learns from every answer that other callers spend too.
 */
export class Budgets {
  readonly #clock: Clock;
  readonly #sleep: Sleep;
  readonly #states = new Map<string, State>();

  constructor(clock: Clock, sleep: Sleep = sleepForReal) {
    this.#clock = clock;
    this.#sleep = sleep;
  }

  /** Takes one call out of the bucket, waiting for it; `Fault('throttled')` when it cannot come in time. */
  async take(bucket: Bucket, patience: Patience): Promise<void> {
    const state = this.#state(bucket);
    this.#assertInTime(this.#wait(state, state.waiting, 1), patience);
    state.waiting += 1;
    const before = state.tail;
    let release: () => void = () => undefined;
    state.tail = new Promise((resolve) => {
      release = resolve;
    });
    try {
      await beforeAbort(before, patience.abortSignal);
      const turn = this.#turn(state, patience);
      for (let wait = this.#until(turn, state, patience); wait > 0; wait = this.#until(turn, state, patience)) {
        await this.#sleep(wait, patience.abortSignal);
      }
      state.tokens -= 1;
    } finally {
      state.waiting -= 1;
      // Only when those ahead are through: whoever gives up early must not let the next one overtake.
      before.then(release, release);
    }
  }

  /** Believes the service when it says that fewer calls remain than we reckoned: others spend from the same budget. */
  learnRemaining(bucket: Bucket, remaining: number): void {
    const state = this.#state(bucket);
    this.#refill(state);
    state.tokens = Math.min(state.tokens, remaining);
  }

  /** Lets nothing through until a time, then one call and those behind it at the bucket's rate. */
  pause(bucket: Bucket, until: number): void {
    const state = this.#state(bucket);
    this.#refill(state);
    state.at = Math.max(state.at, until);
    state.tokens = 1;
  }

  /**
   * Learns from a refusal: nothing goes until the time that the service named, and from then on we
   * take half the share we took. Refusals that come while we are quiet already tell nothing new.
   */
  refused(bucket: Bucket, until: number): void {
    const state = this.#state(bucket);
    this.#refill(state);
    const quiet = state.at > this.#now();
    state.at = Math.max(state.at, until);
    // Alone, we may go at that very time; the more others there are, the later.
    state.tokens = state.share;
    if (!quiet) state.share = Math.max(1 / (LONGEST_GAP_SECONDS * bucket.perSecond), state.share * AFTER_REFUSAL);
  }

  /** Learns from a call that was let through. */
  granted(bucket: Bucket): void {
    const state = this.#state(bucket);
    this.#refill(state);
    state.share = Math.min(1, state.share * AFTER_SUCCESS);
  }

  /** What is left, by kind: the part of a bucket's key before the slash. */
  left(): readonly BudgetLeft[] {
    const kinds = new Map<string, BudgetLeft>();
    for (const [key, state] of this.#states) {
      const { bucket } = state;
      this.#refill(state);
      const [budget = key] = key.split('/');
      const left = state.at > this.#now() ? 0 : Math.max(0, Math.floor(state.tokens));
      kinds.set(budget, { budget, left: Math.min(left, kinds.get(budget)?.left ?? left), size: bucket.burst });
    }
    return [...kinds.values()];
  }

  #state(bucket: Bucket): State {
    const held = this.#states.get(bucket.key);
    if (held !== undefined) return held;
    if (this.#states.size >= MAX_BUCKETS) this.#forgetFull();
    const state: State = { bucket, share: 1, tokens: bucket.burst, at: this.#now(), waiting: 0, tail: Promise.resolve() };
    this.#states.set(bucket.key, state);
    return state;
  }

  #forgetFull(): void {
    const longAgo = this.#now() - 600_000;
    for (const [key, { waiting, at }] of this.#states) if (waiting === 0 && at < longAgo) this.#states.delete(key);
  }

  #refill(state: State): void {
    const now = this.#now();
    if (now <= state.at) return;
    const { burst, perSecond } = state.bucket;
    state.tokens = Math.min(burst, state.tokens + ((now - state.at) / 1000) * perSecond * state.share);
    state.at = now;
  }

  /** Milliseconds until a call may go that has `ahead` others before it, at a share of the rate. */
  #wait(state: State, ahead: number, share: number): number {
    this.#refill(state);
    const missing = Math.max(0, ahead + 1 - state.tokens);
    return Math.ceil(Math.max(0, state.at - this.#now()) + (missing / (state.bucket.perSecond * share)) * 1000);
  }

  /** When the first in the line may go by our share; the share is a guess, which never uses up more than half of a call's time. */
  #turn(state: State, { deadline }: Patience): number {
    const now = this.#now();
    return now + Math.min(this.#wait(state, 0, state.share), Math.max(0, (deadline - now) / 2));
  }

  /** Milliseconds until a turn that has come up, and until what the service itself allows. */
  #until(turn: number, state: State, patience: Patience): number {
    const sure = this.#wait(state, 0, 1);
    this.#assertInTime(sure, patience);
    return Math.max(sure, Math.ceil(turn - this.#now()));
  }

  #assertInTime(wait: number, { deadline, what }: Patience): void {
    if (wait === 0 || this.#now() + wait <= deadline) return;
    const seconds = Math.ceil(wait / 1000);
    throw new Fault('throttled', `Cannot ${what}: its call budget is spent for another ${seconds} seconds.`);
  }

  #now(): number {
    return this.#clock().getTime();
  }
}
