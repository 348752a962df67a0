/** A call budget that Azure publishes: a burst of calls, refilled at a steady rate. */
export interface Bucket {
  /** Identifies the budget: equal keys share one bucket. */
  readonly key: string;
  readonly burst: number;
  readonly perSecond: number;
}

/**
 * A refusal halves this instance's share of a budget, and each granted call returns a part of the rest. The smaller the share, the faster
 * it grows, so that the shares of several instances converge.
 */
const AFTER_REFUSAL = 0.5;
const GIVEN_BACK = 1 / 60;
/** The longest time between two calls, however many refusals there were. */
const LONGEST_GAP_SECONDS = 15;

/**
 * Estimates how many calls are left in a bucket of the service, from the published limits and the service's responses. Times are
 * milliseconds.
 */
export class Reckoning {
  readonly bucket: Bucket;
  #tokens: number;
  /** The time up to which the tokens are counted; in the future while the service asked for a pause. */
  #at: number;
  /** The part of the rate that this instance uses: below 1 while other callers use the same budget. */
  #share = 1;

  constructor(bucket: Bucket, now: number) {
    this.bucket = bucket;
    this.#tokens = bucket.burst;
    this.#at = now;
  }

  /** Returns how long the service itself would delay a call with `ahead` calls before it. */
  wait(now: number, ahead: number): number {
    return this.#waitAt(now, ahead, 1);
  }

  /** Returns how long a call should wait to keep to this instance's share, which is an estimate. */
  guess(now: number): number {
    return this.#waitAt(now, 0, this.#share);
  }

  /** Takes one call from the budget. */
  spend(now: number): void {
    this.#refill(now);
    this.#tokens -= 1;
  }

  /** The number of whole calls that are left; to look changes nothing. */
  left(now: number): number {
    return this.#at > now ? 0 : Math.max(0, Math.floor(this.#tokensAt(now)));
  }

  /** The time of the last change. */
  get touched(): number {
    return this.#at;
  }

  /** Lowers the estimate to what the service reports; never raises it. */
  remaining(now: number, calls: number): void {
    this.#refill(now);
    this.#tokens = Math.min(this.#tokens, calls);
  }

  /** Blocks all calls until a time, then grants one call and the next ones at the rate. */
  pause(now: number, until: number): void {
    this.#refill(now);
    this.#at = Math.max(this.#at, until);
    this.#tokens = 1;
  }

  /**
   * Records a refusal: no call goes out before the time that the service gave, and from then on half the previous share is used. A
   * refusal during a pause adds no information.
   */
  refused(now: number, until: number): void {
    this.#refill(now);
    const quiet = this.#at > now;
    this.#at = Math.max(this.#at, until);
    // A single caller may call at exactly that time; the more other callers there are, the later.
    this.#tokens = this.#share;
    if (!quiet) this.#share = Math.max(1 / (LONGEST_GAP_SECONDS * this.bucket.perSecond), this.#share * AFTER_REFUSAL);
  }

  /** Records a granted call. */
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
    this.#tokens = this.#tokensAt(now);
    this.#at = Math.max(this.#at, now);
  }

  #tokensAt(now: number): number {
    const refilled = (Math.max(0, now - this.#at) / 1000) * this.bucket.perSecond * this.#share;
    return Math.min(this.bucket.burst, this.#tokens + refilled);
  }
}
