import { beforeEach, describe, expect, it } from 'vitest';
import { NONE_OPEN } from '../../shared/domain/findings/estate-figures.ts';
import type { Finding, HistoryEntry } from '../../shared/domain/findings/finding.ts';
import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import { createMemoryStorage } from '../../shared/memory/storage.ts';
import { auditStore } from '../../shared/storage/audits.ts';
import { eventStore } from '../../shared/storage/events.ts';
import { findingStore } from '../../shared/storage/findings/findings.ts';
import { TABLES } from '../../shared/storage/names.ts';
import { parkedStore } from '../../shared/storage/parked.ts';
import { inPartition, type Table } from '../../shared/storage/table.ts';
import { trendStore } from '../../shared/storage/trend.ts';
import { type PruneHistory, pruneHistory } from '../../shared/usecases/prune-history.ts';
import { aFinding, aSummary, clusterIdOf, NOW } from '../http/estate.ts';
import { memoryTable } from '../support/memory-table.ts';
import { rounds } from '../support/thorough.ts';

type Stores = Pick<ReturnType<typeof createMemoryStorage>, 'findings' | 'audits' | 'trend' | 'events' | 'parked'>;

const DAY_MS = 86_400_000;
const ago = (days: number, ms = 0) => new Date(Date.parse(NOW) - days * DAY_MS - ms).toISOString();
const { historyDays, resolvedDays } = DEFAULT_POLICY.retention;
const CLUSTERS = ['one', 'two'];

const line = ({ id, clusterId, ruleId, severity, message }: Finding, at: string): HistoryEntry => ({
  findingId: id,
  clusterId,
  ruleId,
  at,
  kind: 'changed',
  cause: 'audit-1',
  severity,
  message,
});
const node = (clusterName: string, name: string, over: Partial<Finding> = {}) =>
  aFinding({ clusterName, subject: { kind: 'node', name }, ...over });
const resolved = (clusterName: string, name: string, at: string) => node(clusterName, name, { status: 'resolved', resolvedAt: at });

/** Findings on both sides of each edge, and an open one that is older than all of them. */
function findingsOf(cluster: string): readonly Finding[] {
  return [
    resolved(cluster, 'long-gone', ago(resolvedDays, 1)),
    resolved(cluster, 'longer-gone', ago(resolvedDays * 2)),
    resolved(cluster, 'gone', ago(resolvedDays)),
    node(cluster, 'open', { firstSeenAt: ago(2_000), lastSeenAt: ago(1_000), observedAt: ago(1_000), stale: true }),
  ];
}

async function fill({ findings, audits, trend, events, parked }: Stores): Promise<void> {
  for (const at of [ago(historyDays + 1), ago(historyDays)]) await trend.put({ day: at.slice(0, 10), openBySeverity: NONE_OPEN });
  for (const cluster of CLUSTERS) {
    const some = findingsOf(cluster);
    const history = some.flatMap((finding) => [line(finding, ago(historyDays, 1)), line(finding, ago(historyDays))]);
    const basedOn = await findings.ofCluster(clusterIdOf(cluster));
    await findings.write({ clusterId: clusterIdOf(cluster), findings: some, history, summary: aSummary(cluster, some), basedOn });
  }
  for (const [id, at] of [['old', ago(historyDays, 1)] as const, ['young', ago(historyDays)] as const]) {
    await audits.start({ id, startedAt: at, cause: 'timer', subscriptions: [] });
    for (const cluster of CLUSTERS) {
      await audits.recordCluster({ auditId: id, clusterId: clusterIdOf(cluster), at, state: 'assessed', reasons: [], changed: 0 });
    }
  }
  await events.remember('old', ago(2, 1));
  await events.remember('young', ago(2));
  for (const [id, at] of [['old', ago(historyDays, 1)] as const, ['young', ago(historyDays)] as const, ['waits', undefined] as const]) {
    await parked.park({ id, queue: 'scans', body: '{}', reason: 'why', parkedAt: ago(1_000), dequeueCount: 5 });
    if (at !== undefined) await parked.settle(id, { how: 'dropped', at });
  }
}

/** The remaining rows, after a check that all copies of a finding agree. */
async function left({ findings, audits, trend, events, parked }: Stores) {
  const held = await Promise.all(
    CLUSTERS.map(async (cluster) => {
      const listed = (await findings.list({ cluster: [cluster] }, 100)).value;
      const byId = (some: readonly Finding[]) => some.toSorted((a, b) => (a.id < b.id ? -1 : 1));
      expect(byId((await findings.ofCluster(clusterIdOf(cluster))).findings)).toEqual(byId(listed));
      for (const finding of findingsOf(cluster)) {
        expect(await findings.get(finding.id)).toEqual(listed.find(({ id }) => id === finding.id));
      }
      const history = await findings.clusterHistory(clusterIdOf(cluster), { since: ago(3_000) });
      return { findings: listed.map(({ subject }) => nameOf(subject)).toSorted(), history: history.map(({ at }) => at) };
    }),
  );
  return {
    held,
    audits: (await audits.list(10)).value.map(({ id }) => id),
    days: (await trend.list('2000-01-01', '2099-12-31')).map(({ day }) => day),
    parts: await Promise.all(['old', 'young'].map(async (id) => (await audits.get(id))?.clusters.length)),
    settled: (await parked.listSettled(10)).value.map(({ id }) => id),
    waiting: (await parked.list(10)).value.map(({ id }) => id),
    remembered: await Promise.all(['old', 'young'].map((id) => events.isRemembered(id))),
  };
}

const nameOf = (subject: Finding['subject']) => (subject.kind === 'node' ? subject.name : subject.kind);
const young = [0, 0, 0, 0].map(() => ago(historyDays));
const PRUNED = {
  held: CLUSTERS.map(() => ({ findings: ['gone', 'open'], history: young })),
  audits: ['young'],
  days: [ago(historyDays).slice(0, 10)],
  parts: [undefined, CLUSTERS.length],
  settled: ['young'],
  waiting: ['waits'],
  remembered: [false, true],
};

const never = new AbortController().signal;
const withPolicy = (stores: Stores): PruneHistory => ({
  ...stores,
  policy: async () => ({ policy: DEFAULT_POLICY, hash: 'h', source: 'test' }),
  clock: () => new Date(NOW),
});

let rows: Map<string, Table>;
beforeEach(() => {
  rows = new Map(Object.values(TABLES).map((name) => [name, memoryTable(name)]));
});

/** Stores on the tables of the test, with a hook before each request to a table. */
function onTables(before: (args: readonly unknown[]) => void | Promise<void> = () => undefined): Stores {
  const open = (name: string): Table => {
    const { get, create, put, update, delete: remove, transact, putAll, page, all } = rows.get(name) ?? expect.unreachable();
    const asked =
      <A extends readonly unknown[], R>(call: (...args: A) => Promise<R>) =>
      async (...args: A) => {
        await before(args);
        return call(...args);
      };
    return {
      name,
      get: asked(get),
      create: asked(create),
      put: asked(put),
      update: asked(update),
      delete: asked(remove),
      transact: asked(transact),
      putAll: asked(putAll),
      page: asked(page),
      all: asked(all),
    };
  };
  const tables = { findings: open(TABLES.findings), clusters: open(TABLES.clusters), changes: open(TABLES.changes) };
  return {
    findings: findingStore(tables, () => new Date(NOW)),
    audits: auditStore(open(TABLES.audits)),
    trend: trendStore(open(TABLES.audits)),
    events: eventStore(open(TABLES.events)),
    parked: parkedStore(open(TABLES.parked)),
  };
}

describe('pruning', () => {
  it.each([
    ['memory', () => createMemoryStorage()],
    ['tables', () => onTables()],
  ])('deletes from %s what is past its retention, to the millisecond, with any batch size, and never an open finding', async (_, open) => {
    for (const batch of [1, 2, 1_000]) {
      const stores = open();
      await fill(stores);
      const { rows, finished } = await pruneHistory(withPolicy(stores), never, batch);

      expect(finished).toBe(true);
      expect(rows).toBeGreaterThan(CLUSTERS.length * 6);
      expect(await left(stores)).toEqual(PRUNED);
      expect(await pruneHistory(withPolicy(stores), never, batch)).toEqual({ rows: 0, finished: true });
    }
  });

  it.each([
    ['memory', () => createMemoryStorage()],
    ['tables', () => onTables()],
  ])('of %s stops after the batch in which its time limit passes, reports it, and the next run does the rest', async (_, open) => {
    const stores = open();
    await fill(stores);
    const stop = new AbortController();
    let calls = 0;
    const prune: typeof stores.findings.prune = (...args) => {
      calls += 1;
      if (calls === 2) stop.abort();
      return stores.findings.prune(...args);
    };
    const first = await pruneHistory(withPolicy({ ...stores, findings: { ...stores.findings, prune } }), stop.signal, 1);
    expect(first).toEqual({ rows: 2, finished: false });

    expect((await pruneHistory(withPolicy(stores), never, 3)).finished).toBe(true);
    expect(await left(stores)).toEqual(PRUNED);
  });

  it('that crashes before any of its requests loses nothing, and the next run does the rest', async () => {
    const sound = onTables();
    for (let last = 0; ; last += rounds(1, 3)) {
      await fill(sound);
      let requests = 0;
      const dying = onTables(() => {
        if (requests++ === last) throw new Error('died');
      });
      const died = await pruneHistory(withPolicy(dying), never, 3).then(
        () => false,
        (error: Error) => error.message === 'died',
      );
      // The copy for lists is written first: until the next run, only rows past their retention may be in only one of the two.
      for (const cluster of CLUSTERS) {
        const listed = (await sound.findings.list({ cluster: [cluster] }, 100)).value;
        const own = (await sound.findings.ofCluster(clusterIdOf(cluster))).findings;
        for (const held of [listed, own]) {
          expect(held.map(({ subject }) => nameOf(subject))).toEqual(expect.arrayContaining(['gone', 'open']));
        }
        expect(own).toEqual(expect.arrayContaining([...listed]));
      }
      await pruneHistory(withPolicy(sound), never, 3);
      expect(await left(sound)).toEqual(PRUNED);
      if (died) continue;
      expect(last).toBeGreaterThan(10);
      return;
    }
  });

  it('keeps a finding that reopens while it is about to be deleted', async () => {
    const sound = onTables();
    await fill(sound);
    const reopened = node('one', 'long-gone', { reopenCount: 1, observedAt: NOW });
    let isDone = false;
    const slow = onTables(async (args) => {
      if (isDone || !JSON.stringify(args).includes(`{"kind":"delete","rowKey":"${reopened.id}"}`)) return;
      isDone = true;
      const basedOn = await sound.findings.ofCluster(clusterIdOf('one'));
      const summary = aSummary('one', [reopened], { observedAt: NOW });
      await sound.findings.write({ clusterId: clusterIdOf('one'), findings: [reopened], history: [], summary, basedOn });
    });
    await pruneHistory(withPolicy(slow), never);
    expect(isDone).toBe(true);
    await pruneHistory(withPolicy(sound), never);

    expect(await sound.findings.get(reopened.id)).toEqual(reopened);
    const [one, two] = (await left(sound)).held;
    expect(one?.findings).toEqual(['gone', 'long-gone', 'open']);
    expect(two?.findings).toEqual(['gone', 'open']);
  });

  it('that loses against another run restores what it had copied ahead', async () => {
    const sound = onTables();
    await fill(sound);
    let isDone = false;
    const slow = onTables(async ([partition]) => {
      if (isDone || partition !== 'clusters') return;
      isDone = true;
      await sound.findings.prune('2000-01-01', ago(resolvedDays), 1);
    });
    await slow.findings.prune('2000-01-01', ago(resolvedDays), 2);

    expect(isDone).toBe(true);
    for (const cluster of CLUSTERS) {
      const listed = (await sound.findings.list({ cluster: [cluster] }, 100)).value;
      const { findings: own } = await sound.findings.ofCluster(clusterIdOf(cluster));
      expect(listed.map(({ id }) => id).toSorted()).toEqual(own.map(({ id }) => id).toSorted());
    }
  });

  it('twice concurrently deletes no less than once', async () => {
    const stores = onTables();
    await fill(stores);
    const runs = [onTables(), onTables()];
    await Promise.all(runs.map((one) => pruneHistory(withPolicy(one), never, 3)));
    await pruneHistory(withPolicy(stores), never);

    expect(await left(stores)).toEqual(PRUNED);
    expect(await rows.get(TABLES.audits)?.all(inPartition('old'))).toEqual([]);
  });
});
