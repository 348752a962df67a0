import { describe, expect, it } from 'vitest';
import { remembering } from '../../../shared/azure/estate/remembered.ts';

function aMemory(limit = 10) {
  const world = { now: 1_000_000, asked: 0, fails: false };
  const remember = remembering<number>(() => new Date(world.now), 1_000, limit);
  const ask = (key: string) =>
    remember(key, async () => {
      world.asked += 1;
      if (world.fails) throw new Error('away');
      return world.asked;
    });
  return { world, ask };
}

describe('a cached answer', () => {
  it('is not requested again until it expires', async () => {
    const { world, ask } = aMemory();
    expect(await ask('a')).toBe(1);
    world.now += 999;
    expect(await ask('a')).toBe(1);
    world.now += 1;
    expect(await ask('a')).toBe(2);
  });

  it('belongs to its own key, and the oldest key is evicted first', async () => {
    const { ask } = aMemory(2);
    expect([await ask('a'), await ask('b'), await ask('a'), await ask('c')]).toEqual([1, 2, 1, 3]);
    expect([await ask('b'), await ask('c')]).toEqual([2, 3]);
    expect(await ask('a')).toBe(4);
  });

  it('is as new as its last request: what was asked for again is not the oldest', async () => {
    const { world, ask } = aMemory(2);
    await ask('a');
    await ask('b');
    world.now += 1_000;
    expect([await ask('a'), await ask('c')]).toEqual([3, 4]);
    expect(await ask('a')).toBe(3);
  });

  it('is never a failure, and never dated in the future', async () => {
    const { world, ask } = aMemory();
    world.fails = true;
    await expect(ask('a')).rejects.toThrow('away');
    world.fails = false;
    expect(await ask('a')).toBe(2);
    world.now -= 1;
    expect(await ask('a')).toBe(3);
  });
});
