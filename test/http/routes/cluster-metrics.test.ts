import { describe, expect, it } from 'vitest';
import { ask } from '../client.ts';
import { aFinding, anEstate, aSummary, SUBSCRIPTION } from '../estate.ts';
import { parseMetrics } from '../prometheus-parser.ts';

const denied = { code: 'denied', message: 'no' } as const;
const hostile = 'prod",cluster_name="other\\\n';
const verdicts = { pass: 1, fail: 0, unknown: 0, 'not-applicable': 0 };
const failing = [aFinding(), aFinding({ ruleId: 'workload-sandboxed', severity: 'critical' })];
const summaries = [
  aSummary('prod', failing, {
    rules: { ...aSummary('prod', failing).rules, 'isolation-proven': { open: 0, verdicts } },
    lastAssessedAt: '2026-11-23T06:00:00.000Z',
    oldestImage: { nodePool: 'kata', nodeImageVersion: 'AKSAzureLinux-V3katagen2-202610.08.0', releasedOn: '2026-10-08' },
  }),
  aSummary('test', [], {
    assessment: 'partly-assessed',
    gaps: [
      { evidence: 'workloads', reason: denied },
      { evidence: 'nodes', reason: denied },
      { evidence: 'settings', reason: { code: 'throttled', message: 'slow' } },
    ],
  }),
  aSummary('old', [aFinding()], { status: 'deleted' }),
];
const exemption = {
  id: 'e1',
  category: 'waiver',
  rule: 'node-image-current',
  cluster: 'prod',
  reason: 'r',

  approvedBy: 'a',
  expiresOn: '2026-12-31',
} as const;
const estate = anEstate({ summaries, findings: [aFinding()], policy: { exemptions: [exemption] } }, { clusterMetrics: 10 });

const metrics = async (of = estate) => new Map(parseMetrics((await ask(of, '/metrics')).text).map((family) => [family.name, family]));
const valuesOf = async (name: string, of = estate) =>
  ((await metrics(of)).get(name)?.samples ?? []).map(({ labels, value }) => {
    const { cluster_name: cluster, resource_group: _g, subscription_id: _s, ...rest } = labels;
    return [cluster, ...Object.values(rest), value];
  });

describe('the metrics of clusters', () => {
  it('are absent unless they are turned on', async () => {
    const names = [...(await metrics(anEstate({ summaries }))).keys()];
    expect(names.filter((name) => /^kataudit_cluster_(?!assessments|gaps)/.test(name))).toEqual([]);
  });

  it('name the cluster, so that its page in the portal and in the dashboard can be found', async () => {
    const [sample] = (await metrics()).get('kataudit_cluster_open_findings')?.samples ?? [];
    expect(sample?.labels).toEqual({ cluster_name: 'prod', resource_group: 'rg', subscription_id: SUBSCRIPTION, severity: 'critical' });
  });

  it.each<[string, readonly (readonly (string | number | undefined)[])[]]>([
    [
      'kataudit_cluster_rule_open_findings',
      [
        ['prod', 'node-image-current', 1],
        ['prod', 'workload-sandboxed', 1],
      ],
    ],
    [
      'kataudit_cluster_unseen_parts',
      [
        ['prod', 0],
        ['test', 'denied', 2],
        ['test', 'throttled', 1],
      ],
    ],
    ['kataudit_cluster_last_full_look_timestamp_seconds', [['prod', Date.parse('2026-11-23T06:00:00Z') / 1_000]]],
    ['kataudit_cluster_oldest_image_release_timestamp_seconds', [['prod', Date.parse('2026-10-08') / 1_000]]],
    ['kataudit_clusters_without_series', [[undefined, 0]]],
  ])('contain %s', async (name, values) => {
    expect(await valuesOf(name)).toEqual(values);
  });

  it('count every severity of every present cluster, and separately what is exempted', async () => {
    const open = await valuesOf('kataudit_cluster_open_findings');
    const exempted = await valuesOf('kataudit_cluster_exempted_findings');
    expect([open.length, exempted.length]).toEqual([10, 10]);
    expect(open.filter(([, , value]) => value !== 0)).toEqual([
      ['prod', 'critical', 1],
      ['prod', 'high', 1],
    ]);
    expect(exempted.filter(([, , value]) => value !== 0)).toEqual([['prod', 'high', 1]]);
  });

  it.each([
    [1, ['prod'], 1],
    [2, ['prod', 'test'], 0],
  ])('end at the limit of %i, ordered by ids and not by values, and report how many are left out', async (clusterMetrics, names, left) => {
    const of = anEstate({ summaries: summaries.toReversed() }, { clusterMetrics });
    const told = new Set((await valuesOf('kataudit_cluster_unseen_parts', of)).map(([cluster]) => cluster));
    expect([...told]).toEqual(names);
    expect(await valuesOf('kataudit_clusters_without_series', of)).toEqual([[undefined, left]]);
  });

  it('are in the order of ids, whatever the order of the store', async () => {
    const clusters = async () => ({ value: ['b', 'c', 'a'].map((name) => aSummary(name, [])) });
    const of = anEstate({}, { findings: { ...anEstate().findings, clusters }, clusterMetrics: 2 });
    expect((await valuesOf('kataudit_cluster_unseen_parts', of)).map(([cluster]) => cluster)).toEqual(['a', 'b']);
  });

  it('keep a hostile name in its label', async () => {
    const of = anEstate({ summaries: [aSummary(hostile, [])] }, { clusterMetrics: 1 });
    expect(await valuesOf('kataudit_cluster_unseen_parts', of)).toEqual([[hostile, 0]]);
  });
});
