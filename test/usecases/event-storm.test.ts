import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import { formatClusterId } from '../../shared/domain/snapshot/resource-id.ts';
import { createMemoryStorage } from '../../shared/memory/storage.ts';
import { receiveEvent } from '../../shared/usecases/receive-event.ts';

const SUB = '11111111-1111-4111-8111-111111111111';
const CLUSTERS = 50;
const SCOPE = {
  scope: { subscriptions: [SUB], managementGroups: [] },
  policy: async () => ({ policy: DEFAULT_POLICY, hash: 'h', source: 'built-in' }),
};
const KINDS = ['NodePoolRollingStarted', 'NodePoolRollingSucceeded', 'NodePoolRollingFailed'] as const;
const idOf = (at: number) => formatClusterId({ subscriptionId: SUB, resourceGroup: 'rg', name: `c${at}` });

/** A thousand events, each in its own second. */
const EVENTS = Array.from({ length: 1_000 }, (_, at) => ({
  topic: at % 3 === 0 ? idOf(at % CLUSTERS).toUpperCase() : idOf(at % CLUSTERS),
  subject: `c${at % CLUSTERS}`,
  eventType: `Microsoft.ContainerService.${KINDS[at % KINDS.length]}`,
  id: `e${at}`,
  data: { nodePoolName: 'kata' },
  dataVersion: '1',
  eventTime: new Date(Date.parse('2026-11-20T10:00:00Z') + at * 1000).toISOString(),
}));

/** The same numbers for the same seed, so that a failure can be repeated. */
function* chance(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    yield state / 4_294_967_296;
  }
}

function shuffled<T>(values: readonly T[], seed: number): readonly T[] {
  const random = chance(seed);
  return values
    .map((value) => ({ value, rank: random.next().value }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ value }) => value);
}

async function replay(events: readonly unknown[], secondsBetween: number) {
  const storage = createMemoryStorage();
  let now = Date.parse('2026-11-20T12:00:00Z');
  const deps = { ...storage, clock: () => new Date(now), settleSeconds: 15, ...SCOPE };
  const lastHeard = new Map<string, number>();
  for (const event of events) {
    await receiveEvent(deps, event);
    lastHeard.set(JSON.stringify(event), now);
    now += secondsBetween * 1000;
  }
  const notices = new Map<string, unknown>();
  for (let at = 0; at < CLUSTERS; at++) notices.set(idOf(at), await storage.events.notices(idOf(at)));
  const scans = storage.queued
    .filter(({ queue }) => queue === 'scans')
    .map(({ body, delaySeconds }) => ({ ...JSON.parse(body), delaySeconds }));
  return { notices, scans, lastHeard, storage };
}

describe('a storm of events', () => {
  it.each([1, 2, 3])('shuffled and duplicated (seed %i) leaves the state of an undisturbed run', async (seed) => {
    const calm = await replay(EVENTS, 0.1);
    const storm = await replay(shuffled([...EVENTS, ...EVENTS, ...EVENTS.slice(0, 200)], seed), 0.03);

    expect(storm.notices).toEqual(calm.notices);
    expect(new Set(storm.scans.map(({ clusterId }) => clusterId))).toEqual(new Set(calm.scans.map(({ clusterId }) => clusterId)));
  });

  it('causes few scans, and always one that starts after the last event of a cluster', async () => {
    const { scans, lastHeard } = await replay(EVENTS, 0.01);
    expect(scans.length).toBeLessThanOrEqual(2 * CLUSTERS);

    const heard = new Map<string, number>();
    for (const [event, at] of lastHeard) {
      const { topic } = JSON.parse(event);
      heard.set(topic.toLowerCase(), Math.max(heard.get(topic.toLowerCase()) ?? 0, at));
    }
    for (const [clusterId, at] of heard) {
      const starts = scans
        .filter((scan) => scan.clusterId === clusterId)
        .map(({ requestedAt, delaySeconds }) => Date.parse(requestedAt) + delaySeconds * 1000);
      expect(Math.max(...starts)).toBeGreaterThanOrEqual(at);
    }
  });

  it('with one event a hundred times causes one scan', async () => {
    const { scans } = await replay(
      Array.from({ length: 100 }, () => EVENTS[0]),
      1,
    );

    expect(scans).toHaveLength(1);
  });

  it('remembers an event only after its scan is queued: a failure in between costs a second scan, never a missed one', async () => {
    const storage = createMemoryStorage();
    const deps = { ...storage, clock: () => new Date('2026-11-20T12:00:00Z'), settleSeconds: 15, ...SCOPE };
    const failing = { ...deps, messages: { ...storage.messages, scan: () => Promise.reject(new Error('the queue is away')) } };

    await expect(receiveEvent(failing, EVENTS[0])).rejects.toThrow('the queue is away');
    await receiveEvent(deps, EVENTS[0]);
    expect(storage.queued).toHaveLength(1);
  });
});
