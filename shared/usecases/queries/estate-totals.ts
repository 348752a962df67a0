import { isStale } from '../../domain/findings/stale.ts';
import type { ClusterSummary, RuleTally } from '../../domain/findings/summary.ts';
import type { Policy } from '../../domain/policy/policy.ts';
import { SEVERITIES } from '../../domain/policy/severity.ts';
import { VERDICTS } from '../../domain/rule/rule.ts';
import { given } from '../../domain/snapshot/given.ts';
import type { FindingStore } from '../../ports/finding-store.ts';
import { everyCluster } from './walk.ts';

/** The numbers of all clusters, added up. */
export interface EstateTotals {
  readonly clusters: {
    readonly total: number;
    readonly byStatus: Record<ClusterSummary['status'], number>;
    readonly byAssessment: Record<ClusterSummary['assessment'], number>;
    readonly stale: number;
  };
  readonly openBySeverity: Record<(typeof SEVERITIES)[number], number>;
  readonly rules: Record<string, RuleTally & { clusters: number }>;
  readonly gaps: Record<string, number>;
  readonly nodePools: number;
  readonly kataNodePools: number;
  readonly pods: number;
  readonly sandboxedPods: number;
  readonly oldestObservedAt?: string;
}

/** Adds up every cluster summary; a deleted cluster counts only in the numbers by status. */
export async function addUp(
  { findings }: { readonly findings: Pick<FindingStore, 'clusters'> },
  policy: Pick<Policy, 'staleAfterAudits'>,
): Promise<EstateTotals> {
  const byStatus = { present: 0, deleted: 0, 'out-of-scope': 0 };
  const byAssessment = { assessed: 0, 'partly-assessed': 0, 'not-assessed': 0 };
  const openBySeverity = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
  const rules = new Map<string, Tally>();
  const gaps = new Map<string, number>();
  const sums = { nodePools: 0, kataNodePools: 0, pods: 0, sandboxedPods: 0 };
  let total = 0;
  let stale = 0;
  let oldest: string | undefined;
  for await (const summary of everyCluster(findings)) {
    total += 1;
    byStatus[summary.status] += 1;
    if (summary.status !== 'present') continue;
    byAssessment[summary.assessment] += 1;
    if (isStale(summary, policy)) stale += 1;
    for (const severity of SEVERITIES) openBySeverity[severity] += summary.openBySeverity[severity];
    for (const [id, tally] of Object.entries(summary.rules)) addTally(rules, id, tally);
    for (const code of new Set(summary.gaps.map(({ reason }) => reason.code))) gaps.set(code, (gaps.get(code) ?? 0) + 1);
    for (const key of ['nodePools', 'kataNodePools', 'pods', 'sandboxedPods'] as const) sums[key] += summary[key];
    if (oldest === undefined || summary.observedAt < oldest) oldest = summary.observedAt;
  }
  return {
    clusters: { total, byStatus, byAssessment, stale },
    openBySeverity,
    rules: Object.fromEntries([...rules].sort(([a], [b]) => (a < b ? -1 : 1))),
    gaps: Object.fromEntries(gaps),
    ...sums,
    ...given({ oldestObservedAt: oldest }),
  };
}

interface Tally {
  open: number;
  clusters: number;
  verdicts: Record<(typeof VERDICTS)[number], number>;
}

function addTally(rules: Map<string, Tally>, id: string, tally: RuleTally): void {
  const sum = rules.get(id) ?? { open: 0, clusters: 0, verdicts: { pass: 0, fail: 0, unknown: 0, 'not-applicable': 0 } };
  sum.open += tally.open;
  sum.clusters += tally.open > 0 ? 1 : 0;
  for (const verdict of VERDICTS) sum.verdicts[verdict] += tally.verdicts[verdict];
  rules.set(id, sum);
}
