import { setTimeout as delay } from 'node:timers/promises';
import { Fault } from '../../domain/snapshot/fault.ts';
import type { Clock } from '../../ports/clock.ts';
import { type Bucket, Reckoning } from './bucket.ts';

/** How long a call may wait, and what it is for, should the wait be too long. */
export interface Patience {
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  readonly abortSignal: AbortSignal;
  readonly what: string;
}

/** What is left of one kind of budget. */
export interface BudgetLeft {
  readonly budget: string;
  /** Whole calls, in the bucket that has the fewest; none while it is paused. */
  readonly left: number;
  readonly size: number;
}

/** Waits; rejects when the signal aborts. */
export type Sleep = (milliseconds: number, abortSignal: AbortSignal) => Promise<void>;

/** Hears of a call that waited for its budget, by the budget's kind. */
export type OnWait = (budget: string, milliseconds: number) => void;

/** Waits in real time. */
export const sleepForReal: Sleep = (milliseconds, signal) => delay(milliseconds, undefined, { signal });

/** More buckets than this and those that nobody used for a while are forgotten: by then they are full again. */
const MAX_BUCKETS = 5_000;
const FORGET_AFTER_MS = 600_000;

interface Waiter {
  readonly patience: Patience;
  readonly go: () => void;
  readonly giveUp: (reason: unknown) => void;
  /** When it may go by our share, set as soon as nobody is before it. */
  turn?: number;
}

interface Line {
  readonly reckoning: Reckoning;
  /** Whose time ends first stands first. */
  waiters: Waiter[];
  serving: boolean;
  /** Aborted when whoever is first in the line has changed. */
  nudge: AbortController;
}

/**
 * The call budgets of one identity: calls wait here before they are sent. It starts from what Azure
 * publishes and learns from every answer that other callers spend too.
 */
export class Budgets {
  readonly #clock: Clock;
  readonly #sleep: Sleep;
  readonly #random: () => number;
  readonly #onWait: OnWait;
  readonly #lines = new Map<string, Line>();

  /** `random` gives 0 to 1: it keeps instances that were refused together from coming back together. */
  constructor(clock: Clock, sleep: Sleep = sleepForReal, random: () => number = Math.random, onWait: OnWait = () => undefined) {
    this.#clock = clock;
    this.#sleep = sleep;
    this.#random = random;
    this.#onWait = onWait;
  }

  /**
   * Takes one call out of the bucket, waiting for it. Whose time ends first goes first, so that a call
   * that was refused comes before those that were made after it. `Fault('throttled')` when its turn
   * cannot come in time.
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

  /** Believes the service when it says that fewer calls remain than we estimated: others spend from the same budget. */
  learnRemaining(bucket: Bucket, remaining: number): void {
    this.#line(bucket).reckoning.remaining(this.#now(), remaining);
  }

  /** Lets nothing through until a time, then one call and those behind it at the bucket's rate. */
  pause(bucket: Bucket, until: number): void {
    this.#line(bucket).reckoning.pause(this.#now(), until);
  }

  /** Learns that the service refused a call until a time, though we estimated that it would let it through. */
  refused(bucket: Bucket, until: number): void {
    this.#line(bucket).reckoning.refused(this.#now(), until);
  }

  /** Learns that the service let a call through. */
  granted(bucket: Bucket): void {
    this.#line(bucket).reckoning.granted(this.#now());
  }

  /** What is left, by kind. */
  left(): readonly BudgetLeft[] {
    const kinds = new Map<string, BudgetLeft>();
    for (const [key, { reckoning }] of this.#lines) {
      const budget = kindOf(key);
      const left = reckoning.left(this.#now());
      kinds.set(budget, { budget, left: Math.min(left, kinds.get(budget)?.left ?? left), size: reckoning.bucket.burst });
    }
    return [...kinds.values()];
  }

  /** Lets those in the line go, one after another, until nobody is left; one serves each line. */
  async #serve(line: Line): Promise<void> {
    line.serving = true;
    try {
      for (let [first] = line.waiters; first !== undefined; [first] = line.waiters) {
        const { reckoning } = line;
        const now = this.#now();
        const sure = reckoning.wait(now, 0);
        const tooLate = lateness(sure, now, first.patience);
        // Our share is a guess, which never uses up more than half of the time that a call has left.
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

  /** Waits, or until somebody else is first in the line. */
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

/** What a budget is, without whose it is: the part of a key before the slash. */
function kindOf(key: string): string {
  return key.split('/')[0] ?? key;
}

/** The fault of a call whose wait would pass its time. */
function lateness(wait: number, now: number, { deadline, what }: Patience): Fault | undefined {
  if (wait === 0 || now + wait <= deadline) return undefined;
  return new Fault('throttled', `Cannot ${what}: its call budget is spent for another ${Math.ceil(wait / 1000)} seconds.`);
}
