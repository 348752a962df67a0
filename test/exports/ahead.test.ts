import { describe, expect, it } from 'vitest';
import { mapAhead } from '../../shared/exports/ahead.ts';
import { from } from './samples.ts';

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const value of values) list.push(value);
  return list;
}

describe('concurrent mapping', () => {
  it.each([1, 2, 3, 8])('keeps the order with %i concurrent values, and never has more', async (width) => {
    let under = 0;
    let most = 0;
    const map = async (value: number) => {
      most = Math.max(most, ++under);
      // Later values are ready sooner.
      for (let turn = 0; turn < 10 - value; turn++) await Promise.resolve();
      under -= 1;
      return value * 2;
    };
    expect(await all(mapAhead(from([1, 2, 3, 4, 5]), width, map))).toEqual([2, 4, 6, 8, 10]);
    expect(most).toBeLessThanOrEqual(width);
  });

  it('returns the values before a failure, and then fails', async () => {
    const seen: number[] = [];
    const map = async (value: number) => {
      if (value === 3) throw new Error('three');
      return value;
    };
    const run = async () => {
      for await (const value of mapAhead(from([1, 2, 3, 4]), 4, map)) seen.push(value);
    };
    await expect(run()).rejects.toThrow('three');
    expect(seen).toEqual([1, 2]);
  });

  it('reads no further than necessary', async () => {
    let read = 0;
    const endless = async function* () {
      for (;;) yield ++read;
    };
    for await (const value of mapAhead(endless(), 3, async (one) => one)) if (value === 2) break;
    expect(read).toBeLessThanOrEqual(4);
  });

  it('of an empty input is empty', async () => {
    expect(await all(mapAhead(from<number>([]), 3, async (one) => one))).toEqual([]);
  });

  it('keeps a failure until its turn, without an unhandled rejection', async () => {
    const heard: unknown[] = [];
    const hear = (reason: unknown) => void heard.push(reason);
    process.on('unhandledRejection', hear);
    const first = Promise.withResolvers<string>();
    const two = async function* () {
      yield* [first.promise, Promise.reject(new Error('The second failed.'))].entries();
    };
    const results = mapAhead(two(), 2, ([, work]) => work);
    const one = results.next();
    for (let turn = 0; turn < 5; turn++) await new Promise((done) => setImmediate(done));
    first.resolve('one');

    expect(await one).toEqual({ done: false, value: 'one' });
    await expect(results.next()).rejects.toThrow('The second failed.');
    expect(heard).toEqual([]);
    process.off('unhandledRejection', hear);
  });
});
