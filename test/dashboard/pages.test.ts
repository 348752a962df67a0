import { describe, expect, it } from 'vitest';
import { trendChart } from '../../shared/dashboard/charts.ts';
import { clusterPage } from '../../shared/dashboard/cluster-page.ts';
import type { EstateData } from '../../shared/dashboard/estate-data.ts';
import { estatePage, verdict } from '../../shared/dashboard/estate-page.ts';
import { exemptPage } from '../../shared/dashboard/exempt-page.ts';
import { findingPage } from '../../shared/dashboard/finding-page.ts';
import { findingsPage } from '../../shared/dashboard/findings-page.ts';
import { layout, pageHeaders } from '../../shared/dashboard/layout.ts';
import { marksOf } from '../../shared/dashboard/marks.ts';
import { rulesPage } from '../../shared/dashboard/rules-page.ts';
import type { View } from '../../shared/dashboard/view.ts';
import { figuresOf, NONE_OPEN } from '../../shared/domain/findings/estate-figures.ts';
import type { Finding } from '../../shared/domain/findings/finding.ts';
import type { ClusterSummary } from '../../shared/domain/findings/summary.ts';
import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import { aFinding, aSummary, NOW } from '../http/estate.ts';

const HOSTILE = '<script>alert("x")</script>\u202e';
const VIEW: View = { nonce: 'n0nce', base: '/api/dashboard', now: new Date(NOW), operator: true };
const gap = { evidence: 'nodes', reason: { code: 'denied', message: 'Needs a role.' } } as const;
const tally = (open: number) => ({ open, verdicts: { pass: 0, fail: open, unknown: 0, 'not-applicable': 0 } });
const summary = (over: Partial<ClusterSummary> = {}) => aSummary('web', [], over);

const finding: Finding = {
  ...aFinding(),
  clusterName: HOSTILE,
  subject: { kind: 'workload', namespace: HOSTILE, ownerKind: 'Deployment', ownerName: HOSTILE },
  owner: HOSTILE,
  message: HOSTILE,
  remediation: HOSTILE,
  facts: { handler: HOSTILE, pods: [HOSTILE] },
};
const row = { finding, exempted: false, overdue: true, dueOn: '2026-11-08' };

function estate(clusters: readonly ClusterSummary[], over: Partial<EstateData> = {}): EstateData {
  const figures = figuresOf(clusters, DEFAULT_POLICY, VIEW.now);
  const filter = { sort: 'name', q: HOSTILE };
  return {
    clusters,
    tiles: { figures, now: figures, exposed: 0, unchecked: 0, exempted: 0, endingSoon: 0, overdue: 0 },
    table: {
      shown: clusters,
      matching: clusters.length,
      page: 1,
      pages: 1,
      filter,
      staleAfterAudits: 3,
      problems: [],
      tagNames: [HOSTILE],
    },
    trend: [],
    days: 30,
    first: [],
    changes: [],
    alerts: { parked: 0 },
    policy: { hash: 'f'.repeat(64), source: 'built-in' },
    schedule: '0 0 */6 * * *',
    ...over,
  };
}
const list = {
  status: 'open',
  q: HOSTILE,
  firstSeenSince: '',
  keep: { q: HOSTILE },
  isLowerBound: false,
  hidden: 0,
  grouping: '',
  groupings: [''],
  page: 1,
  pages: 1,
} as const;
const ofCluster = { images: [], workloads: [], rules: [], findings: [row], open: 1, hidden: 0, staleAfterAudits: 3, history: [] };

describe('the marks of a cluster', () => {
  it.each<[string, Partial<ClusterSummary>, boolean, boolean]>([
    ['fully scanned, nothing open', {}, false, false],
    ['fully scanned, something open', { rules: { r: tally(1) } }, true, false],
    ['partly scanned, nothing open', { assessment: 'partly-assessed' }, false, true],
    ['not scanned, with an earlier finding open', { assessment: 'not-assessed', rules: { r: tally(1) } }, true, true],
    ['not scanned, with only that finding open', { assessment: 'not-assessed', rules: { 'cluster-assessed': tally(1) } }, false, true],
  ])('%s', (_, over, failing, blind) => {
    expect(marksOf(summary(over))).toEqual({ failing, blind });
  });
});

describe('the verdict', () => {
  const figures = (sandboxed: number) => ({ ...figuresOf([], DEFAULT_POLICY, VIEW.now), required: { sandboxed, exposed: 0, unknown: 0 } });

  it.each([
    [4, 4, 34, '4 of 38 workloads that must be sandboxed are not; 4 clusters could not be checked'],
    [1, 0, 0, '1 of 1 workload that must be sandboxed is not'],
    [0, 1, 34, '1 cluster could not be checked; elsewhere no workload lacks its sandbox'],
    [0, 0, 34, 'All 34 workloads that must be sandboxed are'],
    [0, 0, 0, 'No workload is required to be sandboxed'],
  ])('of %i exposed, %i unchecked and %i sandboxed is: %s', (exposed, unchecked, sandboxed, expected) => {
    expect(verdict({ exposed, unchecked, figures: figures(sandboxed) })).toBe(expected);
  });
});

describe('the pages', () => {
  const named = summary({ cluster: { ...summary().cluster, name: HOSTILE, tags: { [HOSTILE]: HOSTILE } }, gaps: [gap] });

  it.each([
    ['estate', () => estatePage(VIEW, estate([named], { alerts: { parked: 1, policyProblem: HOSTILE } }))],
    [
      'findings',
      () =>
        findingsPage(VIEW, {
          ...list,
          count: 1,
          clusters: 1,
          groups: [{ label: HOSTILE, count: 1, rows: [row] }],
          filters: [],
        }),
    ],
    ['finding', () => findingPage(VIEW, { finding, history: [], overdue: false })],
    [
      'exempt',
      () =>
        exemptPage(VIEW, { findings: [finding], scopes: [{ label: 'only this', scope: { namespace: HOSTILE }, covers: 1 }], unknown: 0 }),
    ],
    ['cluster', () => clusterPage(VIEW, { ...ofCluster, summary: named })],
  ])('render hostile names inert: %s', (_, page) => {
    const text = layout(VIEW, page());
    expect(text.match(/<script/g)).toHaveLength(1);
    expect(text).toContain('&lt;script&gt;');
    expect(text).not.toContain('\u202e');
    expect(text).not.toMatch(/\son[a-z]+="/);
    expect(text).not.toMatch(/\sstyle="/);
  });

  it('let people copy each command separately, and ask for confirmation before they show a command that deletes', () => {
    const commands = [
      { run: 'az aks show', deletes: false },
      { run: "kubectl delete --context 'a&b' -- pods a", deletes: true, context: 'a&b' },
    ];
    const page = String(findingPage(VIEW, { finding: { ...finding, commands }, history: [], overdue: false }).content);
    const copied = [...page.matchAll(/<pre id="fix-[\w-]+" tabindex="0">([^<]*)<\/pre>/g)].map(([, text]) => text);
    expect(copied).toEqual(['az aks show', 'kubectl delete --context &#39;a&amp;b&#39; -- pods a']);
    expect(page.match(/<details class="deletes">.*kubectl delete/s)).not.toBeNull();
    expect(page.slice(0, page.indexOf('<details class="deletes">'))).toContain('az aks show');
    expect(String(findingPage(VIEW, { finding: { ...finding, commands: [] }, history: [], overdue: false }).content)).not.toContain(
      'data-copy=',
    );
  });

  it('show for a finding about missing evidence that not everything was scanned', () => {
    const unseen = aFinding({ ruleId: 'cluster-assessed', facts: { reason: 'not-entra-integrated' } });
    const page = String(findingPage(VIEW, { finding: unseen, history: [], overdue: false }).content);
    expect(page).toContain('Not everything could be read');
  });

  it.each([
    [{ vulnerabilitySource: 'https://cve-api.prod-aks.azure.com/viewer/index.html' }, true],
    [{ vulnerabilitySource: 'javascript:alert(1)' }, false],
    [{ image: 'https://evil.example/' }, false],
  ])('link to the source of the vulnerabilities of an image, and link no other fact: %j', (facts, isLink) => {
    const page = String(findingPage(VIEW, { finding: aFinding({ facts }), history: [], overdue: false }).content);
    const [value = ''] = Object.values(facts);
    expect(page).toContain(value);
    expect(page.includes(`<a href="${value}"`)).toBe(isLink);
  });

  it('show ? for what was not scanned, and never hide a gap', () => {
    const dark = summary({
      assessment: 'not-assessed',
      gaps: [{ ...gap, evidence: 'cluster' }],
      nodePools: 0,
      kataNodePools: 0,
      pods: 0,
      sandboxedPods: 0,
    });
    const text = layout(VIEW, estatePage(VIEW, estate([dark])));
    expect(text).toContain('Coverage: 1 cluster could not be read completely');
    expect(text).toContain('Needs a role.');
    expect(text).not.toContain('0 of 0');
    expect(text).toMatch(/data-label="Sandboxed pods">\?</);
  });

  it.each([
    ['assessed', 0, '–', '0 open findings', 'Nothing fails'],
    ['not-assessed', 0, '?', '? open findings', 'Not fully checked'],
    ['partly-assessed', 0, '?', '? open findings', 'Not fully checked'],
    ['not-assessed', 1, '1', '1 open finding <span class="mute">and parts that could not be read', '>critical<'],
  ] as const)('count the findings of a cluster only where it was seen: %s, %i open', (assessment, open, cell, heading, list) => {
    const openBySeverity = { ...NONE_OPEN, critical: open };
    const seen = summary({ assessment, openBySeverity, ...(open === 0 ? {} : { rules: { r: tally(open) } }) });
    expect(String(estatePage(VIEW, estate([seen])).content)).toMatch(
      new RegExp(`data-label="Open">(?:<a [^>]*>)?${cell === '?' ? '\\?' : cell}<`),
    );
    const critical = { ...row, finding: { ...finding, severity: 'critical' as const } };
    const page = String(clusterPage(VIEW, { ...ofCluster, summary: seen, open, findings: open === 0 ? [] : [critical] }).content);
    expect(page).toContain(heading);
    expect(page).toContain(list);
  });

  it.each([
    [1, 3, '+2'],
    [3, 1, '−2'],
    [2, 2, '±0'],
    [undefined, 2, undefined],
  ] as const)('show on the tile of exempted findings its change since the audit before: %s, then %i', (was, is, change) => {
    const figures = figuresOf([], DEFAULT_POLICY, VIEW.now);
    const before = { figures: { ...figures, ...(was === undefined ? {} : { exempted: was }) }, startedAt: NOW, link: '/audit' };
    const { tiles } = estate([summary()]);
    const page = String(
      estatePage(VIEW, estate([summary()], { tiles: { ...tiles, exempted: is, now: { ...figures, exempted: is }, before } })).content,
    );
    const tile = page.split('<section class="tile').find((one) => one.includes('Exempted</h2>'));
    expect(tile?.match(/class="change [^>]*>([^<]*)</)?.[1]).toBe(change);
  });

  it('mark a cluster as stale after the configured number of failed audits, and not before', () => {
    const text = (missedAudits: number) => layout(VIEW, estatePage(VIEW, estate([summary({ assessment: 'not-assessed', missedAudits })])));
    expect(text(3)).toContain('missed 3 audits');
    expect(text(2)).not.toContain('missed 2');
    expect(layout(VIEW, clusterPage(VIEW, { ...ofCluster, summary: summary({ missedAudits: 4 }) }))).toContain(
      'stale: 4 audits could not scan it',
    );
  });

  it('show the same reason only once on the page of a cluster', () => {
    const dark = summary({ gaps: (['nodes', 'workloads', 'runtimeClasses'] as const).map((evidence) => ({ ...gap, evidence })) });
    expect(layout(VIEW, clusterPage(VIEW, { ...ofCluster, summary: dark })).match(/Needs a role\./g)).toHaveLength(1);
  });

  it('explain the state of a new deployment', () => {
    expect(layout(VIEW, estatePage(VIEW, estate([])))).toContain('No cluster has been scanned yet');
  });

  it.each([
    [{ kind: 'none-open' }, 'Nothing fails'],
    [{ kind: 'no-match' }, 'Nothing matches'],
    [{ kind: 'unknown-value', problems: ['There is no rule "x".'] }, 'There is no rule &quot;x&quot;.'],
    [{ kind: 'not-seen', clusters: 2 }, '2 clusters could not be read completely'],
  ] as const)('tell the kinds of an empty list apart: %j', (empty, expected) => {
    const page = findingsPage(VIEW, { ...list, count: 0, clusters: 0, groups: [], filters: [], empty });
    expect(layout(VIEW, page)).toContain(expected);
  });
});

describe('the rules', () => {
  const rule = { id: 'r', title: 'R', severity: 'high', rationale: '', remediation: '', references: [] } as const;
  const verdicts = (pass: number, unknown = 0) => ({ pass, fail: 0, unknown, 'not-applicable': 0 });

  it.each([
    ['passes', { state: 'on', open: 0, verdicts: verdicts(3) }, '3 pass', true],
    ['fails', { state: 'on', open: 2, verdicts: verdicts(3) }, '2 open', false],
    ['is off', { state: 'off', open: 0, verdicts: verdicts(0) }, '>off<', false],
    ['judged nothing', { state: 'on', open: 0, verdicts: verdicts(0) }, 'judged nothing', false],
    ['could not be judged', { state: 'on', open: 0, verdicts: verdicts(0, 4) }, '4 could not be judged', false],
  ] as const)('show green only where something was judged: a rule that %s', (_, over, expected, isGreen) => {
    const page = String(rulesPage(VIEW, [{ rule, exempted: 0, ...over }]).content);
    expect(page).toContain(expected);
    expect(page.includes('badge pass')).toBe(isGreen);
  });
});

describe('the trend', () => {
  const day = (name: string, high: number, blind: number) => ({
    day: name,
    openBySeverity: { ...NONE_OPEN, high },
    seen: { clusters: 9, blind, proven: 0 },
  });

  it('describes its values in words, and hatches days on which some clusters were not scanned', () => {
    const chart = String(trendChart([day('2026-11-21', 3, 0), day('2026-11-22', 5, 2), day('2026-11-23', 4, 0)]));
    expect(chart).toContain('2026-11-22: 5 open (5 high); 2 of 9 clusters not fully seen');
    expect(chart.match(/class="hatched"/g)).toHaveLength(1);
  });

  it.each([
    [8, '11-01 11-02 11-03 11-04 11-05 11-06 11-07 11-08'],
    [21, '11-01 11-05 11-09 11-13 11-17 11-21'],
    [24, '11-01 11-24'],
  ])('names days at equal distances, the first and the last among them: %i days', (days, expected) => {
    const chart = String(trendChart(Array.from({ length: days }, (_, at) => day(`2026-11-${String(at + 1).padStart(2, '0')}`, at, 0))));
    const [, axis = ''] = /<div class="ends days">(.*?)<\/div>/.exec(chart) ?? [];
    expect(axis.replaceAll('</span><span>', ' ').replaceAll(/<[^>]*>/g, '')).toBe(expected);
  });

  it('draws nothing for a single day', () => {
    expect(String(trendChart([day('2026-11-23', 3, 0)]))).not.toContain('<svg');
  });
});

describe('pageHeaders', () => {
  it('allow only content with the nonce, and no other host', () => {
    const policy = pageHeaders('n0nce')['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'nonce-n0nce'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
  });
});
