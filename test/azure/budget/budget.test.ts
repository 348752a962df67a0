import { describe, expect, it } from 'vitest';
import type { Bucket } from '../../../shared/azure/budget/bucket.ts';
import { Budgets, type Sleep, sleepForReal } from '../../../shared/azure/budget/budget.ts';
import { sleepingClock } from '../support/reach.ts';

const bucket: Bucket = { key: 'b', burst: 3, perSecond: 2 };

function setUp(burst = bucket.burst) {
  const time = sleepingClock();
  const budgets = new Budgets(time.clock, time.sleep, () => 0.5);
  const start = time.clock().getTime();
  const mine = { ...bucket, burst };
  const patience = { deadline: start + 60_000, abortSignal: new AbortController().signal, what: 'look' };
  const elapsed = () => time.clock().getTime() - start;
  return { time, budgets, mine, patience, elapsed };
}

/** Budgets whose waits last until they are woken, and then advance the clock. */
function heldBudgets() {
  const { promise: held, resolve: wake } = Promise.withResolvers<void>();
  let now = 0;
  const sleeps: number[] = [];
  const sleep = async (milliseconds: number) => {
    sleeps.push(milliseconds);
    await held;
    now += milliseconds;
  };
  const budgets = new Budgets(
    () => new Date(now),
    sleep,
    () => 0.5,
  );
  const patience = { deadline: 60_000, abortSignal: new AbortController().signal, what: 'look' };
  const advance = (milliseconds: number) => {
    now += milliseconds;
  };
  return { budgets, one: { ...bucket, burst: 1 }, patience, sleeps, wake, advance, now: () => now };
}

describe('a call budget', () => {
  it('sends a burst at once and the rest at the refill rate', async () => {
    const { budgets, mine, patience, elapsed } = setUp();

    const at: number[] = [];
    for (let call = 0; call < 6; call++) {
      await budgets.take(mine, patience);
      at.push(elapsed());
    }

    expect(at).toEqual([0, 0, 0, 500, 1000, 1500]);
  });

  it('reports each call that waited, with the kind of its budget and the duration', async () => {
    const time = sleepingClock();
    const waits: [string, number][] = [];
    const budgets = new Budgets(
      time.clock,
      time.sleep,
      () => 0.5,
      (budget, milliseconds) => waits.push([budget, milliseconds]),
    );
    const deadline = time.clock().getTime() + 60_000;
    const patience = { deadline, abortSignal: new AbortController().signal, what: 'look' };
    for (let call = 0; call < 5; call++) await budgets.take({ ...bucket, key: 'reads/subscription' }, patience);

    expect(waits).toEqual([
      ['reads', 500],
      ['reads', 500],
    ]);
  });

  it('serves waiting calls in the order of their arrival', async () => {
    const { budgets, mine, patience } = setUp(1);
    const served: number[] = [];

    await Promise.all([0, 1, 2, 3, 4].map(async (who) => budgets.take(mine, patience).then(() => served.push(who))));

    expect(served).toEqual([0, 1, 2, 3, 4]);
  });

  it('serves the call with the earliest deadline first, and wakes the queue for a more urgent call', async () => {
    const { budgets, mine, patience } = setUp(1);
    const { deadline } = patience;
    const served: string[] = [];
    const take = (who: string, more: number) => budgets.take(mine, { ...patience, deadline: deadline + more }).then(() => served.push(who));
    await take('first', 0);

    await Promise.all([take('patient', 20_000), take('usual', 10_000), take('urgent', 0)]);

    expect(served).toEqual(['first', 'urgent', 'usual', 'patient']);
  });

  it('sends a more urgent call as soon as it may, even while the queue sleeps for a less urgent one', async () => {
    let now = 0;
    const asleep: { readonly until: number; readonly wake: () => void }[] = [];
    const sleep = (milliseconds: number, abortSignal: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        asleep.push({ until: now + milliseconds, wake: resolve });
        abortSignal.addEventListener('abort', () => reject(new DOMException('nudged', 'AbortError')));
      });
    const budgets = new Budgets(
      () => new Date(now),
      sleep,
      () => 0.5,
    );
    const one = { ...bucket, burst: 1 };
    const patience = { deadline: 60_000, abortSignal: new AbortController().signal, what: 'look' };
    await budgets.take(one, patience);
    const served: string[] = [];
    const waiting = [budgets.take(one, patience).then(() => served.push('usual'))];
    await expect.poll(() => asleep.length).toBe(1);
    waiting.push(budgets.take(one, { ...patience, deadline: 50_000 }).then(() => served.push('urgent')));
    // The queue was woken, and sleeps again for the call that is first now.
    await expect.poll(() => asleep.length).toBe(2);
    for (let turn = 1; turn < 4 && served.length < 2; turn++) {
      now += 500;
      asleep.at(-1)?.wake();
      await expect.poll(() => served.length).toBeGreaterThanOrEqual(Math.min(turn, 2));
    }
    await Promise.all(waiting);
    expect(served).toEqual(['urgent', 'usual']);
  });

  it('never sends more calls in any period than burst and rate allow', async () => {
    const { budgets, mine, patience, elapsed } = setUp();
    const at = await Promise.all(Array.from({ length: 40 }, () => budgets.take(mine, patience).then(elapsed)));

    for (const [first, from] of at.entries()) {
      for (let last = first; last < at.length; last++) {
        const span = ((at[last] ?? 0) - from) / 1000;
        expect(last - first + 1).toBeLessThanOrEqual(mine.burst + span * mine.perSecond + 1e-9);
      }
    }
  });

  it('refills while it is idle, up to the burst', async () => {
    const { time, budgets, mine, patience, elapsed } = setUp();
    for (let call = 0; call < 3; call++) await budgets.take(mine, patience);
    time.advance(20_000);

    for (let call = 0; call < 4; call++) await budgets.take(mine, patience);

    expect(elapsed()).toBe(20_500);
  });

  it('immediately fails a call that cannot be sent in time behind the calls ahead of it', async () => {
    const { budgets, mine, patience, elapsed } = setUp(1);
    const soon = { ...patience, deadline: patience.deadline - 59_000 };
    const failedAt: number[] = [];
    const note = (reason: unknown) => {
      failedAt.push(elapsed());
      throw reason;
    };
    const calls = await Promise.allSettled(Array.from({ length: 5 }, () => budgets.take(mine, soon).catch(note)));

    // One at once, then one each half second: the third comes at exactly one second, which is in time.
    expect(calls.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected']);
    const message = 'Cannot look: its call budget is used up for another 2 seconds.';
    expect(calls[3]).toMatchObject({ reason: { name: 'Fault', code: 'throttled', message } });
    expect([failedAt, elapsed()]).toEqual([[0, 0], 1000]);
  });

  it('lets a call go that need not wait, although its time is over', async () => {
    const { budgets, mine, patience, elapsed } = setUp(1);
    await budgets.take(mine, { ...patience, deadline: patience.deadline - 120_000 });
    expect(elapsed()).toBe(0);
    await expect(budgets.take(mine, { ...patience, deadline: patience.deadline - 120_000 })).rejects.toMatchObject({ code: 'throttled' });
  });

  it('takes nothing for a call that was aborted before', async () => {
    const { budgets, mine, patience } = setUp();
    await expect(budgets.take(mine, { ...patience, abortSignal: AbortSignal.abort(new Error('over')) })).rejects.toThrow('over');
    expect(budgets.left()).toEqual([]);
  });

  it('fails a call with the error of its wait', async () => {
    const time = sleepingClock();
    const budgets = new Budgets(time.clock, () => Promise.reject(new Error('No timer.')));
    const patience = { deadline: time.clock().getTime() + 60_000, abortSignal: new AbortController().signal, what: 'look' };
    const one = { ...bucket, burst: 1 };
    await budgets.take(one, patience);
    await expect(budgets.take(one, patience)).rejects.toThrow('No timer.');
  });

  it.each([
    ['its guess, moved by chance', 60_000, 2_500],
    ['at most half of the time that it has left', 4_400, 2_200],
  ])('delays a call after a refusal by %s', async (_, within, expected) => {
    const time = sleepingClock();
    const budgets = new Budgets(time.clock, time.sleep, () => 0.75);
    const start = time.clock().getTime();
    const one = { key: 'b', burst: 1, perSecond: 1 };
    // The refusal leaves half of the rate: one call at that time, and the next one two seconds later, times a half to one and a half.
    budgets.refused(one, start);
    await budgets.take(one, { deadline: start, abortSignal: new AbortController().signal, what: 'look' });
    await budgets.take(one, { deadline: start + within, abortSignal: new AbortController().signal, what: 'look' });
    expect(time.clock().getTime() - start).toBe(expected);
  });

  it('halves its share once for refusals of one pause', async () => {
    const waited = async (refusals: number) => {
      const { time, budgets, mine, patience, elapsed } = setUp(1);
      for (let refusal = 0; refusal < refusals; refusal++) budgets.refused(mine, time.clock().getTime() + 5_000);
      for (let call = 0; call < 2; call++) await budgets.take(mine, patience);
      return elapsed();
    };
    expect(await waited(2)).toBeGreaterThan(5_000);
    expect(await waited(3)).toBe(await waited(2));
  });

  it('believes the service when it reports fewer remaining calls, but not when it reports more', async () => {
    const { budgets, mine, patience, elapsed } = setUp();
    budgets.learnRemaining(mine, 1);
    budgets.learnRemaining(mine, 100);

    await budgets.take(mine, patience);
    expect(elapsed()).toBe(0);
    await budgets.take(mine, patience);
    expect(elapsed()).toBe(500);
  });

  it('sends no call during a pause, then one, then the others at the refill rate', async () => {
    const { time, budgets, mine, patience, elapsed } = setUp();
    budgets.pause(mine, time.clock().getTime() + 7_000);

    const at = await Promise.all([0, 1, 2].map(() => budgets.take(mine, patience).then(elapsed)));

    expect(at).toEqual([7000, 7500, 8000]);
  });

  it('keeps the longer of two pauses', async () => {
    const { time, budgets, mine, patience, elapsed } = setUp();
    budgets.pause(mine, time.clock().getTime() + 7_000);
    budgets.pause(mine, time.clock().getTime() + 2_000);

    await budgets.take(mine, patience);

    expect(elapsed()).toBe(7_000);
  });

  it('makes waiting calls wait for the end of a pause that begins meanwhile', async () => {
    const { budgets, one, patience, sleeps, wake, now } = heldBudgets();
    await budgets.take(one, patience);

    const waiting = budgets.take(one, patience);
    await expect.poll(() => sleeps).toEqual([500]);
    budgets.pause(one, 10_000);
    wake();
    await waiting;

    expect(now()).toBe(10_000);
  });

  it('does not let the next call go early when a waiting call gives up', async () => {
    const { budgets, one, patience: stay, wake, now } = heldBudgets();
    const leaving = new AbortController();
    const served: string[] = [];
    await budgets.take(one, stay);
    const first = budgets.take(one, stay).then(() => served.push('first'));
    const second = budgets.take(one, { ...stay, abortSignal: leaving.signal });
    const third = budgets.take(one, stay).then(() => served.push('third'));

    leaving.abort();
    await expect(second).rejects.toMatchObject({ name: 'AbortError' });
    expect(served).toEqual([]);
    wake();
    await Promise.all([first, third]);

    expect(served).toEqual(['first', 'third']);
    // The one that left has taken nothing.
    expect(now()).toBe(1_000);
  });

  it('lets a waiting call be aborted, and waits no longer for it', async () => {
    const time = sleepingClock();
    const waits: AbortSignal[] = [];
    const sleep: Sleep = (milliseconds, signal) => {
      waits.push(signal);
      return sleepForReal(milliseconds, signal);
    };
    const budgets = new Budgets(time.clock, sleep, () => 0.5);
    const leaving = new AbortController();
    const patience = { deadline: time.clock().getTime() + 3_600_000, abortSignal: leaving.signal, what: 'look' };
    const slow = { key: 'b', burst: 1, perSecond: 0.001 };
    await budgets.take(slow, patience);
    const second = budgets.take(slow, patience);

    leaving.abort();

    await expect(second).rejects.toMatchObject({ name: 'AbortError' });
    expect(waits.map(({ aborted }) => aborted)).toEqual([true]);
    await expect(sleepForReal(3_600_000, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('fails a waiting call at once when a pause lasts beyond its time', async () => {
    const { budgets, one, patience, sleeps, wake, now } = heldBudgets();
    await budgets.take(one, patience);
    const waiting = budgets.take(one, { ...patience, deadline: 5_000 });
    await expect.poll(() => sleeps).toEqual([500]);
    budgets.pause(one, 10_000);
    wake();
    await expect(waiting).rejects.toThrow('Cannot look: its call budget is used up for another 10 seconds.');
    expect([now(), sleeps]).toEqual([500, [500]]);
  });

  it('keeps the budgets of different keys separate', async () => {
    const { budgets, mine, patience, elapsed } = setUp(1);
    await budgets.take(mine, patience);
    await budgets.take({ ...mine, key: 'other' }, patience);

    expect(elapsed()).toBe(0);
  });

  it('forgets old full buckets and keeps an empty one, however many buckets there are', async () => {
    const { time, budgets, mine, patience, elapsed } = setUp(1);
    for (let at = 0; at < 6_000; at++) await budgets.take({ ...mine, key: `cluster-${at}` }, patience);
    time.advance(1_000);
    await budgets.take(mine, { ...patience, deadline: patience.deadline + 60_000 });
    await budgets.take(mine, { ...patience, deadline: patience.deadline + 60_000 });

    expect(elapsed()).toBe(1_500);
  });

  describe('with five thousand buckets', () => {
    const FORGOTTEN_MS = 600_000;
    /** Budgets of that many kinds, each used once; every kind has one bucket. */
    async function withKinds(count: number) {
      const { time, budgets, mine, patience } = setUp(1);
      const late = { ...patience, deadline: patience.deadline + 3_600_000 };
      const take = (kind: string) => budgets.take({ ...mine, key: `${kind}/x` }, late);
      for (let at = 0; at < count; at++) await take(`kind-${at}`);
      return { time, take, kinds: () => budgets.left().map(({ budget }) => budget) };
    }

    it('forgets those that were not used for ten minutes, and not because somebody looked at them', async () => {
      const { time, take, kinds } = await withKinds(5_000);
      time.advance(FORGOTTEN_MS / 2);
      expect(kinds()).toHaveLength(5_000);
      await take('kind-7');
      time.advance(FORGOTTEN_MS / 2 + 1);
      await take('new');
      expect(kinds()).toEqual(['kind-7', 'new']);
    });

    it.each([
      ['one less', 4_999, FORGOTTEN_MS + 1],
      ['as many, all used ten minutes ago', 5_000, FORGOTTEN_MS],
    ])('forgets none of %s', async (_, count, later) => {
      const { time, take, kinds } = await withKinds(count);
      time.advance(later);
      await take('new');
      expect(kinds()).toHaveLength(count + 1);
    });

    it('keeps one whose calls wait', async () => {
      const { budgets, one, patience, wake, advance } = heldBudgets();
      const late = { ...patience, deadline: 10 * FORGOTTEN_MS };
      for (let at = 0; at < 5_000; at++) await budgets.take({ ...one, key: `kind-${at}/x` }, late);
      const waiting = budgets.take({ ...one, key: 'kind-9/x' }, late);
      advance(FORGOTTEN_MS + 1);
      await budgets.take({ ...one, key: 'new/x' }, late);
      expect(budgets.left().map(({ budget }) => budget)).toEqual(['kind-9', 'new']);
      wake();
      await waiting;
    });
  });

  it('reports what is left of each kind, from the bucket with the fewest calls left', async () => {
    const { time, budgets, patience } = setUp();
    const full = { key: 'aks-get/one', burst: 54, perSecond: 1 };
    await budgets.take(full, patience);
    for (let call = 0; call < 3; call++) await budgets.take({ ...full, key: 'aks-get/two' }, patience);
    const graph = { key: 'resource-graph', burst: 9, perSecond: 1 };
    budgets.pause(graph, time.clock().getTime() + 4_000);

    expect(budgets.left()).toEqual([
      { budget: 'aks-get', left: 51, size: 54 },
      { budget: 'resource-graph', left: 0, size: 9 },
    ]);
    time.advance(4_000);
    expect(budgets.left()).toEqual([
      { budget: 'aks-get', left: 54, size: 54 },
      { budget: 'resource-graph', left: 1, size: 9 },
    ]);
  });
});
