import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding, HistoryEntry } from '../../shared/domain/findings/finding.ts';
import { seededIntegers } from '../../shared/domain/snapshot/sampling.ts';
import { type Azurite, startAzurite } from '../../shared/local/azurite.ts';
import { createStorage, type Storage } from '../../shared/storage/storage.ts';
import { clusterIdOf } from '../http/estate.ts';
import { allPages } from '../support/all-pages.ts';
import { type HoldingProxy, startHoldingProxy } from '../support/holding-proxy.ts';
import { type Life, type Look, livesAfter, livesIn, type Word } from '../support/life-cycle.ts';
import { rounds } from '../support/thorough.ts';
import type { ScanOrder } from './scanner.ts';
import { type ScanEnd, type Scanner, startScanner } from './scanner-process.ts';

/** Chooses at random what is seen, when, and by which process; which one writes first is left to the machine. */
const SEED = process.env.CONCURRENCY_SEED ?? randomUUID();
const ROUNDS_OF_A_CLUSTER = rounds(5, 3);
/** Deployments of each cluster; those of the last two take several transactions to write. */
const CLUSTERS = [...Array.from({ length: 18 }, () => 6), 130, 130].map((deployments, at) => ({ name: `c${at}`, deployments }));
const HOUR_MS = 3_600_000;
const START = Date.UTC(2026, 8, 1);

let azurite: Azurite;
let storage: Storage;
/** A proxy between the first scanner and the tables. */
let proxy: HoldingProxy;
let scanners: readonly [Scanner, Scanner];
beforeAll(async () => {
  azurite = await startAzurite();
  storage = createStorage({ connectionString: azurite.connectionString });
  const { connectionString } = azurite;
  proxy = await startHoldingProxy(connectionString);
  await storage.ensure();
  scanners = await Promise.all([startScanner(proxy.connectionString), startScanner(connectionString)]);
}, 60_000);
afterAll(async () => {
  await Promise.all((scanners ?? []).map((scanner) => scanner.stop()));
  await proxy?.stop();
  await azurite.stop();
});

const random = seededIntegers(SEED);

function draw(clusterId: string, deployments: number, observedAt: number): ScanOrder {
  const at = new Date(observedAt).toISOString();
  const seen = Array.from({ length: deployments }, (_, index) => [`d${index}`, random(4)] as const).filter(([, kind]) => kind > 0);
  const workloads = random(5) === 0 ? 'unavailable' : Object.fromEntries(seen.map(([name, kind]) => [name, kind === 1]));
  return { clusterId, observedAt: at, cause: `audit-${at}-${random(1_000_000)}`, workloads };
}

/** The expected verdict of a scan on each Deployment, written from the guarantees. */
function lookOf({ observedAt: at, workloads }: ScanOrder, deployments: number): Look {
  const names = Array.from({ length: deployments }, (_, index) => `d${index}`);
  const word = (name: string): Word => {
    if (workloads === 'unavailable') return 'silent';
    const sandboxed = workloads[name];
    return sandboxed === undefined ? 'gone' : sandboxed ? 'complies' : { fails: MESSAGE };
  };
  return { at, words: new Map(names.map((name) => [name, word(name)])) };
}

const MESSAGE = 'fails';
const nameOf = ({ subject }: Finding) => (subject.kind === 'workload' ? subject.ownerName : subject.kind);

/** The stored data of a cluster, after a check that its copies agree. */
async function lives(clusterId: string): Promise<ReadonlyMap<string, Life>> {
  const { findings } = storage;
  const held = await findings.ofCluster(clusterId);
  const listed = await allPages((after) => findings.list({ cluster: [clusterId] }, 500, after));
  const byId = (some: readonly Finding[]) => some.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  expect(byId(held.findings)).toEqual(byId(listed));
  // The finding's own row, which the page of one finding reads.
  const [some] = held.findings;
  if (some !== undefined) expect(await findings.get(some.id)).toEqual(some);
  const open = listed.filter(({ status }) => status === 'open').length;
  const summary = await findings.cluster(clusterId);
  const copy = (await allPages((after) => findings.clusters(500, after))).find(({ cluster }) => cluster.id === clusterId);
  expect(copy).toEqual(summary);
  expect(Object.values(summary?.openBySeverity ?? {}).reduce((sum, count) => sum + count, 0)).toBe(open);
  expect(summary?.rules['workload-sandboxed']?.open ?? 0).toBe(open);
  const told = await livesIn(findings, clusterId, nameOf);
  return new Map([...told].map(([name, life]) => [name, { ...life, message: MESSAGE }]));
}

async function atOnce(one: ScanOrder, other: ScanOrder): Promise<readonly [ScanEnd, ScanEnd]> {
  const swap = random(2) === 1;
  const [first, second] = swap ? [scanners[1], scanners[0]] : scanners;
  const [writeOne, writeOther] = await Promise.all([first.look(one), second.look(other)]);
  return Promise.all([writeOne(), writeOther()]);
}

/** The allowed results of two scans that began at these times, per Deployment: both, or only the newer one when the older came too late. */
function follow(
  past: Map<string, Look[]>,
  [older, newer]: readonly [Look, Look],
  end: ScanEnd,
  now: ReadonlyMap<string, Life>,
  inParts: boolean,
): void {
  for (const name of newer.words.keys()) {
    const before = past.get(name) ?? [];
    const both = [...before, older, newer];
    const alone = [...before, newer];
    const life = (looks: readonly Look[]) => livesAfter(looks).get(name);
    // Another scan may have overtaken a scan with several transactions after some of them.
    const isBoth = end.assessment !== 'superseded' || (inParts && isEqual(now.get(name), life(both)));
    const looks = isBoth ? both : alone;
    expect(now.get(name), name).toEqual(life(looks));
    past.set(name, looks);
  }
}

const isEqual = (a: Life | undefined, b: Life | undefined) => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
const sorted = (life: Life = NO_LIFE) => Object.entries(life).toSorted(([a], [b]) => (a < b ? -1 : 1));
const NO_LIFE: Life = { status: 'resolved', message: '', firstSeenAt: '', lastSeenAt: '', reopenCount: -1, stale: false, history: [] };

describe('two processes that scan one cluster at once', () => {
  it('leave what the newer scan saw, row by row, lose nothing of the older one, and notify each change once', async () => {
    console.log(`Two scans at once: CONCURRENCY_SEED=${SEED}`);
    const met = { conflicts: 0, superseded: 0, both: 0 };
    for (const [at, { name, deployments }] of CLUSTERS.entries()) {
      const clusterId = clusterIdOf(name);
      const past = new Map<string, Look[]>();
      for (let round = 0; round < ROUNDS_OF_A_CLUSTER; round++) {
        const time = START + (at * ROUNDS_OF_A_CLUSTER + round) * 2 * HOUR_MS;
        const older = draw(clusterId, deployments, time);
        const newer = draw(clusterId, deployments, time + 1 + random(2_000));
        const inParts = deployments > 50;
        const [olderEnd, newerEnd] = await atOnce(older, newer);
        met.conflicts += olderEnd.conflicts + newerEnd.conflicts;
        met[olderEnd.assessment === 'superseded' ? 'superseded' : 'both'] += 1;

        expect(newerEnd.assessment).not.toBe('superseded');
        expect((await storage.findings.cluster(clusterId))?.observedAt).toBe(newer.observedAt);
        follow(past, [lookOf(older, deployments), lookOf(newer, deployments)], olderEnd, await lives(clusterId), inParts);
        for (const [order, end] of [[older, olderEnd] as const, [newer, newerEnd] as const]) {
          expect(await storage.findings.clusterHistory(clusterId, { cause: order.cause })).toHaveLength(end.changed);
        }
      }
    }
    console.log(`Two scans at once: ${JSON.stringify(met)}`);
    // Rounds without a conflict would prove nothing.
    expect(met.conflicts).toBeGreaterThan(20);
    expect(met.superseded).toBeGreaterThan(5);
    expect(met.both).toBeGreaterThan(5);
    await expectChangesToldOnce();
  });
});

describe('a scan that storage keeps waiting', () => {
  it('at any of its requests is overtaken by a newer one, which loses nothing, and then changes nothing', async () => {
    const clusterId = clusterIdOf('overtaken');
    const deployments = 200;
    const past = new Map<string, Look[]>();
    let overtaken = 0;
    let time = START;
    for (let request = 1; ; request += rounds(1, 2)) {
      const [older, newer] = [0, 1_000].map((later) => ({ ...draw(clusterId, deployments, time + later) }));
      if (older === undefined || newer === undefined) return expect.unreachable();
      time += HOUR_MS;
      const write = await scanners[0].look(older);
      proxy.hold(request);
      const olderEnd = write();
      const isHeld = await Promise.race([proxy.reached().then(() => true), olderEnd.then(() => false)]);
      const newerEnd = await (await scanners[1].look(newer))();
      proxy.release();
      const { assessment, changed } = await olderEnd;
      if (assessment === 'superseded' && changed > 0) overtaken += 1;

      expect(newerEnd.assessment).not.toBe('superseded');
      follow(past, [lookOf(older, deployments), lookOf(newer, deployments)], await olderEnd, await lives(clusterId), true);
      if (!isHeld) break;
    }
    // Stopped between two of its transactions, it has written some of its rows and not the others.
    expect(overtaken).toBeGreaterThan(0);
  });
});

/** Everything that is stored about a cluster, to check that nothing changes. */
async function everythingOf(clusterId: string) {
  const { findings, assessments } = storage;
  const { version: _, changedBy, ...held } = await findings.ofCluster(clusterId);
  const history = await findings.clusterHistory(clusterId, { since: new Date(START).toISOString() });
  const evidence = (await assessments.get(clusterId))?.snapshot;
  return { ...held, changedBy: Object.fromEntries(changedBy.map(({ cause, changed }) => [cause, changed])), history, evidence };
}

describe('a message that is delivered again', () => {
  it('at once, to two processes, notifies each change once', async () => {
    const clusterId = clusterIdOf('twice');
    for (let round = 0; round < 10; round++) {
      const order = draw(clusterId, 6, START + round * HOUR_MS);
      const ends = await atOnce(order, order);
      const alone = await everythingOf(clusterId);
      expect(ends.map(({ changed }) => changed)).toContain(alone.history.filter(({ cause }) => cause === order.cause).length);
      expect(new Set(alone.history.map(({ findingId, at, kind }) => `${findingId} ${at} ${kind}`)).size).toBe(alone.history.length);
      await lives(clusterId);
    }
  });

  it('after it was processed, changes nothing', async () => {
    const clusterId = clusterIdOf('again');
    for (let round = 0; round < 5; round++) {
      const order = draw(clusterId, 6, START + round * HOUR_MS);
      await (await scanners[0].look(order))();
      const before = await everythingOf(clusterId);
      const end = await (await scanners[1].look(order))();
      expect(await everythingOf(clusterId)).toEqual(before);
      expect(end.changed).toBe(before.history.filter(({ cause }) => cause === order.cause).length);
    }
  });

  it('an hour late, with the state of an hour ago, changes nothing', async () => {
    const clusterId = clusterIdOf('late');
    for (let round = 0; round < 5; round++) {
      const old = draw(clusterId, 6, START + 2 * round * HOUR_MS);
      const recent = draw(clusterId, 6, START + (2 * round + 1) * HOUR_MS);
      const lateWrite = await scanners[1].look(old);
      await (await scanners[0].look(recent))();
      const before = await everythingOf(clusterId);
      const end = await lateWrite();
      expect(end).toMatchObject({ assessment: 'superseded', changed: 0 });
      expect(await everythingOf(clusterId)).toEqual(before);
    }
  });
});

async function expectChangesToldOnce(): Promise<void> {
  const key = ({ clusterId, findingId, at, kind, cause }: HistoryEntry) => [clusterId, findingId, at, kind, cause].join(' ');
  const since = new Date(START).toISOString();
  const told = (await allPages((after) => storage.findings.changes({ since: since }, 1_000, after))).map(key);
  const held = await Promise.all(CLUSTERS.map(({ name }) => storage.findings.clusterHistory(clusterIdOf(name), { since })));
  expect(told.toSorted()).toEqual(held.flat().map(key).toSorted());
}
