import { describe, expect, it } from 'vitest';
import { clusterPage } from '../../shared/dashboard/cluster-page.ts';
import { clusterStatus, type EstateData, estatePage } from '../../shared/dashboard/estate-page.ts';
import { findingPage } from '../../shared/dashboard/finding-page.ts';
import { findingsPage } from '../../shared/dashboard/findings-page.ts';
import { layout, pageHeaders } from '../../shared/dashboard/layout.ts';
import type { View } from '../../shared/dashboard/view.ts';
import type { Finding } from '../../shared/domain/findings/finding.ts';
import type { ClusterSummary } from '../../shared/domain/findings/summary.ts';

const HOSTILE = '<script>alert("x")</script>\u202e';
const AT = '2026-11-23T11:00:00.000Z';
const VIEW: View = { nonce: 'n0nce', base: '/api/dashboard', now: new Date('2026-11-23T12:00:00Z'), operator: true };
const NONE = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };

const summary = (over: Partial<ClusterSummary> = {}): ClusterSummary => ({
  cluster: { id: '/s/c', name: 'web', subscriptionId: 's', resourceGroup: 'g', location: 'westeurope', tags: {} },
  assessment: 'assessed',
  gaps: [],
  observedAt: AT,
  cause: 'audit',
  status: 'present',
  openBySeverity: NONE,
  rules: {},
  nodePools: 2,
  kataNodePools: 1,
  pods: 10,
  sandboxedPods: 4,
  missedAudits: 0,
  ...over,
});
const finding: Finding = {
  id: 'k-1',
  ruleId: 'workload-sandboxed',
  clusterId: '/s/c',
  clusterName: HOSTILE,
  subscriptionId: 's',
  subject: { kind: 'workload', namespace: HOSTILE, ownerKind: 'Deployment', ownerName: HOSTILE },
  severity: 'critical',
  status: 'open',
  message: HOSTILE,
  remediation: HOSTILE,
  facts: { handler: HOSTILE, pods: [HOSTILE] },
  coverage: { kind: 'full' },
  firstSeenAt: AT,
  lastSeenAt: AT,
  reopenCount: 0,
  observedAt: AT,
};
const estate = (clusters: readonly ClusterSummary[]): EstateData => ({
  clusters,
  shown: clusters,
  matching: clusters.length,
  page: 1,
  pages: 1,
  filter: { sort: 'name', q: HOSTILE },
  exempted: 0,
  trend: [],
  changes: [],
  staleAfterAudits: 3,
  schedule: '0 0 */6 * * *',
});
const gap = { evidence: 'nodes', reason: { code: 'denied', message: 'Needs a role.' } } as const;

describe('the status of a cluster', () => {
  it.each<[string, Partial<ClusterSummary>, string]>([
    ['fully seen, nothing open', {}, 'compliant'],
    ['fully seen, something open', { openBySeverity: { ...NONE, low: 1 }, rules: { r: tally(1) } }, 'failing'],
    ['partly seen, nothing open', { assessment: 'partly-assessed', gaps: [gap] }, 'not-assessed'],
    [
      'partly seen, something open',
      { assessment: 'partly-assessed', openBySeverity: { ...NONE, low: 1 }, rules: { r: tally(1) } },
      'failing',
    ],
    ['not seen', { assessment: 'not-assessed', openBySeverity: { ...NONE, high: 1 }, rules: { r: tally(1) } }, 'not-assessed'],
  ])('%s', (_, over, expected) => {
    expect(clusterStatus(summary(over))).toBe(expected);
  });
});

describe('the pages', () => {
  it.each([
    ['estate', () => estatePage(VIEW, estate([summary({ cluster: { ...summary().cluster, name: HOSTILE }, gaps: [gap] })]))],
    ['findings', () => findingsPage(VIEW, { findings: [finding], exempted: new Set(), filter: { status: 'open', q: HOSTILE }, rules: [] })],
    ['finding', () => findingPage(VIEW, { finding, history: [] })],
    [
      'cluster',
      () =>
        clusterPage(VIEW, {
          summary: summary(),
          images: [],
          workloads: [],
          findings: [finding],
          exempted: new Set(),
          staleAfterAudits: 3,
          history: [],
        }),
    ],
  ])('render hostile names inert: %s', (_, page) => {
    const text = layout(VIEW, page());
    expect(text.match(/<script/g)).toHaveLength(1);
    expect(text).toContain('&lt;script&gt;');
    expect(text).not.toContain('\u202e');
    expect(text).not.toMatch(/\son[a-z]+="/);
    expect(text).not.toMatch(/\sstyle="/);
  });

  it('let people copy commands alone, each by itself, and mark what deletes', () => {
    const commands = [
      { run: 'az aks show', deletes: false },
      { run: "kubectl delete --context 'a&b' -- pods a", deletes: true, context: 'a&b' },
    ];
    const page = String(findingPage(VIEW, { finding: { ...finding, commands }, history: [] }).content);
    const copied = [...page.matchAll(/<pre id="fix-\d+" tabindex="0">([^<]*)<\/pre>/g)].map(([, text]) => text);
    expect(copied).toEqual(['az aks show', 'kubectl delete --context &#39;a&amp;b&#39; -- pods a']);
    expect(page.indexOf('deletes')).toBeGreaterThan(page.indexOf('az aks show'));
    expect(String(findingPage(VIEW, { finding, history: [] }).content)).not.toContain('data-copy');
  });

  it('never hide a coverage gap', () => {
    const text = layout(VIEW, estatePage(VIEW, estate([summary({ assessment: 'not-assessed', gaps: [gap] })])));
    expect(text).toContain('Coverage: 1 cluster could not be looked at fully');
    expect(text).toContain('Needs a role.');
  });

  it('mark a cluster that the audits of too long could not look at, and none before', () => {
    const text = (missedAudits: number) => layout(VIEW, estatePage(VIEW, estate([summary({ assessment: 'not-assessed', missedAudits })])));
    expect(text(3)).toContain('stale: 3 audits could not look');
    expect(text(2)).not.toContain('stale:');
    const rest = { images: [], workloads: [], findings: [], exempted: new Set<string>(), history: [], staleAfterAudits: 3 };
    expect(layout(VIEW, clusterPage(VIEW, { ...rest, summary: summary({ missedAudits: 4 }) }))).toContain('stale: 4 audits could not look');
  });

  it('explain a fresh deployment', () => {
    expect(layout(VIEW, estatePage(VIEW, estate([])))).toContain('Nothing has been looked at yet');
  });
});

describe('pageHeaders', () => {
  it('allow only what carries the nonce, and no other host', () => {
    const policy = pageHeaders('n0nce')['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'nonce-n0nce'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
  });
});

function tally(open: number) {
  return { open, verdicts: { pass: 0, fail: open, unknown: 0, 'not-applicable': 0 } };
}

describe('the oldest node images', () => {
  const dated = (name: string, releasedOn: string) => {
    const oldestImage = { nodePool: 'kata', nodeImageVersion: 'AKSAzureLinux-V3katagen2-202601.01.0', releasedOn };
    return { ...summary(), cluster: { ...summary().cluster, name }, oldestImage };
  };

  it('stand oldest first with their age in days', () => {
    const page = String(estatePage(VIEW, estate([dated('younger', '2026-11-01'), dated('older', '2026-01-01')])).content);
    const card = page.slice(page.indexOf('Oldest node images'));

    expect(card.indexOf('older')).toBeLessThan(card.indexOf('younger'));
    expect(card).toContain('326 days');
  });
});
