import { describe, expect, it } from 'vitest';
import { Fault } from '../../../shared/domain/snapshot/fault.ts';
import type { Coverage } from '../../../shared/domain/snapshot/observation.ts';
import type { PodGroup } from '../../../shared/domain/snapshot/pod-group.ts';
import type { Lists, Selection } from '../../../shared/kubernetes/pods/list.ts';
import { ListExpired } from '../../../shared/kubernetes/pods/list-fault.ts';
import { readWorkloads } from '../../../shared/kubernetes/pods/read-workloads.ts';
import { Unstreamed } from '../../../shared/kubernetes/pods/stream-list.ts';
import { parseListPage } from '../../../shared/kubernetes/wire/list-page.ts';
import type { Resource } from '../../../shared/kubernetes/wire/resources.ts';
import { encodeObject } from '../../../shared/local/estate/kubernetes/protobuf.ts';
import { aNode } from '../support/a-node.ts';
import { READING } from '../support/simulated-cluster.ts';

const running = new AbortController().signal;

/** A page of a list in JSON. */
interface Page {
  readonly names: readonly string[];
  readonly next?: string;
  readonly remaining?: number;
}

interface Cluster {
  /** The pages of a request, by its path and its field selector; a fault instead of one ends the list. */
  readonly pages: (path: string, selection: Selection, at: number) => readonly (Page | Error)[];
  /** Encoded pods that are streamed; a server that does not stream when absent. */
  readonly streamed?: readonly Buffer[];
  /** Called before each page or streamed pod. */
  readonly onRead?: () => void;
  readonly putOff?: () => number;
}

function listsOf({
  pages,
  streamed,
  onRead = () => undefined,
  putOff = () => 0,
}: Cluster): Lists & { readonly asked: string[]; readonly census: string[] } {
  const asked: string[] = [];
  const census: string[] = [];
  return {
    asked,
    census,
    async *pages<T>(resource: Resource<T>, selection: Selection) {
      const { fieldSelector, limit } = selection;
      asked.push(limit === 1 ? 'count' : (fieldSelector?.replace('spec.nodeName=', 'node ') ?? resource.path));
      for (const page of pages(resource.path, selection, asked.length - 1)) {
        onRead();
        if (page instanceof Error) throw page;
        if (fieldSelector === undefined && limit !== 1) census.push(...page.names);
        const items = page.names.map((name) => ({ metadata: { name }, spec: { nodeName: fieldSelector?.split('=')[1] } }));
        const metadata = { continue: page.next, remainingItemCount: page.remaining };
        yield parseListPage(Buffer.from(JSON.stringify({ kind: resource.listKind, metadata, items })), resource);
      }
    },
    stream: async (_, take) => {
      if (streamed === undefined) throw new Unstreamed('a test says so');
      for (const pod of streamed) {
        onRead();
        take(pod, 0, pod.length);
      }
    },
    whyNotStreamed: async () => undefined,
    get putOff() {
      return putOff();
    },
  };
}

const NODES = Array.from({ length: 20 }, (_, at) => aNode(`n-${String(at).padStart(2, '0')}`));
/** Draws few of the nodes. */
const LOOSE = { ...READING.pods, toleratedRate: 0.5, confidence: 0.8 };

const BEGUN = Date.parse('2026-11-20T10:00:00Z');

async function read(cluster: Cluster, pods: Partial<typeof READING.pods> = {}, change: Partial<typeof READING> = {}, now = () => 0) {
  const lists = listsOf(cluster);
  const reading = { ...READING, nodes: NODES, ...change, pods: { ...LOOSE, ...change.pods, ...pods } };
  const seen = await readWorkloads(lists, reading, () => new Date(BEGUN + now()), running);
  if (seen.state !== 'observed') throw new Error(seen.reason.message);
  return {
    ...seen,
    asked: lists.asked,
    census: lists.census.length,
    names: seen.value.map(({ ownerName }) => ownerName),
    nodes: nodesIn(lists.asked),
  };
}

const nodesIn = (asked: readonly string[]) => asked.flatMap((one) => (/^node ./.test(one) ? [one.slice(5)] : []));
const sampled = (coverage: Coverage) => (coverage.kind === 'sample' ? coverage : undefined);
/** A list of these pages of one pod each; every node has one pod. */
const pagesOf = (count: number, remaining?: number): Cluster['pages'] => {
  const page = (at: number): Page => ({
    names: [`p-${at}`],
    ...(at + 1 < count ? { next: `${at}`, remaining: remaining ?? count - at - 1 } : {}),
  });
  return (_, { fieldSelector, limit }) => {
    if (fieldSelector !== undefined) return [{ names: [`on-${fieldSelector.slice(14)}`] }];
    return limit === 1 ? [page(0)] : Array.from({ length: count }, (_one, at) => page(at));
  };
};

describe('the automatic mode', () => {
  it.each([
    [12, 'full', 12],
    [11, 'sample', 1],
  ])('reads 12 pods, when the budget is %i, by a census or a sample: %s, after %i pages', async (budgetPods, kind, pages) => {
    const { coverage, asked, census } = await read({ pages: pagesOf(12) }, { mode: 'auto', budgetPods });
    expect([coverage.kind, census]).toEqual([kind, pages]);
    expect(asked[0]).toBe('/api/v1/pods');
  });

  // Each page takes a second. From the third on, the whole is forecast from what was read.
  it.each([
    [12, 12, 'full', 12],
    [12, 11, 'sample', 3],
    [2, 2, 'full', 2],
    [2, 1, 'sample', 2],
  ])('forecasts the time of %i pages, within %i s: %s, known after %i pages', async (count, budgetSeconds, kind, pages) => {
    let now = 0;
    const onRead = () => {
      now += 1_000;
    };
    const { coverage, census } = await read({ pages: pagesOf(count), onRead }, { mode: 'auto', budgetSeconds }, {}, () => now);
    expect([coverage.kind, census]).toEqual([kind, pages]);
  });

  it('does not forecast from fewer than three pages', async () => {
    let now = 0;
    const slowAtFirst = () => {
      now += now === 0 ? 3_000 : 1;
    };
    const { coverage } = await read({ pages: pagesOf(4), onRead: slowAtFirst }, { mode: 'auto', budgetSeconds: 5 }, {}, () => now);
    expect(coverage.kind).toBe('full');
  });

  it.each([
    [2, 'full'],
    [3, 'sample'],
  ])('when the server puts it off %i times in the census, whatever it did before: %s', async (times, kind) => {
    let put = 7;
    const onRead = () => {
      put = 7 + times;
    };
    const { coverage } = await read({ pages: pagesOf(3), onRead, putOff: () => put }, { mode: 'auto' });
    expect(coverage.kind).toBe(kind);
  });

  it('gives the sample a time of its own after a census that took all of it', async () => {
    let now = 0;
    const onRead = () => {
      now += now === 0 ? 100_000 : 1;
    };
    const { nodes } = await read({ pages: pagesOf(9), onRead }, { mode: 'auto', budgetSeconds: 50 }, {}, () => now);
    expect(nodes.length).toBeGreaterThan(1);
  });

  it.each([
    ['throttled', 'sample'],
    ['denied', 'denied'],
    ['unreachable', 'unreachable'],
  ] as const)('whose census ends by %s: %s', async (code, expected) => {
    const pages: Cluster['pages'] = (path, one) =>
      one.fieldSelector === undefined && one.limit === undefined
        ? [{ names: ['a'], next: 'x' }, new Fault(code, 'No.')]
        : pagesOf(1)(path, one, 0);
    const outcome = (mode: 'auto' | 'census') =>
      read({ pages }, { mode }).then(
        ({ coverage }) => coverage.kind,
        (error: unknown) => (error instanceof Fault ? error.code : error),
      );
    expect([await outcome('auto'), await outcome('census')]).toEqual([expected, code]);
  });

  it('is a census without nodes to draw', async () => {
    for (const nodes of [undefined, []]) {
      expect((await read({ pages: pagesOf(3) }, { mode: 'auto', budgetPods: 1 }, { nodes })).coverage.kind).toBe('full');
      await expect(read({ pages: pagesOf(3) }, { mode: 'sample' }, { nodes })).rejects.toMatchObject({ code: 'unsupported' });
    }
  });

  it('watches a stream, which has no pages, every 500 pods', async () => {
    const streamed = Array.from({ length: 1_100 }, (_, at) => encodeObject('Pod', { metadata: { name: `p-${at}` } }));
    const read1100 = (budgetPods: number) => read({ pages: pagesOf(1), streamed }, { mode: 'auto', budgetPods });
    expect((await read1100(1_000)).coverage).toEqual({ kind: 'full', by: 'one streamed list' });
    expect((await read1100(999)).coverage.kind).toBe('sample');
  });

  it.each([
    [0.1, 8, 'sample'],
    [0.08, 11, 'full'],
  ])('samples only where that reads much less: to tolerate %d takes %i of 20 nodes: %s', async (toleratedRate, _, kind) => {
    expect((await read({ pages: pagesOf(2) }, { mode: 'auto', toleratedRate, budgetPods: 1 })).coverage.kind).toBe(kind);
  });
});

describe('a census', () => {
  it('whose list expires twice is read by namespace, each begun again once', async () => {
    const gone = new ListExpired('pods');
    let shop = 0;
    const pages: Cluster['pages'] = (path) => {
      if (path === '/api/v1/namespaces') return [{ names: ['shop', 'a/b'] }];
      if (path === '/api/v1/pods') return [{ names: ['lost'], next: 'x' }, gone];
      return path.includes('shop') && shop++ === 0 ? [{ names: ['lost'], next: 'x' }, gone] : [{ names: [path.split('/')[4] ?? ''] }];
    };
    const { names, asked, coverage } = await read({ pages }, { mode: 'census' });
    expect(names).toEqual(['shop', 'a%2Fb']);
    expect(asked).toEqual([
      '/api/v1/pods',
      '/api/v1/pods',
      '/api/v1/namespaces',
      '/api/v1/namespaces/shop/pods',
      '/api/v1/namespaces/shop/pods',
      '/api/v1/namespaces/a%2Fb/pods',
    ]);
    expect(coverage).toEqual({ kind: 'full', by: 'pages, because a test says so' });
  });

  it('that keeps fewer workloads than there are says how many pods it left out', async () => {
    const { coverage, value } = await read({ pages: pagesOf(5) }, { mode: 'census', maxWorkloads: 3 });
    expect([value.length, coverage]).toEqual([3, { kind: 'truncated', message: expect.stringContaining('2 of 5 pods') }]);
    expect((await read({ pages: pagesOf(5) }, { mode: 'census', maxWorkloads: 5 })).coverage.kind).toBe('full');
  });

  it('that meets a pod which is none throws, and is no stream of fewer pods', async () => {
    const streamed = [encodeObject('Pod', { metadata: { name: 'a' } }), Buffer.from([0x0a, 200, 1])];
    await expect(read({ pages: pagesOf(1), streamed }, { mode: 'census' })).rejects.toThrow('a pod could not be decoded');
  });
});

describe('a sample', () => {
  const sample = (change: Partial<typeof READING> = {}, cluster: Cluster = { pages: pagesOf(9) }) =>
    read(cluster, { mode: 'sample' }, change);

  it('counts all pods, then reads those of no node, then those of drawn nodes', async () => {
    const { asked, nodes, names, coverage } = await sample();
    expect(asked.slice(0, 2)).toEqual(['count', 'node ']);
    expect(asked.length).toBe(2 + nodes.length);
    expect(names.toSorted()).toEqual(['on-', ...nodes.map((node) => `on-${node}`)].toSorted());
    expect(sampled(coverage)).toMatchObject({ sampledNodes: nodes.length, totalNodes: 20, sampledPods: nodes.length + 1, totalPods: 9 });
  });

  it.each<[string, readonly Page[], number | undefined]>([
    ['says what remains', [{ names: ['a'], next: 'x', remaining: 41 }], 42],
    ['has one page', [{ names: ['a'] }], 1],
    ['has no pod', [{ names: [] }], 0],
    ['does not say', [{ names: ['a'], next: 'x' }], undefined],
  ])('knows how many pods there are where the list %s', async (_, first, total) => {
    const { coverage } = await sample({}, { pages: (path, one) => (one.limit === 1 ? first : pagesOf(1)(path, one, 0)) });
    expect(sampled(coverage)?.totalPods).toBe(total);
  });

  it('without any page is malformed', async () => {
    const pages: Cluster['pages'] = (path, one) => (one.limit === 1 ? [] : pagesOf(1)(path, one, 0));
    await expect(sample({}, { pages })).rejects.toMatchObject({ code: 'malformed' });
  });

  it('draws the same nodes in the same order whatever the order in which the nodes are listed', async () => {
    const mixed = NODES.map((node, at) => ({ ...node, nodePool: at % 2 === 0 ? 'even' : 'odd' }));
    const first = (await sample({ nodes: mixed })).asked;
    expect((await sample({ nodes: mixed.toReversed() })).asked).toEqual(first);
    expect((await sample({ nodes: mixed, seed: 'other' })).asked).not.toEqual(first);
  });

  it('draws from two pools in turn, with an order of its own in each', async () => {
    const mixed = NODES.map((node, at) => ({ ...node, nodePool: at < 10 ? 'a' : 'b' }));
    const { nodes } = await sample({ nodes: mixed, pods: { ...LOOSE, toleratedRate: 0.2 } });
    const pools = nodes.map((name) => (Number(name.slice(2)) < 10 ? 'a' : 'b'));
    expect(pools.slice(0, 4)).toEqual(['a', 'b', 'a', 'b']);
    const places = (pool: string) => nodes.filter((_, at) => pools[at] === pool).map((name) => Number(name.slice(2)) % 10);
    expect(places('a')).not.toEqual(places('b'));
  });

  it('draws from the nodes of one pool that can run Kata, or a handler that is accepted, apart from the others', async () => {
    const kata = new Set(NODES.filter((_, at) => at % 2 === 0).map(({ name }) => name));
    const mixed = (handler: string) => NODES.map((node) => (kata.has(node.name) ? { ...node, runtimeHandlers: ['', handler] } : node));
    const violates = (groups: readonly PodGroup[]) => groups.some(({ ownerName }) => kata.has(ownerName.slice(3)));
    const drawn = async (handler: string, acceptedHandlers: readonly string[] = []) =>
      (await sample({ nodes: mixed(handler), violates, acceptedHandlers })).nodes.filter((name) => !kata.has(name)).length;
    expect([await drawn('kata'), await drawn('mine', ['mine']), await drawn('mine')]).toEqual([1, 1, 10]);
  });

  it('begins the list of a node again once when it expired', async () => {
    let times = 0;
    const pages: Cluster['pages'] = (path, one) =>
      one.fieldSelector === 'spec.nodeName=' && times++ === 0
        ? [{ names: ['lost'], next: 'x' }, new ListExpired('pods')]
        : pagesOf(1)(path, one, 0);
    const { names, asked } = await sample({}, { pages });
    expect(asked.slice(0, 3)).toEqual(['count', 'node ', 'node ']);
    expect(names).not.toContain('lost');
  });

  it.each([
    ['nothing is wrong', () => false, false],
    ['one node is', (groups: readonly PodGroup[]) => groups.some(({ ownerName }) => ownerName !== 'on-'), true],
  ])('reads all nodes of a stratum only where something is wrong: %s', async (_, violates, isWhole) => {
    const { nodes, coverage } = await sample({ violates });
    expect([new Set(nodes).size === NODES.length, coverage.kind]).toEqual(isWhole ? [true, 'full'] : [false, 'sample']);
  });

  it.each([
    [1, 0],
    [3, 2],
    [5, 4],
  ])('of a budget of %i pods reads %i nodes', async (budgetPods, count) => {
    const wrong = { violates: () => true };
    expect((await read({ pages: pagesOf(9) }, { mode: 'sample', budgetPods }, wrong)).nodes).toHaveLength(count);
  });

  // The count and the pods of no node take one second each.
  it.each([
    [2, 0],
    [3, 1],
    [10, 8],
  ])('of a budget of %i s reads %i nodes', async (budgetSeconds, count) => {
    let now = 0;
    const onRead = () => {
      now += 1_000;
    };
    const wrong = { violates: () => true };
    const { nodes } = await read({ pages: pagesOf(9), onRead }, { mode: 'sample', budgetSeconds }, wrong, () => now);
    expect(nodes).toHaveLength(count);
  });
});
