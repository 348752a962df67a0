import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Fault } from '../../../shared/domain/snapshot/fault.ts';
import type { Observation } from '../../../shared/domain/snapshot/observation.ts';
import type { PodGroup } from '../../../shared/domain/snapshot/pod-group.ts';
import type { KubernetesNode, RuntimeClass } from '../../../shared/domain/snapshot/snapshot.ts';
import { type TargetPlan, whyNotWorthwhile } from '../../../shared/kubernetes/pods/target-plan.ts';
import type { FaultAction } from '../../../shared/local/estate/server/fault-injection.ts';
import type { PodReading } from '../../../shared/ports/cluster-reader.ts';
import { READING, type SimulatedCluster, soon, startCluster } from '../support/simulated-cluster.ts';

let cluster: SimulatedCluster;
let nodes: readonly KubernetesNode[];
let runtimeClasses: readonly RuntimeClass[];
let census: readonly PodGroup[];
let named: readonly string[];

beforeAll(async () => {
  cluster = await startCluster();
  const reader = await cluster.reader();
  nodes = await reader.nodes(soon());
  runtimeClasses = await reader.runtimeClasses(soon());
  reader.close();
  census = groupsOf(await read({}, { pods: READING.pods }));
  named = [...new Set(census.map(({ namespace }) => namespace))].slice(0, 2);
});
afterAll(() => cluster.running.stop());
beforeEach(() => {
  cluster.asked();
});
afterEach(() => cluster.running.faults.clear());

async function read(options: Parameters<SimulatedCluster['reader']>[0] = {}, change: Partial<PodReading> = {}) {
  const reader = await cluster.reader({ whyNotTargeted: () => undefined, ...options });
  try {
    const required = { names: named ?? [], of: 20 };
    return await reader.workloads(
      { ...READING, nodes, runtimeClasses, required, pods: { ...READING.pods, mode: 'targeted' }, ...change },
      soon(),
    );
  } finally {
    reader.close();
  }
}

function groupsOf(seen: Observation<readonly PodGroup[]>): readonly PodGroup[] {
  return seen.state === 'observed' ? seen.value : expect.unreachable(seen.reason.message);
}

function coverageOf(seen: Observation<readonly PodGroup[]>) {
  if (seen.state !== 'observed' || seen.coverage.kind !== 'targeted') expect.unreachable(JSON.stringify(seen).slice(0, 300));
  return seen.coverage;
}

const total = (groups: readonly PodGroup[]) => groups.reduce((sum, { pods }) => sum + pods, 0);
const counts = (groups: readonly PodGroup[], namespaces: readonly string[]) =>
  groups
    .filter(({ namespace }) => namespaces.includes(namespace))
    .map(({ examples: _, marked: __, ...group }) => group)
    .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
const onKata = ({ podsByNodePool }: PodGroup) => podsByNodePool.kata ?? 0;
const kataNodes = () => nodes.filter(({ nodePool }) => nodePool === 'kata');

function inject(path: RegExp, action: FaultAction) {
  cluster.running.faults.inject({ path, action });
}

describe('a targeted read', () => {
  it('counts the pods of the named namespaces like a census, and every pod on a Kata node once', async () => {
    const seen = await read();
    const groups = groupsOf(seen);
    expect(counts(groups, named)).toEqual(counts(census, named));
    const sum = (all: readonly PodGroup[]) => all.reduce((pods, group) => pods + onKata(group), 0);
    expect(sum(groups)).toBe(sum(census));
    const others = groups.filter(({ namespace }) => !named.includes(namespace));
    expect(others.every((group) => group.pods === onKata(group) + group.placement.unscheduled)).toBe(true);
    expect(coverageOf(seen)).toEqual({
      kind: 'targeted',
      namespaces: named,
      nodes: kataNodes().length,
      totalNodes: nodes.length,
      pods: total(groups),
      totalPods: total(census),
    });
    expect(total(groups)).toBeLessThan(total(census));
    expect(kataNodes().length).toBe(10);
  });

  it('counts a pod once that gets its node between two lists', async () => {
    const [first] = kataNodes();
    const pod = (spec: object, status: object) => ({
      metadata: { name: 'moving', namespace: 'other' },
      spec: { containers: [{}], ...spec },
      status,
    });
    const list = (items: readonly object[]) => JSON.stringify({ kind: 'PodList', metadata: {}, items });
    const running = { phase: 'Running' };
    inject(/nodeName%3D(%2C|$|&)/, { kind: 'broken-body', body: list([pod({}, { phase: 'Pending' })]) });
    inject(new RegExp(`nodeName%3D${first?.name}(%2C|$|&)`), {
      kind: 'broken-body',
      body: list([
        pod({ nodeName: first?.name }, running),
        { ...pod({ nodeName: first?.name }, running), metadata: { name: 'moving', namespace: 'another' } },
      ]),
    });
    const groups = groupsOf(await read());
    expect(groups.filter(({ namespace }) => namespace === 'other')).toMatchObject([{ pods: 1, phases: { pending: 1 } }]);
    expect(groups.filter(({ namespace }) => namespace === 'another')).toMatchObject([{ pods: 1, phases: { running: 1 } }]);
  });

  it('includes nodes of which it is not known whether they can run Kata', async () => {
    const [unclear, ...others] = nodes.filter(({ nodePool }) => nodePool === 'apps0');
    const old = { ...unclear, labels: { 'kubernetes.azure.com/kata-vm-isolation': 'true' }, kernelVersion: '6.6.1-generic' };
    const { runtimeHandlers: _, nodeImageVersion: __, ...node } = { ...(unclear ?? expect.unreachable()), ...old };
    const seen = await read({}, { nodes: [...kataNodes(), node, ...others] });
    expect(coverageOf(seen).nodes).toBe(11);
    expect(cluster.asked().some((path) => path.includes(`spec.nodeName%3D${node.name}`))).toBe(true);
  });

  it.each<[string, Partial<PodReading>, string]>([
    ['the policy is about every namespace', { required: { why: 'the policy says so' } }, 'the policy says so'],
    ['the nodes could not be read', { nodes: undefined }, 'the nodes could not be read'],
    [
      'the policy names very many namespaces',
      { required: { names: Array.from({ length: 51 }, (_, at) => `n${at}`), of: 60 } },
      "the policy names 51 of the cluster's namespaces",
    ],
  ])('is a census when %s, and says why', async (_, change, why) => {
    const seen = await read({}, change);
    expect(total(groupsOf(seen))).toBe(total(census));
    expect(seen).toMatchObject({ coverage: { kind: 'full', by: expect.stringContaining(`; all of them, because ${why}`) } });
    expect(cluster.asked().some((path) => path.includes('fieldSelector'))).toBe(false);
  });

  it('is a census where it would not save half, where the pods are not counted, and on servers that do not stream lists', async () => {
    expect(await read({ whyNotTargeted: whyNotWorthwhile })).toMatchObject({
      coverage: { kind: 'full', by: expect.stringContaining('would not save half') },
    });
    inject(/limit=1$/, { kind: 'broken-body', body: JSON.stringify({ kind: 'PodList', metadata: { continue: 'more' }, items: [] }) });
    expect(await read()).toMatchObject({ coverage: { kind: 'full', by: expect.stringContaining('does not report the number of pods') } });
    inject(/\/version$/, { kind: 'rewrite', rewrite: () => '{"major":"1","minor":"33"}' });
    expect(await read()).toMatchObject({ coverage: { kind: 'full', by: expect.stringContaining('1.33 does not stream lists') } });
  });
});

describe('a list of a targeted read that fails', () => {
  const status = (code: number): FaultAction => ({ kind: 'status', status: code });

  it.each<[string, FaultAction, string]>([
    ['is refused', status(403), 'denied'],
    ['is not there', status(404), 'not-found'],
    ['expires again and again', status(410), 'expired'],
    ['breaks off', { kind: 'cut', afterBytes: 50 }, 'unreachable'],
    ['is no list', { kind: 'broken-body', body: '{}' }, 'malformed'],
    ['stalls', { kind: 'hang' }, 'timed-out'],
  ])('because it %s costs only its own pods, and is a gap', async (_, action, code) => {
    const [lost = '', kept = ''] = named;
    inject(new RegExp(`/namespaces/${lost}/pods`), action);
    const seen = await read(code === 'timed-out' ? { silenceMs: 1_000 } : {});
    expect(coverageOf(seen)).toMatchObject({
      namespaces: [kept],
      nodes: 10,
      unread: [{ code, message: expect.stringContaining(`namespace ${lost}`) }],
    });
    expect(counts(groupsOf(seen), [kept])).toEqual(counts(census, [kept]));
    expect(groupsOf(seen).some(({ namespace }) => namespace === lost)).toBe(false);
  });

  it('is named whether it is of a node or of pods on no node', async () => {
    const [first] = kataNodes();
    inject(new RegExp(`nodeName%3D(${first?.name}|)(%2C|$|&)`), status(403));
    expect(coverageOf(await read())).toMatchObject({
      namespaces: named,
      nodes: 9,
      unread: [{ message: expect.stringMatching(/^Pods on no node: /) }, { message: expect.stringContaining(`the node ${first?.name}: `) }],
    });
  });

  it('is restarted once when its version has expired, and its pods count once', async () => {
    cluster.running.faults.inject({ path: /namespaces\/.*\/pods|nodeName/, times: 1, action: status(410) });
    const seen = await read();
    expect(coverageOf(seen)).not.toHaveProperty('unread');
    expect(counts(groupsOf(seen), named)).toEqual(counts(census, named));
  });

  it('ends the read when every list fails, or more than ten', async () => {
    inject(/namespaces\/.*\/pods|nodeName/, status(403));
    await expect(read()).rejects.toMatchObject({ code: 'denied' });
    cluster.running.faults.clear();
    inject(/nodeName/, status(403));
    await expect(read()).rejects.toMatchObject({ code: 'denied' });
  });

  it.each([
    [429, 'throttled'],
    [401, 'unauthenticated'],
  ])('with status %i is the answer of the server to every list, so no other is begun', async (code, fault) => {
    inject(/nodeName%3Daks-kata/, { kind: 'status', status: code, retryAfterSeconds: 1_000 });
    await expect(read()).rejects.toBeInstanceOf(Fault);
    await expect(read()).rejects.toMatchObject({ code: fault });
    const asked = cluster.asked().filter((path) => path.includes('nodeName%3Daks-kata'));
    expect(new Set(asked).size).toBeLessThan(10);
  });

  it('stops with the audit', async () => {
    const end = new AbortController();
    inject(/nodeName/, { kind: 'hang' });
    const reader = await cluster.reader({ whyNotTargeted: () => undefined });
    const required = { names: named, of: 20 };
    const reading = reader.workloads(
      { ...READING, nodes, runtimeClasses, required, pods: { ...READING.pods, mode: 'targeted' } },
      end.signal,
    );
    setImmediate(() => end.abort());
    await expect(reading).rejects.toBeInstanceOf(Error);
    reader.close();
  });
});

describe('whether a targeted read pays', () => {
  const plan = (change: Partial<TargetPlan>): TargetPlan => ({
    namespaces: [],
    totalNamespaces: 100,
    nodes: Array.from({ length: 30 }, (_, at) => `n${at}`),
    totalNodes: 100,
    totalPods: 15_500,
    ...change,
  });

  it.each<[string, Partial<TargetPlan>, boolean]>([
    ['it reads half at most, requests included', {}, true],
    ['it reads more than half', { totalPods: 15_499 }, false],
    ['namespaces add to nodes', { namespaces: ['a'], totalNamespaces: 4 }, false],
    ['most nodes can run Kata', { totalNodes: 31, totalPods: 1_000_000 }, false],
    ['there is nothing to ask for', { nodes: [], totalPods: 200 }, true],
    ['there are fewer pods than a request is worth', { nodes: [], totalPods: 199 }, false],
    ['the cluster has no nodes', { nodes: [], totalNodes: 0, totalNamespaces: 0, totalPods: 0 }, false],
  ])('is decided by counts: %s', (_, change, pays) => {
    expect(whyNotWorthwhile(plan(change)) === undefined).toBe(pays);
  });
});
