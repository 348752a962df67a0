import { describe, expect, it } from 'vitest';
import type { Judgement } from '../../../shared/domain/rule/rule.ts';
import { aCluster, aSnapshot } from '../../support/a-snapshot.ts';
import { comparedNumbers } from '../../support/linked-numbers.ts';
import { ask } from '../client.ts';
import { anEstate, aSummary, clusterIdOf } from '../estate.ts';

const RULE = 'workload-sandboxed';
const judged = (verdict: 'pass' | 'not-applicable', ownerName: string): Judgement => {
  return { verdict, subject: { kind: 'workload', namespace: 'shop', ownerKind: 'Deployment', ownerName }, message: `Seen: ${ownerName}.` };
};

/** Clusters with that many sandboxed workloads; `counted` is what the summaries say where it differs. */
function anEstateOf(sizes: Readonly<Record<string, number>>, counted: Readonly<Record<string, number>> = sizes, shownName?: string) {
  const read: string[] = [];
  const summaries = Object.keys(sizes).map((name) => {
    const verdicts = { pass: counted[name] ?? 0, fail: 0, unknown: 0, 'not-applicable': 1 };
    const cluster = aCluster({ id: clusterIdOf(name), name: shownName ?? name });
    return aSummary(name, [], { cluster, status: name === 'gone' ? 'deleted' : 'present', rules: { [RULE]: { open: 0, verdicts } } });
  });
  const get = async (clusterId: string) => {
    const name = Object.keys(sizes).find((one) => clusterIdOf(one) === clusterId) ?? '';
    read.push(name);
    const passes = Array.from({ length: sizes[name] ?? 0 }, (_, at) => judged('pass', `${name}-${at}`));
    const judgements = [judged('not-applicable', 'elsewhere'), ...passes];
    const snapshot = aSnapshot({ cluster: aCluster({ id: clusterId, name }) });
    return {
      snapshot,
      runs: [
        { ruleId: 'node-image-current', state: 'judged' as const, coverage: { kind: 'full' as const }, judgements: [] },
        { ruleId: RULE, state: 'judged' as const, coverage: { kind: 'full' as const }, judgements },
      ],
      policyHash: 'h',
    };
  };
  // The page has an order of its own.
  const clusters = async () => ({ value: summaries.toReversed() });
  const estate = anEstate(
    { summaries },
    { assessments: { get, put: async () => undefined }, findings: { ...anEstate({ summaries }).findings, clusters } },
  );
  return { read, page: async (path: string) => (await ask(estate, path, { headers: { accept: 'text/html' } })).text };
}

describe('the list of sandboxed workloads', () => {
  it('has as many entries as the estate page counts, over all its parts', async () => {
    const { page } = anEstateOf({ a: 30, b: 0, c: 40, d: 1, gone: 7 });
    const numbers = await comparedNumbers(['/dashboard'], page);
    expect(numbers.find(({ link }) => link === '/dashboard/sandboxed')).toMatchObject({ amount: 71, listed: 71 });
  });

  it('reads only the evidence of the clusters of its part', async () => {
    const { page, read } = anEstateOf({ a: 50, b: 0, c: 40, c1: 0, d: 1 });
    const first = await page('/dashboard/sandboxed');
    expect([read.splice(0), first.includes('a-49'), first.includes('c-0')]).toEqual([['a'], true, false]);
    const second = await page('/dashboard/sandboxed?page=2');
    expect([read, second.includes('a-49'), second.includes('c-0'), second.includes('d-0')]).toEqual([['c', 'd'], false, true, true]);
    expect(second).not.toContain('elsewhere');
  });

  it('has clusters of one name in the order of their ids', async () => {
    for (const sizes of [
      { a: 1, b: 1 },
      { b: 1, a: 1 },
    ]) {
      const text = await anEstateOf(sizes, sizes, 'same').page('/dashboard/sandboxed');
      expect(text.indexOf('a-0')).toBeGreaterThan(0);
      expect(text.indexOf('b-0')).toBeGreaterThan(text.indexOf('a-0'));
    }
  });

  it.each([
    ['names a cluster whose stored evidence is from another scan', { a: 1 }, { a: 2 }, true],
    ['has no warning where count and evidence agree', { a: 2 }, { a: 2 }, false],
  ])('%s', async (_, held, counted, isWarned) => {
    expect((await anEstateOf(held, counted).page('/dashboard/sandboxed')).includes('from another scan')).toBe(isWarned);
  });

  it('says so where there is none', async () => {
    expect(await anEstateOf({ a: 0 }).page('/dashboard/sandboxed')).toContain('No workload that must be sandboxed was found in a sandbox.');
  });
});
