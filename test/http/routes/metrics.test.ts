import { describe, expect, it } from 'vitest';
import { gauge } from '../../../shared/http/framework/prometheus.ts';
import { ask } from '../client.ts';
import { aFinding, anEstate, anExemption, aSummary, NOW, SUBSCRIPTION } from '../estate.ts';
import { type Family, parseMetrics } from '../prometheus-parser.ts';

const parked = ['scans', 'scans', 'inventories'].map((queue, index) => ({
  id: String(index),
  queue,
  body: '{}',
  reason: 'r',
  parkedAt: NOW,
  dequeueCount: 5,
}));
const audit = { id: 'a1', startedAt: '2026-11-23T11:00:00.000Z', cause: 'timer', subscriptions: [SUBSCRIPTION] } as const;
const running = { ...audit, id: 'a2', startedAt: NOW };

const estate = anEstate(
  {
    summaries: [
      aSummary('prod', [aFinding()]),
      aSummary('test', [], {
        assessment: 'not-assessed',
        gaps: [{ evidence: 'cluster', reason: { code: 'denied', message: 'no' } }],
        observedAt: '2026-11-20T00:00:00.000Z',
      }),
      aSummary('old', [aFinding()], { status: 'deleted' }),
    ],
    parked,
    audits: [running, audit],
  },
  {
    audits: {
      ...anEstate({ audits: [running, audit] }).audits,
      get: async (id) => ({
        audit: id === 'a1' ? audit : running,
        subscriptions:
          id === 'a1'
            ? [{ auditId: id, subscriptionId: SUBSCRIPTION, at: '2026-11-23T11:00:02.000Z', outcome: { state: 'listed', clusters: 1 } }]
            : [],
        clusters:
          id === 'a1'
            ? [
                { auditId: id, clusterId: 'c', at: '2026-11-23T11:00:41.500Z', state: 'not-assessed', reasons: [], changed: 1 },
                { auditId: id, clusterId: 'd', at: '2026-11-23T11:00:30.000Z', state: 'assessed', reasons: [], changed: 0 },
              ]
            : [],
      }),
    },
    callBudgets: () => [{ budget: 'arm-reads', left: 12.5, size: 250 }],
  },
);

const metrics = async (of = estate) => new Map(parseMetrics((await ask(of, '/metrics')).text).map((family) => [family.name, family]));
const valuesOf = ({ samples = [] }: Partial<Family> = {}) => samples.map(({ labels, value }) => [...Object.values(labels), value]);

describe('GET /metrics', () => {
  it('can be parsed, with help and type of every family', async () => {
    const { headers } = await ask(estate, '/metrics');
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    for (const { name, help, type } of (await metrics()).values()) {
      expect(name).toMatch(/^kataudit_[a-z_]+$/);
      expect(help).toMatch(/^[A-Z].*\.$/);
      expect(type).toBe('gauge');
    }
  });

  it.each([
    [
      'kataudit_open_findings',
      [
        ['critical', 0],
        ['high', 1],
        ['medium', 0],
        ['low', 0],
        ['info', 0],
      ],
    ],
    ['kataudit_rule_open_findings', [['node-image-current', 1]]],
    [
      'kataudit_clusters',
      [
        ['present', 2],
        ['deleted', 1],
        ['out-of-scope', 0],
      ],
    ],
    [
      'kataudit_cluster_assessments',
      [
        ['assessed', 1],
        ['partly-assessed', 0],
        ['not-assessed', 1],
      ],
    ],
    ['kataudit_cluster_gaps', [['denied', 1]]],
    ['kataudit_oldest_scan_age_seconds', [[(3 * 24 + 12) * 3_600]]],
    ['kataudit_audit_duration_seconds', [[41.5]]],
    ['kataudit_audit_clusters', [[2]]],
    ['kataudit_audit_clusters_not_assessed', [[1]]],
    ['kataudit_audit_subscriptions_not_listed', [[0]]],
    ['kataudit_parked_messages', [[3]]],
    [
      'kataudit_queue_parked_messages',
      [
        ['scans', 2],
        ['inventories', 1],
      ],
    ],
    ['kataudit_rule_exempted_findings', [['node-image-current', 0]]],
    ['kataudit_stale_clusters', [[0]]],
    ['kataudit_node_pools', [[4]]],
    ['kataudit_kata_node_pools', [[2]]],
    ['kataudit_pods', [[20]]],
    ['kataudit_sandboxed_pods', [[8]]],
    [
      'kataudit_rule_verdicts',
      [
        ['node-image-current', 'pass', 0],
        ['node-image-current', 'fail', 0],
        ['node-image-current', 'unknown', 0],
        ['node-image-current', 'not-applicable', 0],
      ],
    ],
    ['kataudit_arm_budget_left', [['arm-reads', 12.5]]],
    ['kataudit_arm_budget_size', [['arm-reads', 250]]],
    ['kataudit_build_info', [['1.2.3', 1]]],
  ])('contains %s', async (name, values) => {
    expect(valuesOf((await metrics()).get(name))).toEqual(values);
  });

  it('counts by severity and by rule what is exempted, for each rule with findings', async () => {
    const findings = [aFinding(), aFinding({ ruleId: 'workload-sandboxed', severity: 'low' })];
    const exemptions = [anExemption({ rule: 'workload-sandboxed' })];
    const found = await metrics(anEstate({ findings, policy: { exemptions } }));
    expect(valuesOf(found.get('kataudit_rule_exempted_findings'))).toEqual([
      ['node-image-current', 0],
      ['workload-sandboxed', 1],
    ]);
    expect(valuesOf(found.get('kataudit_exempted_findings')).filter(([, value]) => value !== 0)).toEqual([['low', 1]]);
  });

  it('reads a finished audit once, not at every scrape', async () => {
    const read: string[] = [];
    const get = (id: string) => {
      read.push(id);
      return estate.audits.get(id);
    };
    const audits = { ...estate.audits, get };
    const app = anEstate({}, { audits });
    for (let scrape = 0; scrape < 3; scrape++) await ask(app, '/metrics');
    expect(read).toEqual(['a2', 'a1', 'a2', 'a2']);
  });

  it('omits unknown values instead of showing zero', async () => {
    const empty = await metrics(anEstate());
    for (const name of ['kataudit_oldest_scan_age_seconds', 'kataudit_audit_duration_seconds', 'kataudit_arm_budget_left']) {
      expect(valuesOf(empty.get(name))).toEqual([]);
    }
  });
});

describe('the text format', () => {
  it('keeps hostile labels and help unchanged', () => {
    const hostile = 'a"b\\c\nd{e="f"} 1';
    const [family] = parseMetrics(
      gauge('m', 'Help\\ with\na line.', [{ labels: { l: hostile, m: '\ud800' }, value: Number.POSITIVE_INFINITY }]),
    );
    expect(family).toMatchObject({
      help: 'Help\\ with\na line.',
      samples: [{ labels: { l: hostile, m: '\ufffd' }, value: Number.POSITIVE_INFINITY }],
    });
  });

  it.each([
    ['a series twice', '# HELP m H.\n# TYPE m gauge\nm 1\nm 2\n'],
    ['a sample before its type', 'm 1\n'],
    ['a family in two places', '# HELP m H.\n# TYPE m gauge\n# HELP n H.\n# TYPE n gauge\nm 1\n'],
    ['a label that ends its quotes', '# HELP m H.\n# TYPE m gauge\nm{a="b"c"} 1\n'],
    ['no number', '# HELP m H.\n# TYPE m gauge\nm one\n'],
    ['no line feed at the end', '# HELP m H.\n# TYPE m gauge\nm 1'],
  ])('is refused by the parser of these tests with %s', (_, text) => {
    expect(() => parseMetrics(text)).toThrow();
  });
});
