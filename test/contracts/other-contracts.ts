import { describe, expect, it } from 'vitest';
import { figuresOf, NONE_OPEN } from '../../shared/domain/findings/estate-figures.ts';
import type { EstateDay } from '../../shared/domain/findings/trend.ts';
import type { Exemption } from '../../shared/domain/policy/policy.ts';
import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import { noticeEnds } from '../../shared/domain/snapshot/notice.ts';
import type { AssessmentStore } from '../../shared/ports/assessment-store.ts';
import type { AuditStore } from '../../shared/ports/audit-store.ts';
import type { EventStore } from '../../shared/ports/event-store.ts';
import type { ExemptionStore } from '../../shared/ports/exemption-store.ts';
import type { Messages } from '../../shared/ports/messages.ts';
import type { OutboxStore } from '../../shared/ports/outbox-store.ts';
import type { ParkedStore } from '../../shared/ports/parked-store.ts';
import type { PublicationStore } from '../../shared/ports/publication-store.ts';
import type { TrendStore } from '../../shared/ports/trend-store.ts';
import { aSnapshot } from '../support/a-snapshot.ts';

const AT = '2026-11-20T10:00:00.000Z';
const LATER = '2026-11-20T11:00:00.000Z';
const CLUSTER =
  '/subscriptions/11111111-2222-4333-8444-555555555555/resourcegroups/rg/providers/microsoft.containerservice/managedclusters/c';

/** The contract of every store of audits. */
export function auditStoreContract(name: string, open: () => Promise<AuditStore>): void {
  const audit = (id: string, startedAt = AT) => ({ id, startedAt, cause: 'timer', subscriptions: ['s1', 's2'] }) as const;
  const cluster = (auditId: string, state: 'planned' | 'assessed') =>
    ({ auditId, clusterId: CLUSTER, at: AT, state, reasons: [], changed: 0 }) as const;

  describe(`audits kept in ${name}`, () => {
    it('return an audit with its parts, even when they are written twice and in any order', async () => {
      const store = await open();
      const outcome = { auditId: 'a', subscriptionId: 'S1', at: AT, outcome: { state: 'listed', clusters: 1 } } as const;
      await store.start(audit('a'));
      await store.recordCluster(cluster('a', 'assessed'));
      await store.recordSubscription(outcome);
      await store.recordSubscription(outcome);
      await store.recordCluster(cluster('a', 'planned'));

      expect(await store.get('a')).toEqual({ audit: audit('a'), subscriptions: [outcome], clusters: [cluster('a', 'assessed')] });
      expect(await store.get('b')).toBeUndefined();
    });

    it('list audits newest first, page by page', async () => {
      const store = await open();
      for (const [id, at] of [['x', AT] as const, ['z', LATER] as const, ['y', AT] as const]) await store.start(audit(id, at));
      const first = await store.list(2);
      const second = await store.list(2, first.next);

      expect([...first.value, ...second.value].map(({ id }) => id)).toEqual(['z', 'x', 'y']);
      expect(second.next).toBeUndefined();
    });

    it('say whether a cluster is still to be scanned, and keep the outcome of the audit', async () => {
      const store = await open();
      await store.start(audit('a'));
      expect(await store.isWaiting('a')).toBe(false);
      await store.recordCluster(cluster('a', 'planned'));
      expect(await store.isWaiting('a')).toBe(true);
      await store.recordCluster(cluster('a', 'assessed'));
      expect(await store.isWaiting('a')).toBe(false);
      const counts = { planned: 1, scanned: 1, notAssessed: 0, notListed: 0, changed: 0 };
      const end = { state: 'complete', endedAt: LATER, ...counts, figures: figuresOf([], DEFAULT_POLICY, new Date(AT)) } as const;
      await store.end(audit('a'), end);
      await store.end(audit('a'), end);

      expect((await store.list(10)).value).toEqual([{ ...audit('a'), end }]);
      expect((await store.get('a'))?.audit).toEqual(audit('a'));
    });

    it('prune old ones with their parts, and no newer one', async () => {
      const store = await open();
      await store.start(audit('old'));
      await store.recordCluster(cluster('old', 'assessed'));
      await store.start(audit('young', LATER));
      while ((await store.prune(LATER, 1)) > 0);

      expect((await store.list(10)).value.map(({ id }) => id)).toEqual(['young']);
      expect(await store.get('old')).toBeUndefined();
    });
  });
}

/** The contract of every store of the trend. */
export function trendStoreContract(name: string, open: () => Promise<TrendStore>): void {
  const day = (name: string, high = 1): EstateDay => ({ day: name, openBySeverity: { ...NONE_OPEN, high } });

  describe(`days kept in ${name}`, () => {
    it('are returned in order, including both ends, with the newest write of each', async () => {
      const store = await open();
      for (const one of [day('2026-11-03'), day('2026-11-01'), day('2026-11-02'), day('2026-11-02', 7), day('2026-11-04')])
        await store.put(one);

      expect(await store.list('2026-11-02', '2026-11-03')).toEqual([day('2026-11-02', 7), day('2026-11-03')]);
      expect(await store.list('2026-12-01', '2026-12-31')).toEqual([]);
    });

    it('are pruned before a day, and record that they were rebuilt', async () => {
      const store = await open();
      for (const name of ['2026-11-01', '2026-11-02', '2026-11-03']) await store.put(day(name));
      expect(await store.isRebuilt()).toBe(false);
      await store.rebuilt(AT);
      expect(await store.isRebuilt()).toBe(true);

      expect([await store.prune('2026-11-03T10:00:00.000Z', 1), await store.prune('2026-11-03T10:00:00.000Z', 9)]).toEqual([1, 1]);
      expect(await store.list('2026-01-01', '2026-12-31')).toEqual([day('2026-11-03')]);
      expect(await store.isRebuilt()).toBe(true);
    });
  });
}

/** The contract of every store of parked messages. */
export function parkedStoreContract(name: string, open: () => Promise<ParkedStore>): void {
  const message = (id: string) => ({ id, queue: 'scans', body: '{"x":1}', reason: 'why', parkedAt: AT, dequeueCount: 5 });

  describe(`messages parked in ${name}`, () => {
    it('are kept once, returned, and can be settled twice', async () => {
      const store = await open();
      await store.park(message('a'));
      await store.park({ ...message('a'), reason: 'again' });
      await store.park(message('b'));

      expect((await store.list(10)).value.map(({ id }) => id).sort()).toEqual(['a', 'b']);
      expect(await store.get('a')).toEqual(message('a'));
      const settled = { how: 'dropped', at: LATER, by: 'who' } as const;
      await store.settle('a', settled);
      await store.settle('a', { how: 'replayed', at: LATER });
      await store.settle('nothing', settled);
      expect(await store.get('a')).toBeUndefined();
      expect((await store.list(10)).value.map(({ id }) => id)).toEqual(['b']);
      expect((await store.listSettled(10)).value).toEqual([{ ...message('a'), settled }]);
    });

    it('are not parked again when the message of a settled one is delivered again', async () => {
      const store = await open();
      await store.park(message('a'));
      await store.settle('a', { how: 'replayed', at: AT });
      await store.park(message('a'));

      expect((await store.list(10)).value).toEqual([]);
      expect((await store.listSettled(10)).value).toHaveLength(1);
    });

    it('are deleted long after they were settled, within a limit, and never while they wait', async () => {
      const store = await open();
      for (const id of ['a', 'b', 'c', 'd']) await store.park(message(id));
      for (const id of ['a', 'b']) await store.settle(id, { how: 'dropped', at: AT });
      await store.settle('c', { how: 'dropped', at: LATER });

      expect([await store.prune(LATER, 1), await store.prune(LATER, 5), await store.prune(LATER, 5)]).toEqual([1, 1, 0]);
      expect((await store.listSettled(10)).value.map(({ id }) => id)).toEqual(['c']);
      expect((await store.list(10)).value.map(({ id }) => id)).toEqual(['d']);
    });

    it('may contain any text, and an id never reaches another row', async () => {
      const store = await open();
      const body = '\u0000\u202e"\'{}</script>'.repeat(1_000);
      await store.park({ ...message('hostile'), body });

      expect((await store.get('hostile'))?.body).toBe(body);
      expect(await store.get("x' or true or '")).toBeUndefined();
    });
  });
}

/** The contract of every event store. */
export function eventStoreContract(name: string, open: () => Promise<EventStore>): void {
  describe(`events remembered in ${name}`, () => {
    it('are known once they are remembered, whatever their id', async () => {
      const store = await open();
      const id = "an/id with ' and # \u202e";
      expect(await store.isRemembered(id)).toBe(false);
      await store.remember(id, AT);
      await store.remember(id, LATER);

      expect(await store.isRemembered(id)).toBe(true);
      expect(await store.isRemembered('another')).toBe(false);
    });

    it('are claimed correctly when events read the clock one after another, and when the clocks of instances differ slightly', async () => {
      const store = await open();
      await store.tryClaim('k', 'one', '2026-11-20T10:01:00.000Z', AT);

      expect(await store.tryClaim('k', 'two', '2026-11-20T10:00:59.999Z', AT)).toBe(false);
      expect(await store.tryClaim('k', 'three', AT, '2026-11-20T09:59:45.000Z')).toBe(false);
      expect(await store.tryClaim('k', 'four', '2026-11-20T09:59:59.999Z', '2026-11-20T09:59:44.999Z')).toBe(true);
    });

    it('are claimed again after the clock was moved back, because the earlier claim would last too long', async () => {
      const store = await open();
      await store.tryClaim('k', 'one', '2026-11-20T11:00:15.000Z', LATER);

      expect(await store.tryClaim('k', 'two', '2026-11-20T10:00:15.000Z', AT)).toBe(true);
      expect(await store.tryClaim('k', 'three', '2026-11-20T10:00:16.000Z', '2026-11-20T10:00:01.000Z')).toBe(false);
    });

    it('are claimed by one owner until the claim ends', async () => {
      const store = await open();
      const until = '2026-11-20T10:00:15.000Z';
      expect(await store.tryClaim('k', 'one', until, AT)).toBe(true);
      expect(await store.tryClaim('k', 'two', until, '2026-11-20T10:00:14.999Z')).toBe(false);
      expect(await store.tryClaim('k', 'one', until, AT)).toBe(true);
      expect(await store.tryClaim('other', 'two', until, AT)).toBe(true);
      expect(await store.tryClaim('k', 'two', LATER, until)).toBe(true);
      expect(await store.tryClaim('k', 'one', LATER, until)).toBe(false);
    });

    it('give the claim to exactly one of many concurrent owners', async () => {
      const store = await open();
      const outcomes = await Promise.all(Array.from({ length: 8 }, (_, at) => store.tryClaim('k', `owner-${at}`, LATER, AT)));

      expect(outcomes.filter(Boolean)).toHaveLength(1);
    });

    it('keep the newest notice of each matter and pool, in any order of arrival', async () => {
      const store = await open();
      const notice = (kind: 'rolling-started' | 'rolling-succeeded', at: string, nodePool = 'kata') =>
        ({ matter: 'rolling', kind, at, nodePool }) as const;
      await store.note(CLUSTER, notice('rolling-succeeded', LATER), LATER);
      await store.note(CLUSTER, notice('rolling-started', AT), LATER);
      await store.note(CLUSTER, notice('rolling-started', AT, 'other'), LATER);
      await store.note(CLUSTER, { matter: 'support', kind: 'support-ended', at: AT }, LATER);
      const kinds = (await store.notices(CLUSTER.toUpperCase())).map(({ kind, nodePool }) => `${nodePool ?? '-'} ${kind}`).sort();

      expect(kinds).toEqual(['- support-ended', 'kata rolling-succeeded', 'other rolling-started']);
      expect(await store.notices(`${CLUSTER}2`)).toEqual([]);
    });

    it('forget old events, and notices that have expired', async () => {
      const store = await open();
      await store.remember('old', AT);
      await store.remember('young', LATER);
      const notice = { matter: 'support', kind: 'support-ended', at: AT } as const;
      await store.note(CLUSTER, notice, LATER);
      while ((await store.prune(LATER, 1)) > 0);

      expect([await store.isRemembered('old'), await store.isRemembered('young')]).toEqual([false, true]);
      expect(await store.notices(CLUSTER)).toHaveLength(1);

      while ((await store.prune(new Date(Date.parse(noticeEnds(notice)) + 1).toISOString(), 1)) > 0);
      expect(await store.notices(CLUSTER)).toEqual([]);
    });

    it('forget at most as many things at once as they are asked to, and nothing that has not expired', async () => {
      const store = await open();
      for (const id of ['a', 'b', 'c']) await store.remember(id, AT);
      for (const key of ['k', 'l']) await store.tryClaim(key, 'o', AT, '2026-11-20T09:59:00.000Z');
      for (const nodePool of ['m', 'n']) await store.note(CLUSTER, { matter: 'rolling', kind: 'rolling-failed', nodePool, at: AT }, AT);
      expect(await store.prune(AT, 9)).toBe(0);
      const counts: number[] = [];
      while (counts.at(-1) !== 0) counts.push(await store.prune('2030-01-01T00:00:00.000Z', 2));
      expect(counts).toEqual([2, 2, 2, 1, 0]);
      expect(await store.tryClaim('k', 'other', AT, '2026-11-20T09:59:00.000Z')).toBe(true);
    });

    it('drop the notices of a deleted cluster, and no later ones', async () => {
      const store = await open();
      await store.note(CLUSTER, { matter: 'rolling', kind: 'rolling-failed', nodePool: 'a', at: AT }, LATER);
      await store.note(CLUSTER, { matter: 'rolling', kind: 'rolling-failed', nodePool: 'b', at: LATER }, LATER);
      await store.note(`${CLUSTER}2`, { matter: 'rolling', kind: 'rolling-failed', nodePool: 'a', at: AT }, LATER);
      await store.dropNotices(CLUSTER, AT);
      await store.dropNotices(CLUSTER, AT);

      expect((await store.notices(CLUSTER)).map(({ nodePool }) => nodePool)).toEqual(['b']);
      expect(await store.notices(`${CLUSTER}2`)).toHaveLength(1);
    });

    it('grant an expired claim to one of those who ask at the same time', async () => {
      const store = await open();
      const EARLY = '2026-11-20T09:00:00.000Z';
      expect(await store.tryClaim('k', 'first', EARLY, '2026-11-20T08:59:00.000Z')).toBe(true);
      const granted = await Promise.all(['a', 'b', 'c'].map((owner) => store.tryClaim('k', owner, LATER, AT)));
      expect(granted.filter(Boolean)).toHaveLength(1);
    });

    it('remember the newest of notices that come at the same time', async () => {
      const store = await open();
      const notice = (kind: 'rolling-started' | 'rolling-succeeded' | 'rolling-failed', at: string) =>
        store.note(CLUSTER, { matter: 'rolling', kind, nodePool: 'a', at }, LATER);
      await notice('rolling-started', AT);
      await Promise.all([
        notice('rolling-failed', '2026-11-20T10:01:00.000Z'),
        notice('rolling-succeeded', '2026-11-20T10:02:00.000Z'),
        notice('rolling-started', '2026-11-20T10:00:30.000Z'),
      ]);
      expect((await store.notices(CLUSTER)).map(({ kind }) => kind)).toEqual(['rolling-succeeded']);
    });

    it('never let a notice dated by a wrong clock block later ones', async () => {
      const store = await open();
      await store.note(CLUSTER, { matter: 'rolling', kind: 'rolling-started', nodePool: 'a', at: '2030-01-01T00:00:00.000Z' }, LATER);
      await store.note(CLUSTER, { matter: 'rolling', kind: 'rolling-succeeded', nodePool: 'a', at: LATER }, LATER);

      expect((await store.notices(CLUSTER)).map(({ kind }) => kind)).toEqual(['rolling-succeeded']);
    });
  });
}

/** The contract of every store of exemptions. */
export function exemptionStoreContract(name: string, open: () => Promise<ExemptionStore>): void {
  const exemption = (id: string, reason = 'because'): Exemption => ({
    id,
    rule: 'workload-sandboxed',
    category: 'waiver',
    reason,
    approvedBy: 'security',
    expiresOn: LATER,
  });

  describe(`exemptions kept in ${name}`, () => {
    it('are written, changed and deleted only from the stored version', async () => {
      const store = await open();
      const first = await store.put({ exemption: exemption('a'), updatedAt: AT }, undefined);
      if (first === 'conflict') throw new Error('The first write met a conflict.');
      expect(await store.put({ exemption: exemption('a', 'again'), updatedAt: AT }, undefined)).toBe('conflict');
      expect(await store.put({ exemption: exemption('a', 'again'), updatedAt: AT }, 'W/"other"')).toBe('conflict');
      const second = await store.put({ exemption: exemption('a', 'new'), updatedAt: LATER, updatedBy: 'oid' }, first.version);
      if (second === 'conflict') throw new Error('The second write met a conflict.');

      expect(await store.get('a')).toEqual(second);
      expect(second).toMatchObject({ exemption: { reason: 'new' }, updatedBy: 'oid' });
      expect(await store.delete('a', first.version)).toBe('conflict');
      expect(await store.delete('a', second.version)).toBe('deleted');
      expect(await store.delete('a', second.version)).toBe('conflict');
      expect(await store.list()).toEqual([]);
    });

    it('are listed in order of their ids', async () => {
      const store = await open();
      for (const id of ['c', 'a', 'b']) await store.put({ exemption: exemption(id), updatedAt: AT }, undefined);

      expect((await store.list()).map((held) => held.exemption.id)).toEqual(['a', 'b', 'c']);
    });
  });
}

/** The contract of every store of assessments. */
export function assessmentStoreContract(name: string, open: () => Promise<AssessmentStore>): void {
  const assessment = (observedAt: string) => ({ snapshot: aSnapshot({ observedAt }), runs: [], policyHash: 'f'.repeat(64) });

  describe(`assessments kept in ${name}`, () => {
    it('are the newest of each cluster, in any order of arrival', async () => {
      const store = await open();
      const { id } = aSnapshot().cluster;
      expect(await store.get(id)).toBeUndefined();
      await store.put(assessment(LATER));
      await store.put(assessment(AT));

      expect(await store.get(id.toUpperCase())).toEqual(assessment(LATER));
      await Promise.all([assessment('2026-11-22T00:00:00.000Z'), assessment('2026-11-21T00:00:00.000Z')].map((one) => store.put(one)));
      expect((await store.get(id))?.snapshot.observedAt).toBe('2026-11-22T00:00:00.000Z');
    });

    it('are ordered by the time of recording when it is later than the scan', async () => {
      const store = await open();
      const { id } = aSnapshot().cluster;
      await store.put(assessment(LATER));
      await store.put(assessment(AT), LATER);
      expect(await store.get(id)).toEqual(assessment(AT));
      await store.put(assessment(AT));
      expect(await store.get(id)).toEqual(assessment(AT));
      await store.put(assessment(LATER), AT);
      expect(await store.get(id)).toEqual(assessment(AT));
    });
  });
}

/** The contract of every set of work queues. */
export function messagesContract(name: string, open: () => Promise<Messages>): void {
  describe(`work queues in ${name}`, () => {
    it('refuse an unknown queue, and a message that is too large for a queue', async () => {
      const messages = await open();
      const long = { clusterId: CLUSTER, cause: 'x'.repeat(60_000), requestedAt: AT };

      await expect(messages.raw('elsewhere', '{}')).rejects.toMatchObject({ code: 'malformed' });
      await expect(messages.scan(long)).rejects.toMatchObject({ code: 'too-large' });
      await messages.scan({ ...long, cause: 'audit' }, 5);
      await messages.inventory({ auditId: 'a', subscriptionId: 's' });
      await messages.raw('scans', '{}');
    });
  });
}

/** The contract of every outbox. */
export function outboxStoreContract(name: string, open: () => Promise<OutboxStore>): void {
  const pending = (cause: string, at = AT) => ({ clusterId: CLUSTER, cause, at });

  describe(`an outbox kept in ${name}`, () => {
    it('keeps a notification until it is delivered, separately for each target, whatever its cause contains', async () => {
      const outbox = await open();
      const odd = pending('event:a/b\\c#d?e\n');
      for (const one of [pending('audit-1'), odd, odd]) await outbox.add('on-call', one);
      await outbox.add('siem', odd);
      expect(new Set(await outbox.list('on-call', 10))).toEqual(new Set([pending('audit-1'), odd]));
      expect(await outbox.list('on-call', 1)).toHaveLength(1);

      await outbox.remove('on-call', [odd, odd, pending('never there')]);
      expect([await outbox.list('on-call', 10), await outbox.list('siem', 10)]).toEqual([[pending('audit-1')], [odd]]);
    });

    it('keeps a notification that was added again after it was read', async () => {
      const outbox = await open();
      await outbox.add('on-call', pending('audit-1'));
      const read = await outbox.list('on-call', 10);
      await outbox.add('on-call', pending('audit-1', LATER));
      await outbox.remove('on-call', read);
      expect(await outbox.list('on-call', 10)).toEqual([pending('audit-1', LATER)]);
    });
  });
}

/** The contract of every store of publications. */
export function publicationStoreContract(name: string, open: () => Promise<PublicationStore>): void {
  const item = (digest: string) => ({ digest, at: AT, state: 'there' as const });
  const ofCluster = { service: 'defender' as const, scope: CLUSTER, items: { a: item('1') } };
  const subscriptionId = CLUSTER.split('/')[2] ?? '';
  const ofSubscription = {
    service: 'defender' as const,
    scope: `/subscriptions/${subscriptionId}`,
    items: {},
    lastSuccessAt: AT,
    problem: { code: 'denied' as const, message: 'No.' },
  };

  describe(`publications kept in ${name}`, () => {
    it('are written and forgotten only by a caller that read their newest version', async () => {
      const store = await open();
      const first = await store.put(ofCluster, undefined);
      expect(first).toBeDefined();
      expect(await store.put(ofCluster, undefined)).toBeUndefined();
      const changed = { ...ofCluster, items: { a: item('2'), b: { ...item(''), state: 'unsure' as const } } };
      const second = await store.put(changed, first);
      expect(await store.put(ofCluster, first)).toBeUndefined();
      expect(await store.get('defender', CLUSTER.toUpperCase())).toEqual({ published: changed, version: second });
      expect(await store.forget('defender', CLUSTER, first ?? '')).toBe(false);
      expect(await store.forget('defender', CLUSTER, second ?? '')).toBe(true);
      expect(await store.get('defender', CLUSTER)).toBeUndefined();
      expect(await store.put(changed, second)).toBeUndefined();
    });

    it('are listed by service, and by subscription with its clusters', async () => {
      const store = await open();
      const other = { ...ofCluster, scope: '/subscriptions/99999999-0000-4000-8000-000000000009' };
      const attested = { ...ofCluster, service: 'attestations' as const };
      for (const one of [ofCluster, ofSubscription, other, attested]) await store.put(one, undefined);
      expect(await store.list('defender')).toHaveLength(3);
      const listed = await store.list('defender', subscriptionId.toUpperCase());
      expect(listed.map(({ scope }) => scope).sort()).toEqual([ofSubscription.scope, CLUSTER].sort());
      expect(listed.find(({ scope }) => scope === ofSubscription.scope)).toEqual(ofSubscription);
      expect(await store.list('attestations')).toEqual([attested]);
    });

    it('record the planned round of each service', async () => {
      const store = await open();
      expect(await store.round('defender')).toBeUndefined();
      await store.setRound('defender', 'on a1');
      await store.setRound('defender', 'on a2');
      expect([await store.round('defender'), await store.round('attestations')]).toEqual(['on a2', undefined]);
      expect(await store.list('defender')).toEqual([]);
    });
  });
}
