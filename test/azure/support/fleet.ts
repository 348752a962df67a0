import { setImmediate as turn } from 'node:timers/promises';
import type { Bucket } from '../../../shared/azure/budget/bucket.ts';
import { Budgets } from '../../../shared/azure/budget/budget.ts';
import { Fault } from '../../../shared/domain/snapshot/fault.ts';

/** The outcome of the calls of a fleet. */
export interface FleetRun {
  readonly seconds: number;
  readonly granted: number;
  readonly refused: number;
  /** Calls that gave up at their time limit. */
  readonly late: number;
}

/** How a fleet runs: the number of instances and of callers per instance, which all use one bucket of the service. */
export interface FleetPlan {
  readonly instances: number;
  readonly callers: number;
  readonly calls: number;
  readonly bucket: Bucket;
  readonly timeBudgetMs: number;
}

/** Time that advances only when every caller waits. */
class VirtualTime {
  #now = 0;
  readonly #sleepers: { readonly at: number; readonly wake: () => void }[] = [];

  readonly clock = () => new Date(this.#now);
  readonly sleep = (milliseconds: number, abortSignal?: AbortSignal) =>
    new Promise<void>((wake, fail) => {
      const sleeper = { at: this.#now + milliseconds, wake };
      this.#sleepers.push(sleeper);
      abortSignal?.addEventListener('abort', () => {
        const at = this.#sleepers.indexOf(sleeper);
        if (at >= 0) this.#sleepers.splice(at, 1);
        fail(abortSignal.reason);
      });
    });

  get now(): number {
    return this.#now;
  }

  /** Advances the time until no caller sleeps. */
  async pass(): Promise<void> {
    for (await turn(); this.#sleepers.length > 0; await turn()) {
      const next = this.#sleepers.reduce((first, one) => (one.at < first.at ? one : first));
      this.#sleepers.splice(this.#sleepers.indexOf(next), 1);
      this.#now = Math.max(this.#now, next.at);
      next.wake();
    }
  }
}

/** Runs a fleet of independent instances against one bucket of the service. */
export async function runFleet({ instances, callers, calls, bucket, timeBudgetMs }: FleetPlan): Promise<FleetRun> {
  const time = new VirtualTime();
  const service = serviceBucket(bucket, time);
  const random = seeded(7);
  const ours = { ...bucket, burst: Math.floor(bucket.burst * 0.9) };
  let [left, granted, late, last] = [calls, 0, 0, 0];

  const call = async (budgets: Budgets) => {
    const deadline = time.now + timeBudgetMs;
    for (;;) {
      await budgets.take(ours, { deadline, abortSignal: new AbortController().signal, what: 'look' });
      await time.sleep(20 + random() * 60);
      const wait = service.spend();
      if (wait === undefined) break;
      budgets.refused(ours, time.now + wait);
      if (time.now + wait >= deadline) throw new Fault('throttled', 'too late');
      await time.sleep(wait);
    }
    budgets.granted(ours);
    granted += 1;
    last = time.now;
  };
  const caller = async (budgets: Budgets) => {
    for (; left > 0; ) {
      left -= 1;
      await time.sleep(random() * 200);
      try {
        await call(budgets);
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        late += 1;
      }
    }
  };

  const fleet = Array.from({ length: instances }, () => {
    const budgets = new Budgets(time.clock, time.sleep, random);
    return Promise.all(Array.from({ length: callers }, () => caller(budgets)));
  });
  await Promise.all([time.pass(), ...fleet]);
  return { seconds: last / 1000, granted, refused: service.refused(), late };
}

function serviceBucket({ burst, perSecond }: Bucket, time: VirtualTime) {
  let [tokens, at, refused] = [burst, 0, 0];
  return {
    refused: () => refused,
    /** Milliseconds to wait when the bucket is empty. */
    spend: (): number | undefined => {
      tokens = Math.min(burst, tokens + ((time.now - at) / 1000) * perSecond);
      at = time.now;
      if (tokens < 1) {
        refused += 1;
        return Math.max(1, Math.ceil((1 - tokens) / perSecond)) * 1000;
      }
      tokens -= 1;
      return undefined;
    },
  };
}

/** 0 to 1, the same in every run: the latencies of a network. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
