import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Coverage } from '../../../shared/domain/snapshot/observation.ts';
import type { PodGroup } from '../../../shared/domain/snapshot/pod-group.ts';
import { mostMarkedUnseen } from '../../../shared/domain/snapshot/sampling.ts';
import type { KubernetesNode, RuntimeClass } from '../../../shared/domain/snapshot/snapshot.ts';
import type { PodReading } from '../../../shared/ports/cluster-reader.ts';
import { READING, type SimulatedCluster, soon, startCluster } from '../support/simulated-cluster.ts';

let cluster: SimulatedCluster;
let nodes: readonly KubernetesNode[];
let runtimeClasses: readonly RuntimeClass[];
let census: readonly PodGroup[];

beforeAll(async () => {
  cluster = await startCluster({ nodesPerPool: 60, podsPerCluster: 900 });
  const reader = await cluster.reader();
  nodes = await reader.nodes(soon());
  runtimeClasses = await reader.runtimeClasses(soon());
  reader.close();
  census = (await read({ mode: 'census' })).value;
});
afterAll(() => cluster.running.stop());
beforeEach(() => {
  cluster.asked();
});
afterEach(() => cluster.running.faults.clear());

async function read(pods: Partial<PodReading['pods']>, change: Partial<PodReading> = {}, clock = () => new Date()) {
  const reader = await cluster.reader({ clock });
  try {
    const reading = { ...READING, nodes, runtimeClasses, ...change, pods: { ...READING.pods, toleratedRate: 0.1, ...pods } };
    const seen = await reader.workloads(reading, soon());
    if (seen.state !== 'observed') throw new Error(seen.reason.message);
    return seen;
  } finally {
    reader.close();
  }
}

/** A clock that advances by this much at each read. */
function ticking(milliseconds: number): () => Date {
  let now = 0;
  return () => {
    now += milliseconds;
    return new Date(now);
  };
}

const total = (groups: readonly PodGroup[]) => groups.reduce((sum, { pods }) => sum + pods, 0);
const drawnNodes = () => cluster.asked().flatMap((path) => /fieldSelector=spec\.nodeName%3D([^&]+)/.exec(path)?.[1] ?? []);

function sampled(coverage: Coverage) {
  if (coverage.kind !== 'sample') throw new Error(`Expected a sample, got ${coverage.kind}.`);
  return coverage;
}

describe('a sample of nodes', () => {
  test('reads the pods of the drawn nodes and those without a node, and has an error bound for the rest', async () => {
    const { value, coverage } = await read({ mode: 'sample' });
    const drawn = drawnNodes();
    const told = sampled(coverage);
    expect(told).toMatchObject({
      sampledNodes: drawn.length,
      totalNodes: 180,
      sampledPods: total(value),
      totalPods: total(census),
      confidence: 0.95,
      seed: 'seed',
    });
    expect(new Set(drawn).size).toBe(drawn.length);
    expect(drawn.length).toBeLessThan(60);
    expect(told.upperBound).toBeLessThanOrEqual(0.1);
    expect(cluster.asked()).toEqual([]);
  });

  test('counts the pods without a node', async () => {
    const pod = { metadata: { name: 'p', namespace: 'waiting' }, spec: { containers: [{}] }, status: { phase: 'Pending' } };
    const body = JSON.stringify({ kind: 'PodList', metadata: {}, items: [pod] });
    cluster.running.faults.inject({ path: /fieldSelector=spec\.nodeName%3D(&|$)/, action: { kind: 'broken-body', body } });
    const { value } = await read({ mode: 'sample' });
    expect(value.filter(({ namespace }) => namespace === 'waiting')).toMatchObject([{ pods: 1, phases: { pending: 1 } }]);
  });

  test('draws from every pool in proportion, and its error bound is that of the strata', async () => {
    const { coverage } = await read({ mode: 'sample' });
    const drawn = drawnNodes();
    const perPool = ['system', 'kata', 'apps0'].map(
      (pool) => drawn.filter((name) => nodes.find((one) => one.name === name)?.nodePool === pool).length,
    );
    expect(Math.max(...perPool) - Math.min(...perPool)).toBeLessThanOrEqual(1);
    const strata = perPool.map((one) => ({ population: 60, drawn: one }));
    expect(sampled(coverage).upperBound).toBeCloseTo(mostMarkedUnseen(strata, 0.95) / 180, 12);
  });

  test('is the same for the same seed, and different for another seed', async () => {
    const draw = async (seed: string) => {
      await read({ mode: 'sample' }, { seed });
      return drawnNodes();
    };
    const first = await draw('a');
    expect(await draw('a')).toEqual(first);
    expect(await draw('b')).not.toEqual(first);
  });

  test('counts the pods of a drawn node like a census', async () => {
    const { value } = await read({ mode: 'sample', toleratedRate: 0.001, confidence: 0.999 });
    const counts = (groups: readonly PodGroup[]) =>
      new Map(groups.map(({ examples: _, ...group }) => [`${group.namespace}/${group.ownerName}`, group]));
    expect(counts(value)).toEqual(counts(census));
  });

  test('that draws every node is full', async () => {
    expect((await read({ mode: 'sample', toleratedRate: 0.001, confidence: 0.999 })).coverage).toMatchObject({ kind: 'full' });
  });

  test('reads a whole stratum when it contains a violation, and no other', async () => {
    const violates = (groups: readonly PodGroup[]) => groups.some(({ podsByNodePool }) => podsByNodePool.kata !== undefined);
    const { coverage } = await read({ mode: 'sample' }, { violates });
    const drawn = drawnNodes();
    expect(drawn.filter((name) => name.includes('kata'))).toHaveLength(60);
    expect(drawn.length).toBeLessThan(120);
    expect(sampled(coverage).sampledNodes).toBe(drawn.length);
  });

  test('remembers a violation when the next node has none', async () => {
    let seen = 0;
    const violates = (groups: readonly PodGroup[]) =>
      groups.some(({ podsByNodePool }) => podsByNodePool.kata !== undefined) && seen++ === 0;
    await read({ mode: 'sample' }, { violates });
    expect(drawnNodes().filter((name) => name.includes('kata'))).toHaveLength(60);
  });

  test('treats the nodes of one pool that can run Kata and those that cannot as two strata', async () => {
    const half = new Set(nodes.filter(({ nodePool }, at) => nodePool === 'kata' && at % 2 === 0).map(({ name }) => name));
    const mixed = nodes.map((node) => (half.has(node.name) ? { ...node, runtimeHandlers: ['runc'] } : node));
    const violates = (groups: readonly PodGroup[]) => groups.some(({ examples }) => examples.some(({ node = '' }) => half.has(node)));
    await read({ mode: 'sample' }, { nodes: mixed, violates });
    const drawn = drawnNodes().filter((name) => name.includes('kata'));
    expect(drawn.filter((name) => half.has(name))).toHaveLength(half.size);
    expect(drawn.length).toBeLessThan(45);
  });

  test('stops when it has read as many pods as the budget allows, and reports its coverage', async () => {
    const { coverage } = await read({ mode: 'sample', budgetPods: 60 });
    const { sampledNodes, sampledPods, upperBound } = sampled(coverage);
    expect(sampledPods).toBeGreaterThanOrEqual(60);
    expect(sampledNodes).toBeLessThan(20);
    expect(upperBound).toBeGreaterThan(0.1);
  });

  test('stops at its time limit', async () => {
    const clock = ticking(200);
    const { coverage } = await read({ mode: 'sample', budgetSeconds: 10 }, {}, clock);
    expect(sampled(coverage).sampledNodes).toBeLessThan(30);
  });

  test('omits the number of pods when the server does not report it', async () => {
    cluster.running.faults.inject({
      path: /limit=1$/,
      action: { kind: 'broken-body', body: JSON.stringify({ kind: 'PodList', metadata: { continue: 'more' }, items: [] }) },
    });
    expect((await read({ mode: 'sample' })).coverage).not.toHaveProperty('totalPods');
  });

  test('of a cluster whose nodes could not be read is refused', async () => {
    await expect(read({ mode: 'sample' }, { nodes: undefined })).rejects.toMatchObject({ code: 'unsupported' });
    await expect(read({ mode: 'sample' }, { nodes: [] })).rejects.toMatchObject({ code: 'unsupported' });
  });

  test('that fails on one node returns nothing about the others', async () => {
    cluster.running.faults.inject({ path: /spec\.nodeName%3Daks/, skip: 5, action: { kind: 'status', status: 403 } });
    await expect(read({ mode: 'sample' })).rejects.toMatchObject({ code: 'denied' });
  });
});

describe('the automatic mode', () => {
  test('is a census within the budget', async () => {
    const { value, coverage } = await read({ mode: 'auto' });
    expect(coverage).toMatchObject({ kind: 'full' });
    expect(total(value)).toBe(total(census));
    expect(drawnNodes()).toEqual([]);
  });

  test('samples a cluster with more pods than the budget, by the count in its first page', async () => {
    const limit = total(census);
    expect((await read({ mode: 'auto', budgetPods: limit })).coverage).toMatchObject({ kind: 'full' });
    cluster.asked();
    expect((await read({ mode: 'auto', budgetPods: limit - 1 })).coverage.kind).toBe('sample');
    expect(cluster.asked().filter((path) => path.includes('continue=')).length).toBeLessThanOrEqual(1);
  });

  test('samples when the census would take longer than the budget', async () => {
    const slow = ticking(300);
    expect((await read({ mode: 'auto', budgetSeconds: 4 }, {}, slow)).coverage.kind).toBe('sample');
  });

  test('samples when the server keeps throttling', async () => {
    cluster.running.faults.inject({
      path: /pods\?limit=100&continue/,
      times: 3,
      action: { kind: 'status', status: 429, retryAfterSeconds: 1 },
    });
    expect((await read({ mode: 'auto' })).coverage.kind).toBe('sample');
  });

  test('samples when the server throttles the census permanently', async () => {
    cluster.running.faults.inject({
      path: /pods\?limit=100(&continue.*)?$/,
      action: { kind: 'status', status: 429, retryAfterSeconds: 100 },
    });
    expect((await read({ mode: 'auto' })).coverage.kind).toBe('sample');
  });

  test('stays with the census when a sample would read nearly as much', async () => {
    expect((await read({ mode: 'auto', budgetPods: 10, toleratedRate: 0.01 })).coverage).toMatchObject({ kind: 'full' });
  });

  test('stays with the census when the nodes could not be read', async () => {
    expect((await read({ mode: 'auto', budgetPods: 10 }, { nodes: undefined })).coverage).toMatchObject({ kind: 'full' });
  });

  test('does not hide another failure by sampling', async () => {
    cluster.running.faults.inject({ path: /continue=/, action: { kind: 'status', status: 403 } });
    await expect(read({ mode: 'auto' })).rejects.toMatchObject({ code: 'denied' });
  });
});
