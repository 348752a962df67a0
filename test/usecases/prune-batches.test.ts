import { expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import { type PruneHistory, pruneHistory } from '../../shared/usecases/prune-history.ts';

const NOW = '2026-11-23T12:00:00.000Z';
const ago = (days: number) => new Date(Date.parse(NOW) - days * 86_400_000).toISOString();
const { historyDays, resolvedDays } = DEFAULT_POLICY.retention;

/** Stores that each delete so many rows in their first calls, and the calls of each. */
function world(rows: readonly number[] = []) {
  const asked: unknown[][] = [];
  const store = (name: string) => {
    const left = [...rows];
    const prune = async (...words: readonly unknown[]) => {
      asked.push([name, ...words]);
      return left.shift() ?? 0;
    };
    return { prune };
  };
  const [findings, audits, trend, events, parked] = ['findings', 'audits', 'trend', 'events', 'parked'].map(store);
  if (!findings || !audits || !trend || !events || !parked) return expect.unreachable();
  const policy = async () => ({ policy: DEFAULT_POLICY, hash: 'h', source: 'test' });
  const deps: PruneHistory = { findings, audits, trend, events, parked, policy, clock: () => new Date(NOW) };
  return { deps, asked };
}

it('each store is pruned by its own retention, in batches', async () => {
  const { deps, asked } = world();
  expect(historyDays).not.toBe(resolvedDays);
  expect(await pruneHistory(deps, new AbortController().signal)).toEqual({ rows: 0, finished: true });
  expect(asked).toEqual([
    ['findings', ago(historyDays), ago(resolvedDays), 1_000],
    ['audits', ago(historyDays), 1_000],
    ['trend', ago(historyDays), 1_000],
    ['events', ago(2), 1_000],
    ['parked', ago(historyDays), 1_000],
  ]);
});

it('a store is pruned until nothing old is left, and the cache of external data after all of them', async () => {
  const { deps, asked } = world([3, 1]);
  const cached = [4, 0];
  const pruneCache = async () => cached.shift() ?? expect.unreachable('Nothing was left.');
  expect(await pruneHistory({ ...deps, pruneCache }, new AbortController().signal, 3)).toEqual({ rows: 5 * 4 + 4, finished: true });
  expect(asked).toHaveLength(5 * 3);
  expect(asked.at(-1)?.at(-1)).toBe(3);
});

it('a run at its time limit stops after its batch and reports it, but has finished when nothing was left', async () => {
  const { deps, asked } = world([3, 1]);
  expect(await pruneHistory(deps, AbortSignal.abort())).toEqual({ rows: 3, finished: false });
  expect(asked).toHaveLength(1);
  expect(await pruneHistory(world().deps, AbortSignal.abort())).toEqual({ rows: 0, finished: true });
});
