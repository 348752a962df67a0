import { createHook } from 'node:async_hooks';
import { expect, test } from 'vitest';
import { defaultEstate } from '../../shared/local/estate/default-estate.ts';
import { startEstate } from '../../shared/local/estate/server.ts';
import { createMemoryStorage } from '../../shared/memory/storage.ts';
import { audit } from './audit.ts';

const AT = '2026-09-01T12:00:00.000Z';
/** The time limits of a scan are tens of seconds or more; timers that keep a connection are shorter. */
const LONG_MS = 10_000;
/** The simulated estate and this test run in the same process, and have their own timers. */
const OURS = /\/shared\/(?!local\/)/;

interface Timer {
  readonly _idleTimeout?: number;
}

test('an audit leaves no timers behind', async () => {
  const estate = defaultEstate('timers', new Date(AT));
  const running = await startEstate({ ...estate, subscriptions: estate.subscriptions.slice(0, 1) });
  const alive = new Map<number, string>();
  let started = 0;
  const hook = createHook({
    init: (id, type, _, { _idleTimeout: milliseconds = 0 }: Timer) => {
      const { stack = '' } = new Error(`${milliseconds} ms`);
      if (type !== 'Timeout' || milliseconds < LONG_MS || !OURS.test(stack)) return;
      alive.set(id, stack);
      started += 1;
    },
    destroy: (id) => alive.delete(id),
  });
  try {
    hook.enable();
    const { parked } = await audit(running, createMemoryStorage(), { id: 'timers', at: AT });
    // A cleared timer is reported in the next turn of the event loop.
    await new Promise((done) => setTimeout(done, 50));
    hook.disable();

    expect(parked).toEqual([]);
    expect(started).toBeGreaterThan(20);
    expect([...alive.values()]).toEqual([]);
  } finally {
    hook.disable();
    await running.stop();
  }
});
