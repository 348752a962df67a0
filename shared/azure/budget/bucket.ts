/** A call budget that Azure publishes: so many calls at once, refilled at a steady rate. */
export interface Bucket {
  /** What the budget is counted by: equal keys share one bucket. */
  readonly key: string;
  readonly burst: number;
  readonly perSecond: number;
}

/**
 * A refusal halves our share of a budget, and each call that is let through gives a little back: the
 * less we have the more of it, in proportion, so that the shares of many instances draw together.
 */
const AFTER_REFUSAL = 0.5;
const GIVEN_BACK = 1 / 60;
/** However many refusals: this often we ask whether it is our turn. */
const LONGEST_GAP_SECONDS = 15;

/** What we estimate to be in a bucket of the service, from what is published and from what its answers say. Times are milliseconds. */
export class Reckoning {
  readonly bucket: Bucket;
  #tokens: number;
  /** The time up to which the tokens are counted; ahead of the clock while the service wants to be left alone. */
  #at: number;
  /** The part of the rate that we take for ours: less than 1 while others are seen to spend from the same budget. */
  #share = 1;

  constructor(bucket: Bucket, now: number) {
    this.bucket = bucket;
    this.#tokens = bucket.burst;
    this.#at = now;
  }

  /** How long the service itself makes a call wait that has so many of ours before it. */
  wait(now: number, ahead: number): number {
    return this.#waitAt(now, ahead, 1);
  }

  /** How long a call waits when we keep to our share, which is a guess. */
  guess(now: number): number {
    return this.#waitAt(now, 0, this.#share);
  }

  /** Takes one call out. */
  spend(now: number): void {
    this.#refill(now);
    this.#tokens -= 1;
  }

  /** Whole calls that are left. */
  left(now: number): number {
    this.#refill(now);
    return this.#at > now ? 0 : Math.max(0, Math.floor(this.#tokens));
  }

  /** When anything last changed. */
  get touched(): number {
    return this.#at;
  }

  /** Believes the service that fewer calls remain than we estimated; never that more do. */
  remaining(now: number, calls: number): void {
    this.#refill(now);
    this.#tokens = Math.min(this.#tokens, calls);
  }

  /** Lets nothing through until a time, then one call and those behind it at the rate. */
  pause(now: number, until: number): void {
    this.#refill(now);
    this.#at = Math.max(this.#at, until);
    this.#tokens = 1;
  }

  /**
   * Learns from a refusal: nothing goes until the time that the service named, and from then on we
   * take half the share we took. A refusal that comes while we are quiet already tells nothing new.
   */
  refused(now: number, until: number): void {
    this.#refill(now);
    const quiet = this.#at > now;
    this.#at = Math.max(this.#at, until);
    // Alone, we may go at that very time; the more others there are, the later.
    this.#tokens = this.#share;
    if (!quiet) this.#share = Math.max(1 / (LONGEST_GAP_SECONDS * this.bucket.perSecond), this.#share * AFTER_REFUSAL);
  }

  /** Learns from a call that was let through. */
  granted(now: number): void {
    this.#refill(now);
    this.#share = Math.min(1, this.#share + GIVEN_BACK * Math.sqrt(this.#share));
  }

  #waitAt(now: number, ahead: number, share: number): number {
    this.#refill(now);
    const missing = Math.max(0, ahead + 1 - this.#tokens);
    return Math.ceil(Math.max(0, this.#at - now) + (missing / (this.bucket.perSecond * share)) * 1000);
  }

  #refill(now: number): void {
    if (now <= this.#at) return;
    const refilled = ((now - this.#at) / 1000) * this.bucket.perSecond * this.#share;
    this.#tokens = Math.min(this.bucket.burst, this.#tokens + refilled);
    this.#at = now;
  }
}
