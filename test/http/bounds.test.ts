import { beforeEach, describe, expect, it } from 'vitest';
import type { Finding, HistoryEntry } from '../../shared/domain/findings/finding.ts';
import type { Policy } from '../../shared/domain/policy/policy.ts';
import { given } from '../../shared/domain/snapshot/given.ts';
import { serve } from '../../shared/http/framework/serve.ts';
import { ROUTES } from '../../shared/http/routes.ts';
import type { AuditRecord } from '../../shared/ports/audit-store.ts';
import type { FindingFilter } from '../../shared/ports/finding-store.ts';
import { aWorld, OPERATOR_KEY, ORIGIN } from '../support/access.ts';
import { shareOf } from '../support/thorough.ts';
import { ask, listOf } from './client.ts';
import { aFinding, anEstate, aSummary } from './estate.ts';

const CLUSTERS = 250;
const EACH = 1_000;
const nameOf = (cluster: number) => `c${String(cluster).padStart(3, '0')}`;
const summaries = Array.from({ length: CLUSTERS }, (_, cluster) => {
  const summary = aSummary(nameOf(cluster), [aFinding({ clusterName: nameOf(cluster) })]);
  return { ...summary, openBySeverity: { ...summary.openBySeverity, high: EACH } };
});

/** A store of 250,000 findings that creates each when it is read, and counts the reads. */
function hugeEstate(policy: Partial<Policy> = {}) {
  const read = { rows: 0, calls: 0, days: 0 };
  const made = aFinding();
  const findingAt = (at: number): Finding => ({
    ...made,
    id: `${String(at).padStart(16, '0')}-${'0'.repeat(32)}`,
    clusterName: nameOf(Math.floor(at / EACH)),
    clusterId: summaries[Math.floor(at / EACH)]?.cluster.id ?? '',
    subject: { kind: 'node', name: `n${at % EACH}` },
  });
  const list = async ({ severity, status }: FindingFilter, top: number, after?: string) => {
    read.calls += 1;
    if (severity?.includes('high') === false || status?.includes('open') === false) return { value: [] };
    const from = after === undefined ? 0 : Number(after);
    const to = Math.min(from + top, CLUSTERS * EACH);
    read.rows += to - from;
    const value = Array.from({ length: to - from }, (_, index) => findingAt(from + index));
    return to < CLUSTERS * EACH ? { value, next: String(to) } : { value };
  };
  const base = anEstate({ summaries, audits: AUDITS });
  const lineAt = (at: number): HistoryEntry => {
    const { id: findingId, clusterId, ruleId, severity, message } = findingAt(at);
    return { findingId, clusterId, ruleId, severity, message, at: '2026-11-23T05:30:00.000Z', kind: 'opened', cause: 'audit-2' };
  };
  const changes = async (_between: unknown, top: number, after?: string) => {
    read.calls += 1;
    const from = Number(after ?? 0);
    const to = Math.min(from + top, CLUSTERS * EACH);
    read.rows += to - from;
    return {
      value: Array.from({ length: to - from }, (_, index) => lineAt(from + index)),
      ...given({ next: to < CLUSTERS * EACH ? String(to) : undefined }),
    };
  };
  const trend = {
    list: async (from: string, to: string) => {
      read.calls += 1;
      read.days += (Date.parse(to) - Date.parse(from)) / 86_400_000 + 1;
      return [];
    },
  };
  return { read, estate: anEstate({ summaries, audits: AUDITS, policy }, { findings: { ...base.findings, list, changes }, trend }) };
}

const AUDITS: readonly AuditRecord[] = ['audit-1', 'audit-2'].map((id, at) => ({
  id,
  cause: 'timer',
  startedAt: `2026-11-23T0${4 + at}:00:00.000Z`,
  subscriptions: [],
}));

/** Covers every finding of the estate. */
const EXEMPTED: Partial<Policy> = {
  exemptions: [
    { id: 'all', rule: 'node-image-current', category: 'waiver', reason: 'r', approvedBy: 'a', expiresOn: '2027-01-01T00:00:00.000Z' },
  ],
};

describe('an estate of 250,000 findings', () => {
  let huge: ReturnType<typeof hugeEstate>;
  beforeEach(() => {
    huge = hugeEstate();
  });

  it.each<readonly [string, string, number]>([
    ['a page', '/findings?top=100', 100],
    ['the largest page', '/findings?top=1000', 1_000],
    ['the most severe first', '/findings?orderby=severity%20desc&top=100', 100],
    ['a filter that matches nothing', '/findings?exempted=true&top=100', 20 * 100],
    ['a filter that matches nothing, with the largest page', '/findings?exempted=true&top=1000', 20 * 1_000],
    ['the summary', '/summary', 0],
    ['the numbers', '/metrics', 0],
    ['the clusters', '/clusters?top=1000', 0],
    ...['rule', 'cluster', 'namespace', 'subscription', 'owner', 'tag:team'].map(
      (by) => [`groups by ${by}`, `/findings/groups?by=${encodeURIComponent(by)}`, 20_000] as const,
    ),
    ['groups of filtered findings', '/findings/groups?by=rule&exempted=true&q=image', 20_000],
    ['the counts of every filter', '/findings/facets', 20_000],
    ['the counts of every filter with other filters', '/findings/facets?severity=high&overdue=true&q=image', 20_000],
    ['a page of changes', '/changes?top=1000', 1_000],
    ['the changes of an audit', '/audits/audit-2/changes', 10_000],
    ['the difference of two audits', '/audits/audit-2/difference?from=audit-1', 10_000],
    ['the findings page', '/dashboard/findings', 20_000],
    ['the findings page in groups', '/dashboard/findings?group=rule', 20_000],
    ['the page of rules', '/dashboard/rules', 2_000],
    ['the page of audits', '/dashboard/audits', 2_000],
    ['the page of exemptions', '/dashboard/exemptions', 2_000],
    ['a trend of 90 days', '/dashboard?days=90', 2_000],
    ['a trend of a million days', '/dashboard?days=1000000', 2_000],
    ['the estate page', '/dashboard', 2_000],
    ['the estate page, sorted by an unknown column', '/dashboard?sort=__proto__', 2_000],
    ['the estate page, sorted by a property of every object', '/dashboard?sort=constructor', 2_000],
  ])('reads a limited number of rows for %s', async (_name, path, most) => {
    const { status } = await ask(huge.estate, path);
    expect(status).toBe(200);
    expect(huge.read.rows).toBeLessThanOrEqual(most);
    expect(huge.read.calls).toBeLessThanOrEqual(50);
    expect(huge.read.days).toBeLessThanOrEqual(400);
  });

  it.each(['/findings/groups?by=rule', '/findings/facets'])('reports for %s that the counts are not complete', async (path) => {
    expect((await ask(huge.estate, path)).json).toMatchObject({ complete: false });
  });

  it.each(['/summary', '/metrics', '/dashboard', '/exemption-uses'])(
    'reads each finding once for %s when every one is exempted, and again what it counts',
    async (path) => {
      huge = hugeEstate(EXEMPTED);
      expect((await ask(huge.estate, path)).status).toBe(200);
      expect(huge.read.rows).toBeLessThanOrEqual(CLUSTERS * EACH + 22_000);
    },
  );

  it('returns each finding once, through the links', async () => {
    let link: string | undefined = '/findings?top=1000';
    let count = 0;
    for (; link !== undefined && count < 5_000; count += 1_000) {
      const page = listOf(await ask(huge.estate, link));
      expect(page.value[0]).toMatchObject({ subject: { name: 'n0' }, clusterName: nameOf(count / EACH) });
      link = page.nextLink;
    }
    expect(huge.read.rows).toBe(5_000);
  });

  it.each(shareOf(['json', 'csv', 'sarif', 'html', 'evidence'], 2))(
    'reads at most two pages ahead of the reader for the export %s',
    async (format) => {
      const route = ROUTES.find(({ name }) => name === 'get-export') ?? expect.fail();
      const request = {
        method: 'GET',
        url: `${ORIGIN}/api/exports/${format}`,
        headers: new Headers({ 'x-functions-key': OPERATOR_KEY }),
        params: { format },
      };
      const { body } = await serve(
        route,
        aWorld(async () => huge.estate),
        request,
      );
      const reader = body instanceof ReadableStream ? body.getReader() : expect.fail();
      let chunks = 0;
      let taken = 0;
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        chunks += 1;
        taken += part.value.length;
        // The shortest finding in any format takes more than 100 characters.
        expect(huge.read.rows).toBeLessThanOrEqual(2_000 + taken / 100);
      }
      expect(chunks).toBeGreaterThan(100);
      expect(huge.read.rows).toBe(CLUSTERS * EACH);
    },
    60_000,
  );
});
