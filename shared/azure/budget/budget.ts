import { setTimeout as delay } from 'node:timers/promises';
import { Fault } from '../../domain/snapshot/fault.ts';
import type { Clock } from '../../ports/clock.ts';
import { type Bucket, Reckoning } from './bucket.ts';

/** How long a call may wait, and what it is for. */
export interface Patience {
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  readonly abortSignal: AbortSignal;
  readonly what: string;
}

/** The calls that are left of one kind of budget. */
export interface BudgetLeft {
  readonly budget: string;
  /** Whole calls in the bucket with the fewest; zero while it is paused. */
  readonly left: number;
  readonly size: number;
}

/** Waits; rejects when the signal aborts. */
export type Sleep = (milliseconds: number, abortSignal: AbortSignal) => Promise<void>;

/** Called for each call that waited for its budget, with the kind of budget. */
export type OnWait = (budget: string, milliseconds: number) => void;

/** Waits in real time; the default `Sleep`. */
export const sleepForReal: Sleep = (milliseconds, signal) => delay(milliseconds, undefined, { signal });

/** Above this number, buckets that were not used for a while are dropped; they are full again by then. */
const MAX_BUCKETS = 5_000;
const FORGET_AFTER_MS = 600_000;

interface Waiter {
  readonly patience: Patience;
  readonly go: () => void;
  readonly giveUp: (reason: unknown) => void;
  /** When the call may go by this instance's share; set when no call is before it. */
  turn?: number;
}

interface Line {
  readonly reckoning: Reckoning;
  /** Ordered by deadline, the earliest first. */
  waiters: Waiter[];
  serving: boolean;
  /** Aborted when another waiter becomes the first. */
  nudge: AbortController;
}

/**
 * The call budgets of one identity: calls wait here before they are sent. Starts with the published limits, and learns from every
 * response how much other callers use.
 */
export class Budgets {
  readonly #clock: Clock;
  readonly #sleep: Sleep;
  readonly #random: () => number;
  readonly #onWait: OnWait;
  readonly #lines = new Map<string, Line>();

  /** `random` returns 0 to 1; it keeps instances that were refused together from retrying together. */
  constructor(clock: Clock, sleep: Sleep = sleepForReal, random: () => number = Math.random, onWait: OnWait = () => undefined) {
    this.#clock = clock;
    this.#sleep = sleep;
    this.#random = random;
    this.#onWait = onWait;
  }

  /**
   * Waits for and takes one call from the bucket. The call with the earliest deadline goes first, so a refused call goes before later
   * ones. Throws `Fault('throttled')` if the call cannot go before its deadline.
   */
  async take(bucket: Bucket, patience: Patience): Promise<void> {
    patience.abortSignal.throwIfAborted();
    const line = this.#line(bucket);
    const later = line.waiters.findIndex((other) => other.patience.deadline > patience.deadline);
    const place = later < 0 ? line.waiters.length : later;
    const tooLate = lateness(line.reckoning.wait(this.#now(), place), this.#now(), patience);
    if (tooLate !== undefined) throw tooLate;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { patience, go: resolve, giveUp: reject };
    const since = this.#now();
    line.waiters.splice(place, 0, waiter);
    const leave = () => {
      line.waiters = line.waiters.filter((other) => other !== waiter);
      reject(new DOMException('The wait was aborted.', 'AbortError'));
      line.nudge.abort();
    };
    patience.abortSignal.addEventListener('abort', leave);
    if (!line.serving) this.#serve(line).catch(reject);
    else if (place === 0) line.nudge.abort();
    try {
      await promise;
    } finally {
      patience.abortSignal.removeEventListener('abort', leave);
      const waited = this.#now() - since;
      if (waited > 0) this.#onWait(kindOf(bucket.key), waited);
    }
  }

  /** Lowers the estimate when the service reports fewer remaining calls, because other callers use the same budget. */
  learnRemaining(bucket: Bucket, remaining: number): void {
    this.#line(bucket).reckoning.remaining(this.#now(), remaining);
  }

  /** Blocks all calls until a time, then grants one call and the next ones at the bucket's rate. */
  pause(bucket: Bucket, until: number): void {
    this.#line(bucket).reckoning.pause(this.#now(), until);
  }

  /** Records that the service refused a call until a time, although the estimate allowed it. */
  refused(bucket: Bucket, until: number): void {
    this.#line(bucket).reckoning.refused(this.#now(), until);
  }

  /** Records that the service granted a call. */
  granted(bucket: Bucket): void {
    this.#line(bucket).reckoning.granted(this.#now());
  }

  /** Returns what is left of each kind of budget. */
  left(): readonly BudgetLeft[] {
    const kinds = new Map<string, BudgetLeft>();
    for (const [key, { reckoning }] of this.#lines) {
      const budget = kindOf(key);
      const left = reckoning.left(this.#now());
      kinds.set(budget, { budget, left: Math.min(left, kinds.get(budget)?.left ?? left), size: reckoning.bucket.burst });
    }
    return [...kinds.values()];
  }

  /** Lets waiting calls go one after another until none is left; one loop serves each line. */
  async #serve(line: Line): Promise<void> {
    line.serving = true;
    try {
      for (let [first] = line.waiters; first !== undefined; [first] = line.waiters) {
        const { reckoning } = line;
        const now = this.#now();
        const sure = reckoning.wait(now, 0);
        const tooLate = lateness(sure, now, first.patience);
        // This instance's share is an estimate, so it delays a call by at most half of the time that the call has left.
        first.turn ??= now + Math.min(reckoning.guess(now) * (0.5 + this.#random()), Math.max(0, (first.patience.deadline - now) / 2));
        const wait = Math.max(sure, Math.ceil(first.turn - now));
        if (wait > 0 && tooLate === undefined) {
          await this.#rest(line, wait);
          continue;
        }
        line.waiters.shift();
        if (tooLate !== undefined) {
          first.giveUp(tooLate);
        } else {
          reckoning.spend(now);
          first.go();
        }
      }
    } finally {
      line.serving = false;
    }
  }

  /** Waits until the time has passed or another call is first in the line. */
  async #rest(line: Line, milliseconds: number): Promise<void> {
    const nudge = new AbortController();
    line.nudge = nudge;
    try {
      await this.#sleep(milliseconds, nudge.signal);
    } catch (error) {
      if (!nudge.signal.aborted) throw error;
    }
  }

  #line(bucket: Bucket): Line {
    const held = this.#lines.get(bucket.key);
    if (held !== undefined) return held;
    if (this.#lines.size >= MAX_BUCKETS) this.#forgetUnused();
    const line = { reckoning: new Reckoning(bucket, this.#now()), waiters: [], serving: false, nudge: new AbortController() };
    this.#lines.set(bucket.key, line);
    return line;
  }

  #forgetUnused(): void {
    const longAgo = this.#now() - FORGET_AFTER_MS;
    for (const [key, { serving, reckoning }] of this.#lines) if (!serving && reckoning.touched < longAgo) this.#lines.delete(key);
  }

  #now(): number {
    return this.#clock().getTime();
  }
}

/** Returns the kind of a budget without its owner: the part of the key before the slash. */
function kindOf(key: string): string {
  return key.split('/')[0] ?? key;
}

/** The fault of a call whose wait would pass its deadline; `undefined` if it fits. */
function lateness(wait: number, now: number, { deadline, what }: Patience): Fault | undefined {
  if (wait === 0 || now + wait <= deadline) return undefined;
  return new Fault('throttled', `Cannot ${what}: its call budget is used up for another ${Math.ceil(wait / 1000)} seconds.`);
}
