import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../shared/domain/findings/finding.ts';
import { UNASSIGNED } from '../../../shared/ports/finding-filter.ts';
import type { FindingQuestion, FoundFinding } from '../../../shared/usecases/queries/find-findings.ts';
import { facetBase, facetsOf, groupFindings, groupKey } from '../../../shared/usecases/queries/group-findings.ts';
import { aFinding, anExemption, clusterIdOf, SUBSCRIPTION } from '../../http/estate.ts';

const WORKLOAD = { kind: 'workload', namespace: 'shop', ownerKind: 'Deployment', ownerName: 'cart' } as const;
const found = (over: Partial<Finding> = {}, more: Partial<FoundFinding> = {}): FoundFinding => ({
  finding: aFinding(over),
  overdue: false,
  ...more,
});
const tagsOf = (clusterId: string): Record<string, string> => (clusterId === clusterIdOf('prod') ? { Team: 'core' } : {});

describe('a group of findings', () => {
  it.each<[Parameters<typeof groupKey>[1], Partial<Finding>, string]>([
    ['rule', {}, 'node-image-current'],
    ['cluster', {}, clusterIdOf('prod')],
    ['namespace', { subject: WORKLOAD }, 'shop'],
    ['namespace', {}, ''],
    ['subscription', {}, SUBSCRIPTION],
    ['owner', { owner: 'anna' }, 'anna'],
    ['owner', {}, UNASSIGNED],
    ['tag:team', {}, 'core'],
    ['tag:other', {}, ''],
    ['tag:team', { clusterName: 'dev' }, ''],
  ])('by %s of %j is %s', (by, over, key) => {
    expect(groupKey(aFinding(over), by, tagsOf)).toBe(key);
  });

  it('counts its findings, clusters and severities, and knows its oldest finding', () => {
    const all = [
      found({ firstSeenAt: '2026-11-02T00:00:00.000Z' }, { overdue: true }),
      found({ firstSeenAt: '2026-11-01T00:00:00.000Z', severity: 'low' }),
      found({ clusterName: 'dev', firstSeenAt: '2026-11-03T00:00:00.000Z' }),
    ];
    expect(groupFindings(all, 'rule', tagsOf)).toEqual([
      {
        key: 'node-image-current',
        label: 'node-image-current',
        count: 3,
        overdue: 1,
        bySeverity: { critical: 0, high: 2, medium: 0, low: 1, info: 0 },
        clusters: 2,
        oldest: '2026-11-01T00:00:00.000Z',
      },
    ]);
  });

  it('of a cluster shows its name, and the worst comes first', () => {
    const all = [
      found({ clusterName: 'b', severity: 'low' }),
      found({ clusterName: 'c', severity: 'high' }),
      found({ clusterName: 'a', severity: 'low' }),
      found({ clusterName: 'd', severity: 'high' }, {}),
      found({ clusterName: 'd', severity: 'high', subject: { kind: 'node-pool', name: 'other' } }),
    ];
    expect(groupFindings(all, 'cluster', tagsOf).map(({ key, label }) => [key, label])).toEqual(
      ['d', 'c', 'a', 'b'].map((name) => [clusterIdOf(name), name]),
    );
  });
});

describe('the facets of findings', () => {
  const facets = (all: readonly FoundFinding[], question: FindingQuestion = {}, passesTag: (finding: Finding) => boolean = () => true) =>
    facetsOf(all, question, tagsOf, passesTag);
  const counts = (of: readonly { readonly value: string; readonly count: number }[]) => of.map(({ value, count }) => [value, count]);

  it('name every value that findings have', () => {
    const all = [found({ subject: WORKLOAD, owner: 'anna' }, { exemption: anExemption(), overdue: true }), found()];
    const told = facets(all);
    expect(Object.fromEntries(Object.entries(told).map(([name, values]) => [name, counts(values)]))).toEqual({
      severity: [['high', 2]],
      rule: [['node-image-current', 2]],
      cluster: [[clusterIdOf('prod'), 2]],
      subscription: [[SUBSCRIPTION, 2]],
      namespace: [['shop', 1]],
      nodePool: [['kata', 1]],
      kind: [
        ['node-pool', 1],
        ['workload', 1],
      ],
      owner: [
        [UNASSIGNED, 1],
        ['anna', 1],
      ].toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)),
      tag: [['Team=core', 2]],
      exempted: [
        ['false', 1],
        ['true', 1],
      ],
      overdue: [['true', 1]],
    });
    expect(told.cluster[0]?.label).toBe('prod');
  });

  it('count each value as if its own filter alone were not set', () => {
    const all = [
      found({ severity: 'low' }),
      found({ ruleId: 'workload-sandboxed' }),
      found({ severity: 'low', ruleId: 'workload-sandboxed' }),
      found(),
    ];
    const told = facets(all, { severity: ['high'], rule: ['node-image-current'] });
    expect([counts(told.severity), counts(told.rule), counts(told.kind)]).toEqual([
      [
        ['high', 1],
        ['low', 1],
      ],
      [
        ['node-image-current', 1],
        ['workload-sandboxed', 1],
      ],
      [['node-pool', 1]],
    ]);
  });

  it('count tags in the same way, by what the store says of them', () => {
    const isProd = ({ clusterName }: Finding) => clusterName === 'prod';
    const all = [found(), found({ clusterName: 'dev' }), found({ clusterName: 'dev', severity: 'low' })];
    const told = facets(all, { tag: ['Team=core'], severity: ['high'] }, isProd);
    expect([counts(told.cluster), counts(told.tag), counts(told.severity)]).toEqual([
      [[clusterIdOf('prod'), 1]],
      [['Team=core', 1]],
      [['high', 1]],
    ]);
    expect(counts(facets(all, {}, isProd).cluster)).toHaveLength(2);
  });

  it('begin with the most frequent value, severities with the worst, and name a hundred', () => {
    const of = (name: string, severity: Finding['severity']) => found({ clusterName: name, severity });
    const told = facets([of('b', 'info'), of('b', 'info'), of('c', 'critical'), of('a', 'high')]);
    expect(told.cluster.map(({ label }) => label)).toEqual(['b', 'a', 'c']);
    expect(told.severity.map(({ value }) => value)).toEqual(['critical', 'high', 'info']);
    const inNamespaces = facets(['low', 'critical'].map((namespace) => found({ subject: { ...WORKLOAD, namespace } })));
    expect(inNamespaces.namespace.map(({ value }) => value)).toEqual(['critical', 'low']);
    const many = Array.from({ length: 101 }, (_, at) => of(`c${at}`, 'high'));
    expect(facets(many).cluster).toHaveLength(100);
  });

  it('are of findings with the status in question', () => {
    expect([facetBase({ status: ['open'], severity: ['low'] }), facetBase({ severity: ['low'] })]).toEqual([{ status: ['open'] }, {}]);
  });
});
