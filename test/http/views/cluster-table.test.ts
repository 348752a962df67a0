import { describe, expect, it } from 'vitest';
import type { ClusterSummary } from '../../../shared/domain/findings/summary.ts';
import { DEFAULT_POLICY } from '../../../shared/domain/policy/policy.ts';
import { clusterTable } from '../../../shared/http/views/cluster-table.ts';
import { aFinding, anEstate, aSummary } from '../estate.ts';

const open = (critical: number, high: number) => ({ critical, high, medium: 0, low: 0, info: 0 });
const verdicts = { pass: 1, fail: 0, unknown: 0, 'not-applicable': 0 };
const failing = (count: number) => ({ 'node-image-current': { open: count, verdicts: { ...verdicts, fail: count } } });
const of = (name: string, over: Partial<ClusterSummary> = {}, tags: Record<string, string> = {}) => {
  const summary = aSummary(name, [], over);
  return { ...summary, cluster: { ...summary.cluster, tags } };
};
const image = (releasedOn: string) => ({ oldestImage: { nodePool: 'p', nodeImageVersion: 'v', releasedOn } });
const denied = { code: 'denied', message: 'no' } as const;
const clusters = [
  of(
    'calm',
    { ...image('2026-11-20'), kataNodePools: 3, sandboxedPods: 1, lastAssessedAt: '2026-11-23T00:00:00.000Z' },
    { env: 'prod', Team: 'b' },
  ),
  of(
    'Blind',
    { assessment: 'partly-assessed', gaps: [{ evidence: 'nodes', reason: denied }], kataNodePools: 1, sandboxedPods: 9 },
    { env: 'test' },
  ),
  of('bad', { openBySeverity: open(0, 9), rules: failing(9), ...image('2026-10-01'), kataNodePools: 2, sandboxedPods: 5 }, { env: 'prod' }),
  of('worst', {
    openBySeverity: open(1, 0),
    rules: { ...failing(1), 'isolation-proven': { open: 0, verdicts } },
    lastAssessedAt: '2026-11-01T00:00:00.000Z',
  }),
  of('dark', { assessment: 'not-assessed', gaps: [{ evidence: 'cluster', reason: { code: 'unreachable', message: 'no' } }] }),
];
const workload = { kind: 'workload', namespace: 'Shopping', ownerKind: 'Deployment', ownerName: 'cart' } as const;
const estate = anEstate({
  findings: [
    aFinding({ clusterName: 'calm', subject: workload }),
    aFinding({ clusterName: 'bad', subject: workload, status: 'resolved' }),
    aFinding({ clusterName: 'dark', subject: { kind: 'node', name: 'shopping-node' } }),
  ],
});
const table = (query: Parameters<typeof clusterTable>[2], all: readonly ClusterSummary[] = clusters) =>
  clusterTable(estate, all, query, DEFAULT_POLICY);
const names = async (...asked: Parameters<typeof table>) => (await table(...asked)).shown.map(({ cluster }) => cluster.name);

describe('the table of clusters', () => {
  it.each<[string, readonly string[]]>([
    ['status', ['worst', 'bad', 'Blind', 'dark', 'calm']],
    ['-status', ['calm', 'Blind', 'dark', 'bad', 'worst']],
    ['name', ['bad', 'Blind', 'calm', 'dark', 'worst']],
    ['-name', ['worst', 'dark', 'calm', 'Blind', 'bad']],
    ['-open', ['bad', 'worst', 'Blind', 'calm', 'dark']],
    ['-pools', ['calm', 'bad', 'Blind', 'dark', 'worst']],
    ['-pods', ['Blind', 'bad', 'dark', 'worst', 'calm']],
    ['proof', ['worst', 'bad', 'Blind', 'calm', 'dark']],
    ['-image', ['calm', 'bad', 'Blind', 'dark', 'worst']],
    ['-looked', ['calm', 'worst', 'bad', 'Blind', 'dark']],
  ])('is in the order of %s, and of names where that says nothing', async (sort, expected) => {
    expect(await names({ sort })).toEqual(expected);
  });

  it('has the failing ones first by default, the worst at the top', async () => {
    expect(await names({})).toEqual(await names({ sort: 'status' }));
    expect((await table({})).filter).toEqual({ sort: 'status' });
  });

  it.each<[Parameters<typeof table>[0], readonly string[]]>([
    [{ status: 'failing' }, ['bad', 'worst']],
    [{ status: 'blind' }, ['Blind', 'dark']],
    [{ status: 'compliant' }, ['calm']],
    [{ status: 'seen' }, ['bad', 'calm', 'worst']],
    [{ status: 'proven' }, ['worst']],
    [{ status: '' }, ['bad', 'Blind', 'calm', 'dark', 'worst']],
    [{ gap: 'denied' }, ['Blind']],
    [{ gap: 'nodes' }, ['Blind', 'dark']],
    [{ gap: 'workloads' }, ['dark']],
    [{ gap: 'unreachable' }, ['dark']],
    [{ image: ['stale'] }, ['bad']],
    [{ image: ['current', 'stale'] }, ['bad', 'calm']],
    [{ image: ['unknown'] }, ['Blind', 'dark', 'worst']],
    [{ image: [''] }, ['bad', 'Blind', 'calm', 'dark', 'worst']],
    [{ q: 'BLI' }, ['Blind']],
    [{ q: 'env=prod' }, ['bad', 'calm']],
    [{ q: 'shopp' }, ['calm']],
    [{ q: '' }, ['bad', 'Blind', 'calm', 'dark', 'worst']],
    [{ q: 'bad', status: 'compliant' }, []],
  ])('filtered by %o has %j', async (query, expected) => {
    const found = await table({ ...query, sort: 'name' });
    expect([found.shown.map(({ cluster }) => cluster.name), found.matching, found.problems]).toEqual([expected, expected.length, []]);
  });

  it.each([
    [{ status: 'odd' }, 'status "odd"'],
    [{ sort: 'odd' }, 'sort "odd"'],
    [{ sort: '--name' }, 'sort "--name"'],
    [{ sort: 'name-' }, 'sort "name-"'],
    [{ group: 'tag:odd' }, 'group "tag:odd"'],
    [{ gap: 'odd' }, 'gap "odd"'],
    [{ image: ['stale', 'odd'] }, 'image "odd"'],
  ])('is empty where %o is asked for, and says what is wrong', async (query, what) => {
    expect(await table(query)).toMatchObject({ shown: [], matching: 0, problems: [`There is no ${what}.`] });
  });

  it('keeps groups together, whatever the case of a tag, each in its own order', async () => {
    expect(await names({ group: 'tag:ENV', sort: 'name' })).toEqual(['dark', 'worst', 'bad', 'calm', 'Blind']);
    expect(await names({ group: 'tag:ENV', sort: '-name' })).toEqual(['worst', 'dark', 'calm', 'bad', 'Blind']);
    expect((await table({ group: 'subscription' })).filter.group).toBe('subscription');
    expect((await table({})).tagNames).toEqual(['Team', 'env']);
  });

  it('has those of one name in the order of their ids', async () => {
    const at = (id: string, name: string) => {
      const summary = of(name);
      return { ...summary, cluster: { ...summary.cluster, id } };
    };
    const all = [at('1', 'b'), at('3', 'a'), at('2', 'a')];
    const idsOf = async (sort: string) => (await table({ sort }, all)).shown.map(({ cluster }) => cluster.id);
    expect([await idsOf('name'), await idsOf('-name'), await idsOf('pods')]).toEqual([
      ['2', '3', '1'],
      ['1', '2', '3'],
      ['2', '3', '1'],
    ]);
  });

  it('offers up to twelve tags to group by, by name, and groups by any', async () => {
    const tags = Object.fromEntries(Array.from({ length: 13 }, (_, at) => [`t${99 - at}`, 'x']));
    const { tagNames } = await table({}, [of('a', {}, tags), of('b', {}, tags)]);
    expect(tagNames).toEqual(Array.from({ length: 12 }, (_, at) => `t${87 + at}`));
    expect(await table({ group: 'tag:t99' }, [of('a', {}, tags)])).toMatchObject({ matching: 1, problems: [] });
  });

  it('has fifty to a page, in one order over all pages', async () => {
    const many = Array.from({ length: 101 }, (_, at) => of(`c${String((at * 37) % 101).padStart(3, '0')}`));
    const sorted = Array.from({ length: 101 }, (_, at) => `c${String(at).padStart(3, '0')}`);
    const page = (number: number) => table({ sort: 'name', page: number }, many);
    expect(await names({ sort: 'name', page: 1 }, many)).toEqual(sorted.slice(0, 50));
    expect(await names({ sort: 'name', page: 2 }, many)).toEqual(sorted.slice(50, 100));
    expect(await names({ sort: 'name', page: 9 }, many)).toEqual(sorted.slice(100));
    expect(await page(9)).toMatchObject({ page: 3, pages: 3, matching: 101 });
    expect(await table({}, [])).toMatchObject({ page: 1, pages: 1, matching: 0 });
  });
});
