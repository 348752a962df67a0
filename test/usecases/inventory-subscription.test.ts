import { describe, expect, it } from 'vitest';
import type { ClusterSummary } from '../../shared/domain/findings/summary.ts';
import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import { Fault } from '../../shared/domain/snapshot/fault.ts';
import { createMemoryStorage } from '../../shared/memory/storage.ts';
import { NOTHING_HELD, type Page } from '../../shared/ports/finding-store.ts';
import { inventorySubscription } from '../../shared/usecases/inventory-subscription.ts';
import { knownClusters } from '../../shared/usecases/known-clusters.ts';
import { aSummary, clusterIdOf } from '../http/estate.ts';

const AT = '2026-11-20T10:00:00.000Z';
const { subscriptionId } = aSummary('known', []).cluster;
const signal = new AbortController().signal;
const INCOMPLETE = { code: 'malformed', message: 'One entry has no id.' } as const;

/** A subscription with one known cluster; its list contains another one, and one that is out of scope. */
async function world(fault?: Fault) {
  const storage = createMemoryStorage();
  const summary = aSummary('known', []);
  await storage.findings.write({ clusterId: clusterIdOf('known'), findings: [], history: [], summary, basedOn: NOTHING_HELD });
  await storage.audits.start({ id: 'a1', startedAt: AT, cause: 'timer', subscriptions: [subscriptionId] });
  const policy = { ...DEFAULT_POLICY, scope: { ...DEFAULT_POLICY.scope, exclude: ['test-*'] } };
  const listing = { clusters: ['new', 'test-1'].map((name) => aSummary(name, []).cluster) };
  const deps = {
    ...storage,
    azure: { listClusters: () => (fault === undefined ? Promise.resolve({ ...listing, incomplete: INCOMPLETE }) : Promise.reject(fault)) },
    policy: async () => ({ policy, hash: 'h', source: 'test' }),
    clock: () => new Date(AT),
    jitterSeconds: () => 7,
  };
  const run = (lastTry: boolean, over: object = {}) =>
    inventorySubscription({ ...deps, ...over }, { auditId: 'a1', subscriptionId }, lastTry, signal);
  const scans = () => storage.queued.map(({ body, delaySeconds }) => [JSON.parse(body).clusterId, delaySeconds]);
  return { storage, run, scans, report: () => storage.audits.get('a1') };
}

describe('the inventory of a subscription', () => {
  it('plans and queues a delayed scan of each known and each listed cluster in scope, and reports what the list lacks', async () => {
    const { run, scans, report } = await world();
    const { outcome } = await run(false);

    expect(scans()).toEqual([
      [clusterIdOf('known'), 7],
      [clusterIdOf('new'), 7],
    ]);
    expect((await report())?.clusters.map(({ state }) => state)).toEqual(['planned', 'planned']);
    expect(outcome).toEqual({ state: 'not-listed', reason: INCOMPLETE });
  });

  it('scans the known clusters of the subscription, in any case and over all pages, but none of others and no deleted ones', async () => {
    const own = 'abcdefab-1111-4111-8111-111111111111';
    const known = (name: string, subscription: string, over: Partial<ClusterSummary> = {}) => {
      const summary = aSummary(name, [], over);
      return { ...summary, cluster: { ...summary.cluster, id: name, subscriptionId: subscription } };
    };
    const pages: Readonly<Record<string, Page<ClusterSummary>>> = {
      first: { value: [known('one', own.toUpperCase()), known('gone', own, { status: 'deleted' })], next: 'second' },
      second: { value: [known('theirs', subscriptionId), known('two', own)] },
    };
    const findings = { clusters: async (_: number, after = 'first') => pages[after] ?? expect.unreachable() };
    expect(await knownClusters(findings, own)).toEqual(['one', 'two']);
    expect(await knownClusters(findings, own.toUpperCase())).toEqual(['one', 'two']);
  });

  it('is retried after a temporary failure, and recorded at the last attempt, with scans of the known clusters', async () => {
    const { run, scans, report } = await world(new Fault('throttled', '429'));
    await expect(run(false)).rejects.toMatchObject({ code: 'throttled' });
    expect([scans(), (await report())?.subscriptions]).toEqual([[], []]);

    expect((await run(true)).outcome).toEqual({ state: 'not-listed', reason: { code: 'throttled', message: '429' } });
    expect(scans()).toEqual([[clusterIdOf('known'), 7]]);
  });

  it('plans a scan before it queues it and reports last, so that a crash in between is visible', async () => {
    const { run, report } = await world();
    await expect(run(true, { messages: { scan: () => Promise.reject(new Error('died')) } })).rejects.toThrow('died');

    expect(await report()).toMatchObject({ clusters: [{ clusterId: clusterIdOf('known'), state: 'planned' }], subscriptions: [] });
  });
});
