import { describe, expect, it } from 'vitest';
import { changedBy } from '../../shared/domain/findings/cause-counts.ts';
import type { Finding, HistoryEntry } from '../../shared/domain/findings/finding.ts';
import { type FindingStore, NOTHING_HELD } from '../../shared/ports/finding-store.ts';
import { aFinding, aSummary, clusterIdOf } from '../http/estate.ts';

const T1 = '2026-11-20T10:00:00.000Z';
const T2 = '2026-11-21T10:00:00.000Z';

const line = (finding: Finding, at: string, kind: HistoryEntry['kind'] = 'opened'): HistoryEntry => ({
  findingId: finding.id,
  clusterId: finding.clusterId,
  ruleId: finding.ruleId,
  at,
  kind,
  cause: 'audit-1',
  severity: finding.severity,
  message: finding.message,
});

/** The contract of every store of findings; `open` returns an empty one. */
export function findingStoreContract(name: string, open: () => Promise<FindingStore>): void {
  const put = async (
    store: FindingStore,
    cluster: string,
    findings: readonly Finding[],
    history: readonly HistoryEntry[] = [],
    { at = T1, tags = {} }: { readonly at?: string; readonly tags?: Readonly<Record<string, string>> } = {},
  ) => {
    const basedOn = await store.ofCluster(clusterIdOf(cluster));
    const plain = aSummary(cluster, findings, { observedAt: at });
    const summary = { ...plain, cluster: { ...plain.cluster, tags } };
    return store.write({ clusterId: clusterIdOf(cluster), findings, history, summary, basedOn });
  };
  const walk = async (store: FindingStore, filter: Parameters<FindingStore['list']>[0], top: number) => {
    const ids: string[] = [];
    let after: string | undefined;
    do {
      const page = await store.list(filter, top, after);
      ids.push(...page.value.map(({ id }) => id));
      after = page.next;
    } while (after !== undefined);
    return ids;
  };

  describe(`findings kept in ${name}`, () => {
    it('are empty for a cluster that was never written', async () => {
      const store = await open();

      expect(await store.ofCluster(clusterIdOf('nobody'))).toEqual(NOTHING_HELD);
      expect(await store.get(aFinding({ clusterName: 'nobody' }).id)).toBeUndefined();
      expect(await store.cluster(clusterIdOf('nobody'))).toBeUndefined();
    });

    it('return what was written, by cluster and by id, whatever the case of the cluster id', async () => {
      const store = await open();
      const finding = aFinding({ clusterName: 'back', facts: { text: 'ünïcode \u202e', list: ['a', 'b'], yes: true, n: 3 } });
      expect(await put(store, 'back', [finding])).toBe('written');

      const held = await store.ofCluster(clusterIdOf('back').toUpperCase());
      expect(held.findings).toEqual([finding]);
      expect(held.summary).toMatchObject({ cluster: { name: 'back' }, openBySeverity: { high: 1 } });
      expect(await store.get(finding.id)).toEqual(finding);
      expect(await store.cluster(clusterIdOf('back'))).toEqual(held.summary);
    });

    it('keep the newest scan, also when it finds and changes nothing', async () => {
      const store = await open();
      for (const at of [T1, T2]) {
        expect(await put(store, 'calm', [], [], { at })).toBe('written');
        expect((await store.ofCluster(clusterIdOf('calm'))).summary?.observedAt).toBe(at);
        expect((await store.cluster(clusterIdOf('calm')))?.observedAt).toBe(at);
      }
    });

    it('keep a finding that a write does not mention', async () => {
      const store = await open();
      const [one, two] = ['a', 'b'].map((pool) => aFinding({ clusterName: 'leave', subject: { kind: 'node-pool', name: pool } }));
      await put(store, 'leave', [one ?? expect.unreachable()]);
      await put(store, 'leave', [two ?? expect.unreachable()]);

      expect((await store.ofCluster(clusterIdOf('leave'))).findings).toHaveLength(2);
    });

    it('refuse a write that is based on an older state, and change nothing', async () => {
      const store = await open();
      const finding = aFinding({ clusterName: 'race' });
      const before = await store.ofCluster(clusterIdOf('race'));
      await put(store, 'race', [finding]);
      const late = { ...finding, message: 'late' };
      const write = { clusterId: clusterIdOf('race'), findings: [late], history: [line(late, T2)], summary: aSummary('race', [late]) };

      expect(await store.write({ ...write, basedOn: before })).toBe('conflict');
      expect(await store.write({ ...write, basedOn: { ...before, version: 'no such version' } })).toBe('conflict');
      expect(await store.get(finding.id)).toEqual(finding);
      expect((await store.list({ cluster: ['race'] }, 10)).value).toEqual([finding]);
      expect((await store.history(finding.id, 10)).value).toEqual([]);
    });

    it('record the newest observation, and the number of changes of each cause', async () => {
      const store = await open();
      const finding = aFinding({ clusterName: 'causes' });
      const write = async (cause: string, observedAt: string, history: readonly HistoryEntry[]) => {
        const basedOn = await store.ofCluster(clusterIdOf('causes'));
        const summary = aSummary('causes', [finding], { cause, observedAt });
        await store.write({ clusterId: clusterIdOf('causes'), findings: [finding], history, summary, basedOn });
      };
      await write('audit-1', T1, [line(finding, T1)]);
      await write('event:e', T1, []);
      await write('audit-1', T2, [line(finding, T2, 'changed')]);
      const held = await store.ofCluster(clusterIdOf('causes'));

      expect(held.observedAt).toBe(T2);
      expect([changedBy(held.changedBy, 'audit-1'), changedBy(held.changedBy, 'event:e'), changedBy(held.changedBy, 'other')]).toEqual([
        2, 0, 0,
      ]);
    });

    it('accept exactly one of two concurrent writers', async () => {
      const store = await open();
      const basedOn = await store.ofCluster(clusterIdOf('two'));
      const outcomes = await Promise.all(
        ['a', 'b', 'c', 'd'].map((pool) => {
          const finding = aFinding({ clusterName: 'two', subject: { kind: 'node-pool', name: pool } });
          return store.write({
            clusterId: clusterIdOf('two'),
            findings: [finding],
            history: [],
            summary: aSummary('two', [finding]),
            basedOn,
          });
        }),
      );

      expect(outcomes.filter((outcome) => outcome === 'written')).toHaveLength(1);
      expect((await store.ofCluster(clusterIdOf('two'))).findings).toHaveLength(1);
    });

    it('accept more findings than fit into one transaction', async () => {
      const store = await open();
      const many = Array.from({ length: 333 }, (_, at) => aFinding({ clusterName: 'many', subject: { kind: 'node', name: `n${at}` } }));

      expect(await put(store, 'many', many)).toBe('written');
      expect((await store.ofCluster(clusterIdOf('many'))).findings).toHaveLength(333);
      expect(new Set(await walk(store, { cluster: ['many'] }, 50))).toEqual(new Set(many.map(({ id }) => id)));
    });

    it('list each finding once, page by page, with any page size', async () => {
      const store = await open();
      const findings = ['a', 'b', 'c'].flatMap((cluster) =>
        ['p', 'q', 'r'].map((pool) => aFinding({ clusterName: cluster, subject: { kind: 'node-pool', name: pool } })),
      );
      for (const cluster of ['a', 'b', 'c']) {
        await put(
          store,
          cluster,
          findings.filter(({ clusterName }) => clusterName === cluster),
        );
      }
      const ids = findings.map(({ id }) => id).sort();
      for (const top of [1, 2, 4, 9, 10]) expect(await walk(store, {}, top)).toEqual(ids);
    });

    it.each([
      ['status', { status: ['open'] as const }, 2],
      ['severity', { severity: ['critical'] as const }, 1],
      ['rule', { rule: ['workload-sandboxed'] }, 1],
      ['subscription, in any case', { subscription: ['11111111-2222-4333-8444-555555555555'.toUpperCase()] }, 3],
      ['another subscription', { subscription: ['99999999-2222-4333-8444-555555555555'] }, 0],
      ['cluster name, in any case', { cluster: ['FILTER'] }, 3],
      ['cluster id', { cluster: [clusterIdOf('filter')] }, 3],
      ['node pool', { nodePool: ['kata', 'other'] }, 1],
      ['namespace', { namespace: ['shop'] }, 1],
      ['workload', { workload: ['cart'] }, 1],
      ['kind', { kind: ['workload', 'node'] as const }, 2],
      ['owner', { owner: ['team-pay'] }, 1],
      ['no owner', { owner: ['unassigned'] }, 2],
      ['tag', { tag: ['TEAM=pay', 'other=x'] }, 3],
      ['a tag by its name only', { tag: ['team'] }, 3],
      ['another value of a tag', { tag: ['team=Pay'] }, 0],
      ['the first time seen', { firstSeenSince: '2026-11-02T00:00:00.000Z' }, 1],
      ['the last change', { changedSince: '2026-11-20T00:00:00.000Z' }, 2],
      ['time', { since: '2026-11-23T06:00:00.000Z' }, 2],
      ['text', { q: 'BEHIND' }, 3],
      ['text with a quote', { q: "o'x" }, 0],
      ['several at once', { status: ['open'] as const, nodePool: ['kata'] }, 1],
    ])('filter by %s', async (_, filter, count) => {
      const store = await open();
      await put(
        store,
        'filter',
        [
          aFinding({ clusterName: 'filter' }),
          aFinding({
            clusterName: 'filter',
            ruleId: 'workload-sandboxed',
            owner: 'team-pay',
            firstSeenAt: '2026-11-02T00:00:00.000Z',
            changedAt: '2026-11-20T00:00:00.000Z',
            severity: 'critical',
            subject: { kind: 'workload', namespace: 'shop', ownerKind: 'Deployment', ownerName: 'cart' },
          }),
          aFinding({
            clusterName: 'filter',
            status: 'resolved',
            resolvedAt: T1,
            subject: { kind: 'node', name: 'n' },
            lastSeenAt: '2026-11-23T05:59:59.999Z',
          }),
        ],
        [],
        { at: T1, tags: { team: 'pay' } },
      );

      expect(await walk(store, filter, 10)).toHaveLength(count);
    });

    it('refuse an invalid cursor', async () => {
      const store = await open();

      await expect(store.list({}, 10, "' or true")).rejects.toMatchObject({ code: 'malformed' });
      await expect(store.changes({ since: T1 }, 10, 'x')).rejects.toMatchObject({ code: 'malformed' });
    });

    it('return the history of a finding newest first, page by page, and each entry once, however often it is written', async () => {
      const store = await open();
      const finding = aFinding({ clusterName: 'past' });
      const lines = [T1, T2, '2026-11-22T10:00:00.000Z'].map((at, index) => line(finding, at, index === 1 ? 'resolved' : 'opened'));
      await put(store, 'past', [finding], lines.slice(0, 2));
      await put(store, 'past', [finding], lines.slice(1));
      const first = await store.history(finding.id, 2);
      const second = await store.history(finding.id, 2, first.next);

      expect([...first.value, ...second.value]).toEqual(lines.toReversed());
      expect(second.next).toBeUndefined();
    });

    it('return the changes of the estate since a time, newest first', async () => {
      const store = await open();
      const [a, b] = ['east', 'west'].map((clusterName) => aFinding({ clusterName }));
      await put(store, 'east', [a ?? expect.unreachable()], [line(a ?? expect.unreachable(), T1)]);
      await put(store, 'west', [b ?? expect.unreachable()], [line(b ?? expect.unreachable(), T2)]);

      expect((await store.changes({ since: T1 }, 10)).value.map(({ at }) => at)).toEqual([T2, T1]);
      expect((await store.changes({ since: '2026-11-20T10:00:00.001Z' }, 10)).value.map(({ at }) => at)).toEqual([T2]);
      const page = await store.changes({ since: T1 }, 1);
      expect((await store.changes({ since: T1 }, 1, page.next)).value.map(({ at }) => at)).toEqual([T1]);
    });

    it('return the history of one cluster, by one cause or since a time, and nothing of others', async () => {
      const store = await open();
      const [here, there] = ['here', 'there'].map((clusterName) => aFinding({ clusterName }));
      if (here === undefined || there === undefined) return expect.unreachable();
      const other = { ...line(here, T2, 'changed'), cause: "o'ther" };
      await put(store, 'here', [here], [line(here, T1), other]);
      await put(store, 'there', [there], [line(there, T1)]);

      const of = clusterIdOf('here');
      expect(await store.clusterHistory(of, { cause: 'audit-1' })).toEqual([line(here, T1)]);
      expect(await store.clusterHistory(of.toUpperCase(), { cause: "o'ther" })).toEqual([other]);
      expect(await store.clusterHistory(of, { since: T1 })).toEqual([other, line(here, T1)]);
      expect(await store.clusterHistory(of, { since: '2026-11-20T10:00:00.001Z' })).toEqual([other]);
      expect(await store.clusterHistory(clusterIdOf('nobody'), { since: T1 })).toEqual([]);
    });

    it('list each cluster once, page by page', async () => {
      const store = await open();
      const names = Array.from({ length: 7 }, (_, at) => `c${at}`);
      for (const cluster of names) await put(store, cluster, []);
      const seen: string[] = [];
      let after: string | undefined;
      do {
        const page = await store.clusters(3, after);
        seen.push(...page.value.map(({ cluster }) => cluster.name));
        after = page.next;
      } while (after !== undefined);

      expect(seen.toSorted()).toEqual(names);
    });

    it('prune old history and old resolved findings within a limit, and never an open one', async () => {
      const store = await open();
      const old = aFinding({ clusterName: 'prune', subject: { kind: 'node', name: 'old' }, status: 'resolved', resolvedAt: T1 });
      const young = aFinding({ clusterName: 'prune', subject: { kind: 'node', name: 'young' }, status: 'resolved', resolvedAt: T2 });
      const ever = aFinding({ clusterName: 'prune', subject: { kind: 'node', name: 'ever' }, firstSeenAt: '2020-01-01T00:00:00.000Z' });
      await put(store, 'prune', [old, young, ever], [line(ever, T1), line(ever, T2)]);
      let rounds = 0;
      while ((await store.prune(T2, T2, 1)) > 0) rounds += 1;

      expect(rounds).toBeGreaterThanOrEqual(2);
      expect(await store.get(old.id)).toBeUndefined();
      expect(await store.get(young.id)).toEqual(young);
      expect(await store.get(ever.id)).toEqual(ever);
      expect((await walk(store, {}, 10)).toSorted()).toEqual([young.id, ever.id].toSorted());
      expect((await store.ofCluster(clusterIdOf('prune'))).findings).toHaveLength(2);
      expect((await store.history(ever.id, 10)).value.map(({ at }) => at)).toEqual([T2]);
    });
  });
}
