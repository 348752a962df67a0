import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ClusterSummary } from '../../../shared/domain/findings/summary.ts';
import { Fault, type FaultCode } from '../../../shared/domain/snapshot/fault.ts';
import { formatClusterId } from '../../../shared/domain/snapshot/resource-id.ts';
import { createMemoryStorage } from '../../../shared/memory/storage.ts';
import type { PublishedItem } from '../../../shared/ports/publication-store.ts';
import { planPublications, publish } from '../../../shared/usecases/publish/publish.ts';
import type { Publisher } from '../../../shared/usecases/publish/publisher.ts';
import { publishingStatus } from '../../../shared/usecases/publish/publishing-status.ts';
import { anEstate, aSummary, clusterIdOf, NOW, SUBSCRIPTION } from '../../http/estate.ts';

const OTHER = 'abcdefab-2222-4333-8444-555555555555';
const ELSEWHERE = formatClusterId({ subscriptionId: OTHER, resourceGroup: 'rg', name: 'x' });
const [A = '', B = '', GONE = ''] = ['a', 'b', 'gone'].map(clusterIdOf);
const scopeOf = (subscription: string) => `/subscriptions/${subscription}`;
const ITEM: PublishedItem = { digest: 'd', at: NOW, state: 'there' };
const BLOCKED = { code: 'unsupported', message: 'No key.' } as const;
const signal = new AbortController().signal;

/** Two clusters in the estate and a deleted one, and a service with one resource for each and for their subscription. */
const ESTATE: readonly ClusterSummary[] = [aSummary('b', []), aSummary('a', []), aSummary('gone', [], { status: 'deleted' })];

function aWorld(over: Partial<Publisher> = {}, fault?: Fault, summaries = ESTATE) {
  const { publications: held, messages, queued } = createMemoryStorage();
  // Like a real store it has not written yet when its call returns: what is not awaited is not there.
  const put: typeof held.put = (...record) => setImmediate().then(() => held.put(...record));
  const publications = { ...held, put };
  const asked: unknown[] = [];
  const say = async () => {
    if (fault !== undefined) throw fault;
  };
  const said = (isSaid: boolean) => ({ sayings: isSaid ? [{ name: 'n', digest: 'd', say }] : [], takeBack: async () => 'gone' as const });
  const publisher: Publisher = {
    service: 'defender',
    mode: 'on',
    newest: async () => 'audit-1',
    ofSubscription: async (id, hasClusters) => {
      asked.push([id, hasClusters]);
      return said(hasClusters);
    },
    ofCluster: async (id, isPresent, subscription) => {
      asked.push([id, isPresent, subscription?.scope]);
      return said(isPresent);
    },
    ...over,
  };
  const { findings } = anEstate({ summaries });
  const deps = { publishers: [publisher], publications, findings, messages, clock: () => new Date(NOW) };
  const remember = (scope: string, item: Partial<PublishedItem> = {}) =>
    publications.put({ service: 'defender', scope, items: { n: { ...ITEM, ...item } } }, undefined);
  return {
    deps,
    publications,
    asked,
    remember,
    plan: () => planPublications(deps),
    tell: (of: { readonly subscriptionId: string } | { readonly clusterId: string }, lastTry = true) =>
      publish(deps, { service: 'defender', ...of }, lastTry, signal),
    sent: () => queued.map(({ body }) => JSON.parse(body)),
  };
}

describe('publishing the newest audit to a service', () => {
  it('is planned once, with a message for each subscription that has clusters or published resources', async () => {
    const { plan, sent, remember } = aWorld();
    await remember(scopeOf(OTHER));
    await remember(ELSEWHERE);
    await remember(GONE);
    expect(await plan()).toEqual(['defender: on audit-1 queued for 2 subscriptions.']);
    expect(sent()).toEqual([SUBSCRIPTION, OTHER].map((subscriptionId) => ({ service: 'defender', subscriptionId })));
    expect(await plan()).toEqual(['defender: on audit-1 was queued already.']);
    expect(sent()).toHaveLength(2);
  });

  it('is planned again after a crash half-way, because the round is recorded last', async () => {
    const { deps, plan, sent } = aWorld();
    const away = { publication: () => Promise.reject(new Error('away')) };
    await expect(planPublications({ ...deps, messages: away })).rejects.toThrow('away');
    await plan();
    expect(sent()).toHaveLength(1);
  });

  it.each<[string, Partial<Publisher>, readonly string[], number]>([
    ['is off', { mode: 'off' }, [], 0],
    ['misses something', { blockedBy: BLOCKED }, ['defender: nothing is published. No key.'], 0],
    ['has no audit to publish', { newest: async () => undefined }, ['defender: there is no audit to publish yet.'], 0],
    ['is to be withdrawn', { mode: 'withdraw' }, ['defender: withdraw audit-1 queued for 1 subscriptions.'], 1],
    [
      'is to be withdrawn, whatever is missing',
      { mode: 'withdraw', blockedBy: BLOCKED, newest: async () => undefined },
      ['defender: withdraw queued for 1 subscriptions.'],
      1,
    ],
  ])('that %s is planned correctly', async (_, over, lines, count) => {
    const { plan, sent, remember } = aWorld(over);
    await remember(scopeOf(OTHER));
    expect(await plan()).toEqual(lines);
    expect(sent()).toEqual(count === 0 ? [] : [{ service: 'defender', subscriptionId: OTHER }]);
  });
});

describe('a message about a subscription', () => {
  it('publishes it first, and then queues its clusters and those with published resources', async () => {
    const { tell, sent, asked } = aWorld();
    expect(await tell({ subscriptionId: SUBSCRIPTION })).toContain(': 1 written, 0 taken back');
    expect(asked).toEqual([[SUBSCRIPTION, true]]);
    expect(sent()).toEqual([A, B].map((clusterId) => ({ service: 'defender', clusterId })));
  });

  it('queues clusters that are gone and of which something was told', async () => {
    const { tell, sent, remember } = aWorld();
    await remember(GONE);
    await tell({ subscriptionId: SUBSCRIPTION });
    expect(sent()).toContainEqual({ service: 'defender', clusterId: GONE });
  });

  it('is of the same subscription in any letters', async () => {
    const summaries = [
      aSummary('x', [], { cluster: { ...aSummary('x', []).cluster, id: ELSEWHERE, subscriptionId: OTHER.toUpperCase() } }),
    ];
    const { deps, tell, sent, asked, publications } = aWorld({}, undefined, summaries);
    await planPublications(deps);
    await tell({ subscriptionId: OTHER.toUpperCase() });
    await tell({ subscriptionId: OTHER });
    await tell({ clusterId: ELSEWHERE.toUpperCase() });
    expect(sent().slice(0, 2)).toEqual([
      { service: 'defender', subscriptionId: OTHER },
      { service: 'defender', clusterId: ELSEWHERE },
    ]);
    expect(asked.at(-1)).toEqual([ELSEWHERE.toUpperCase(), true, scopeOf(OTHER)]);
    expect((await publications.list('defender')).map(({ scope }) => scope)).toEqual([scopeOf(OTHER), ELSEWHERE]);
  });

  it.each<[string, string, Publisher['mode']]>([
    ['no longer has a cluster', OTHER, 'on'],
    ['is to be withdrawn', SUBSCRIPTION, 'withdraw'],
  ])('that %s withdraws what was published', async (_, subscriptionId, mode) => {
    const { tell, sent, asked, remember, publications } = aWorld({ mode });
    await remember(scopeOf(subscriptionId));
    expect(await tell({ subscriptionId })).toBe(`/subscriptions/${subscriptionId}: 0 written, 1 taken back`);
    expect([asked, sent(), await publications.list('defender')]).toEqual([[[subscriptionId, false]], [], []]);
  });

  it('publishes once, however much time passes', async () => {
    const { tell, remember } = aWorld();
    await remember(scopeOf(SUBSCRIPTION), { at: '2020-01-01T00:00:00.000Z' });
    expect(await tell({ subscriptionId: SUBSCRIPTION })).toContain(': 0 written');
  });

  it.each<[string, Partial<Publisher>]>([
    ['off', { mode: 'off' }],
    ['unknown', { service: 'attestations' }],
  ])('of a service that is %s does nothing', async (_, over) => {
    const { tell, asked } = aWorld(over);
    expect([await tell({ subscriptionId: SUBSCRIPTION }), asked]).toEqual(['defender is off: nothing is published.', []]);
  });
});

describe('a message about a cluster', () => {
  it.each<[string, string, Publisher['mode'], boolean]>([
    ['in the estate', A, 'on', true],
    ['that is deleted', GONE, 'on', false],
    ['of a service that is withdrawn', A, 'withdraw', false],
    ['never seen', clusterIdOf('nobody'), 'on', false],
  ])('%s passes on whether it still exists, and the state of its subscription', async (_, clusterId, mode, isPresent) => {
    const { tell, asked, remember } = aWorld({ mode });
    await remember(scopeOf(SUBSCRIPTION));
    expect(await tell({ clusterId })).toBe(`${clusterId}: ${isPresent ? 1 : 0} written, 0 taken back`);
    expect(asked).toEqual([[clusterId, isPresent, scopeOf(SUBSCRIPTION)]]);
  });

  it.each([
    ['the usual day', {}, 1],
    ['the interval of its service', { renewAfterMs: Number.POSITIVE_INFINITY }, 0],
  ])('writes old resources again after %s', async (_, over, written) => {
    const { tell, remember } = aWorld(over);
    await remember(A, { at: '2020-01-01T00:00:00.000Z' });
    expect(await tell({ clusterId: A })).toContain(`: ${written} written`);
  });

  it.each<[FaultCode, boolean]>([
    ['not-found', true],
    ['unsupported', true],
    ['denied', false],
    ['throttled', false],
  ])('that is refused as %s marks the resources of the subscription as unsure: %s', async (code, inDoubt) => {
    const { tell, remember, publications } = aWorld({}, new Fault(code, 'No.'));
    await remember(scopeOf(SUBSCRIPTION));
    expect(await tell({ clusterId: A })).toBe(`${A}: 0 written, 0 taken back; incomplete: No.`);
    const held = await publications.get('defender', scopeOf(SUBSCRIPTION));
    expect(held?.published.items).toEqual({ n: inDoubt ? { ...ITEM, digest: '' } : ITEM });
  });

  it('is retried while attempts remain', async () => {
    await expect(aWorld({}, new Fault('throttled', '429')).tell({ clusterId: A }, false)).rejects.toMatchObject({ code: 'throttled' });
  });
});

describe('the status of a service', () => {
  const record = (scope: string, over: object) => ({ service: 'defender', scope, items: { n: ITEM }, ...over }) as const;
  const status = async (mode: Publisher['mode'], over: Partial<Publisher> = {}) => {
    const { deps, publications } = aWorld({ mode, ...over });
    await publications.put(record(scopeOf(SUBSCRIPTION), { items: {}, lastSuccessAt: '2026-11-23T00:00:00.000Z' }), undefined);
    await publications.put(
      record(B, { lastSuccessAt: '2026-11-22T00:00:00.000Z', problem: { code: 'denied', message: 'No.' } }),
      undefined,
    );
    await publications.put(record(scopeOf(OTHER), { items: { n: { ...ITEM, state: 'left' }, m: ITEM } }), undefined);
    return publishingStatus(deps.publishers, publications);
  };
  const common = { service: 'defender', lastSuccessAt: '2026-11-23T00:00:00.000Z', failures: 1 };

  it.each<[Publisher['mode'], number]>([
    ['on', 1],
    ['withdraw', 3],
    ['off', 3],
  ])('that is %s contains its newest success, its failures and what it left behind', async (mode, leftBehind) => {
    expect(await status(mode)).toEqual([{ ...common, mode, problem: { code: 'denied', message: 'No.' }, leftBehind }]);
  });

  it('reports first what is missing for publishing, when it is on', async () => {
    expect((await status('on', { blockedBy: BLOCKED }))[0]?.problem).toEqual(BLOCKED);
    expect((await status('withdraw', { blockedBy: BLOCKED }))[0]?.problem?.code).toBe('denied');
  });

  it('that is on and has published nothing is included; one that is off and left nothing is not', async () => {
    const of = (mode: Publisher['mode']) => publishingStatus(aWorld({ mode }).deps.publishers, createMemoryStorage().publications);
    expect([await of('on'), await of('off')]).toEqual([[{ service: 'defender', mode: 'on', failures: 0, leftBehind: 0 }], []]);
  });
});
