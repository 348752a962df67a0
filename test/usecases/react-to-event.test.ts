import { describe, expect, it } from 'vitest';
import type { ClusterEvent } from '../../shared/domain/snapshot/event.ts';
import { observed } from '../../shared/domain/snapshot/observation.ts';
import { createMemoryStorage } from '../../shared/memory/storage.ts';
import { heardOfCluster } from '../../shared/usecases/heard-of-cluster.ts';
import { reactToEvent } from '../../shared/usecases/react-to-event.ts';
import { aCluster, aKataPool, someSettings } from '../support/a-snapshot.ts';

const START = Date.parse('2026-11-20T10:00:00.000Z');
const at = (seconds: number) => new Date(START + seconds * 1000).toISOString();
const { id: clusterId } = aCluster();

/** An app that receives events, with a clock that the test sets. */
function aWorld() {
  const storage = createMemoryStorage();
  let notes = 0;
  const note: typeof storage.events.note = (...what) => {
    notes += 1;
    return storage.events.note(...what);
  };
  const events = { ...storage.events, note };
  const queued: string[] = [];
  let seconds = 0;
  let isAway = false;
  const deps = {
    events,
    messages: {
      scan: async ({ cause }: { readonly cause: string }) => {
        if (isAway) throw new Error('away');
        queued.push(cause);
      },
    },
    clock: () => new Date(START + seconds * 1000),
    settleSeconds: 15,
  };
  const hear = (id: string, kind: ClusterEvent['kind'], over: Partial<ClusterEvent> = {}) =>
    reactToEvent(deps, { id, clusterId, kind, at: at(seconds), ...over });
  /** The Kata pool in a scan of the cluster with this Azure resource UID. */
  const pool = async (resourceUid: string) => {
    const listed = {
      cluster: aCluster(),
      settings: someSettings({ resourceUid }),
      nodePools: observed([aKataPool({ provisioningState: 'Failed' })]),
    };
    const { nodePools } = await heardOfCluster(events, listed, at(seconds));
    return nodePools.state === 'observed' ? nodePools.value[0] : undefined;
  };
  const breakQueue = (away: boolean) => {
    isAway = away;
  };
  return { queued, noted: () => notes, hear, pool, breakQueue, wait: (more: number) => (seconds += more) };
}

describe('an event', () => {
  it('joins the waiting scan, and gets its own from the moment at which that scan may start', async () => {
    const { hear, queued, wait } = aWorld();
    expect(await hear('one', 'changed')).toBe('queued');
    wait(14);
    expect(await hear('two', 'changed')).toBe('coalesced');
    wait(1);
    expect(await hear('three', 'changed')).toBe('queued');
    expect(queued).toEqual(['event:one', 'event:three']);
  });

  it('is processed before it is recorded: one whose scan could not be queued gets it when it is delivered again', async () => {
    const { hear, queued, breakQueue } = aWorld();
    breakQueue(true);
    await expect(hear('one', 'changed')).rejects.toThrow('away');
    breakQueue(false);
    expect(await hear('one', 'changed')).toBe('queued');
    expect(queued).toEqual(['event:one']);
  });

  it('that arrives twice is processed once', async () => {
    const { hear, queued } = aWorld();
    await hear('one', 'changed');
    expect(await hear('one', 'changed')).toBe('duplicate');
    expect(queued).toHaveLength(1);
  });

  it('dated in the future marks the pool as long as a present one, and blocks no later one', async () => {
    const { hear, pool, wait } = aWorld();
    await hear('one', 'rolling-failed', { nodePool: 'kata1', at: '2030-01-01T00:00:00.000Z' });
    expect(await pool('a')).toMatchObject({ rollFailedAt: at(0) });
    wait(1);
    await hear('two', 'rolling-succeeded', { nodePool: 'kata1' });
    expect(await pool('a')).not.toHaveProperty('rollFailedAt');
  });

  it('of a deletion ends earlier notices, and no later ones', async () => {
    const { hear, pool, wait } = aWorld();
    await hear('one', 'rolling-failed', { nodePool: 'kata1' });
    wait(10);
    await hear('two', 'deleted', { at: at(5) });
    expect(await pool('a')).not.toHaveProperty('rollFailedAt');
    await hear('three', 'rolling-failed', { nodePool: 'kata1' });
    await hear('late', 'deleted', { at: at(5) });
    expect(await pool('a')).toHaveProperty('rollFailedAt');
  });

  it('is bound once to the cluster that it is first read for: later scans write nothing', async () => {
    const { hear, pool, noted } = aWorld();
    await hear('one', 'rolling-failed', { nodePool: 'kata1' });
    await pool('first');
    const before = noted();
    await pool('first');
    expect(noted()).toBe(before);
  });

  it('is not inherited by a cluster that is created again under the same name, even without a deletion event', async () => {
    const { hear, pool } = aWorld();
    await hear('one', 'rolling-failed', { nodePool: 'kata1' });
    expect(await pool('first')).toHaveProperty('rollFailedAt');
    expect(await pool('second')).not.toHaveProperty('rollFailedAt');
    expect(await pool('first')).toHaveProperty('rollFailedAt');
  });
});
