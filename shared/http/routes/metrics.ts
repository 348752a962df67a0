import { SEVERITIES } from '../../domain/policy/severity.ts';
import { type AuditOutcome, auditOutcome } from '../../usecases/audit-outcome.ts';
import { addUp, type EstateTotals } from '../../usecases/queries/estate-totals.ts';
import { countExempted, type ExemptedCounts } from '../../usecases/queries/exempted.ts';
import { allClusters, walk } from '../../usecases/queries/walk.ts';
import { SECURED } from '../framework/answers.ts';
import type { ApiDependencies } from '../framework/api.ts';
import { byLabel, gauge, METRICS_CONTENT_TYPE, METRICS_TYPE, type Sample } from '../framework/prometheus.ts';
import { defineRoute, NO_QUERY } from '../framework/route.ts';
import { clusterMetrics } from './cluster-metrics.ts';
import { serviceMetrics } from './services.ts';

/** Maximum number of audits searched for the newest one that has ended. */
const AUDITS_LOOKED_THROUGH = 5;

/** `GET /metrics`: the estate's numbers for Prometheus. */
export const getMetrics = defineRoute({
  name: 'get-metrics',
  tag: 'operations',
  summary: 'Returns the metrics in Prometheus text format.',
  query: NO_QUERY,
  answers: { 200: { description: 'The metrics.', mediaTypes: [METRICS_TYPE] }, ...SECURED },
  handle: async (dependencies) => {
    const { policy } = await dependencies.policy();
    const [totals, exempted, parked, audit, services] = await Promise.all([
      addUp(dependencies, policy),
      countExempted(dependencies),
      parkedByQueue(dependencies),
      newestEnded(dependencies),
      serviceMetrics(dependencies),
    ]);
    const families = [
      ...estateMetrics(totals, exempted, dependencies.clock()),
      ...(await ofClusters(dependencies, exempted)),
      ...operationMetrics(dependencies, parked, audit),
      ...services,
    ];
    return { status: 200, headers: { 'content-type': METRICS_CONTENT_TYPE }, body: families.join('') };
  },
});

function estateMetrics(totals: EstateTotals, exempted: ExemptedCounts, now: Date): string[] {
  const { oldestObservedAt, clusters, rules, openBySeverity } = totals;
  const age = oldestObservedAt === undefined ? [] : [{ value: (now.getTime() - Date.parse(oldestObservedAt)) / 1_000 }];
  const verdicts = Object.entries(rules).flatMap(([rule, tally]) =>
    Object.entries(tally.verdicts).map(([verdict, value]): Sample => ({ labels: { rule, verdict }, value })),
  );
  const openByRule = Object.entries(rules).map(([rule, { open }]) => [rule, open] as const);
  // A rule without exempted findings gets zero, because subtracting a missing series gives no result in PromQL.
  const exemptedByRule = new Map([...openByRule.map(([rule]) => [rule, 0] as const), ...exempted.byRule]);
  const openCounts = SEVERITIES.map((severity) => [severity, openBySeverity[severity]] as const);
  return [
    gauge('kataudit_open_findings', 'Open findings by severity, exempted ones included.', byLabel('severity', openCounts)),
    gauge(
      'kataudit_exempted_findings',
      'Open findings by severity that a live exemption covers.',
      byLabel('severity', Object.entries(exempted.bySeverity)),
    ),
    gauge('kataudit_rule_open_findings', 'Open findings by rule.', byLabel('rule', openByRule)),
    gauge('kataudit_rule_exempted_findings', 'Open findings by rule that a live exemption covers.', byLabel('rule', exemptedByRule)),
    gauge('kataudit_rule_verdicts', 'Verdicts of the newest scans by rule.', verdicts),
    gauge('kataudit_clusters', 'Clusters by status.', byLabel('status', Object.entries(clusters.byStatus))),
    gauge(
      'kataudit_cluster_assessments',
      'Present clusters by how completely they were assessed.',
      byLabel('assessment', Object.entries(clusters.byAssessment)),
    ),
    gauge('kataudit_stale_clusters', 'Present clusters that too many consecutive audits could not scan.', [{ value: clusters.stale }]),
    gauge(
      'kataudit_cluster_gaps',
      'Present clusters with something that could not be read, by reason.',
      byLabel('reason', Object.entries(totals.gaps)),
    ),
    gauge('kataudit_node_pools', 'Node pools.', [{ value: totals.nodePools }]),
    gauge('kataudit_kata_node_pools', 'Node pools whose workload runtime starts pod VMs.', [{ value: totals.kataNodePools }]),
    gauge('kataudit_pods', 'Pods counted in the newest scans.', [{ value: totals.pods }]),
    gauge('kataudit_sandboxed_pods', 'Pods in the newest scans whose RuntimeClass resolves to a Kata handler.', [
      { value: totals.sandboxedPods },
    ]),
    gauge('kataudit_oldest_scan_age_seconds', 'Age of the oldest last scan among the present clusters.', age),
  ];
}

async function ofClusters({ findings, clusterMetrics: limit = 0 }: ApiDependencies, exempted: ExemptedCounts): Promise<readonly string[]> {
  return limit === 0 ? [] : clusterMetrics(await allClusters(findings), exempted, limit);
}

function operationMetrics(
  { callBudgets, version }: ApiDependencies,
  parked: ReadonlyMap<string, number>,
  audit: AuditOutcome | undefined,
): string[] {
  const ofAudit = (value: (outcome: AuditOutcome) => number): Sample[] => (audit === undefined ? [] : [{ value: value(audit) }]);
  const total = [...parked.values()].reduce((sum, count) => sum + count, 0);
  const budgets = callBudgets?.() ?? [];
  return [
    gauge(
      'kataudit_audit_duration_seconds',
      'Duration of the newest audit that has ended.',
      ofAudit((one) => one.durationSeconds),
    ),
    gauge(
      'kataudit_audit_clusters',
      'Clusters that the newest ended audit planned to scan.',
      ofAudit((one) => one.planned),
    ),
    gauge(
      'kataudit_audit_clusters_not_assessed',
      'Clusters that the newest ended audit could not assess, or only partly.',
      ofAudit((one) => one.notAssessed.length),
    ),
    gauge(
      'kataudit_audit_subscriptions_not_listed',
      'Subscriptions that the newest ended audit could not list.',
      ofAudit((one) => one.notListed.length),
    ),
    gauge('kataudit_parked_messages', 'Messages that failed at every attempt.', [{ value: total }]),
    gauge('kataudit_queue_parked_messages', 'Messages that failed at every attempt, by queue.', byLabel('queue', parked)),
    gauge(
      'kataudit_arm_budget_left',
      'Calls left in the rate limits that this instance uses, of the scope with the fewest.',
      budgets.map(({ budget, left }) => ({ labels: { budget }, value: left })),
    ),
    gauge(
      'kataudit_arm_budget_size',
      'Calls in a full rate limit.',
      budgets.map(({ budget, size }) => ({ labels: { budget }, value: size })),
    ),
    gauge('kataudit_build_info', 'The version of the app.', [{ labels: { version }, value: 1 }]),
  ];
}

async function parkedByQueue({ parked }: Pick<ApiDependencies, 'parked'>): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for await (const { queue } of walk((top, after) => parked.list(top, after))) counts.set(queue, (counts.get(queue) ?? 0) + 1);
  return counts;
}

/** An ended audit does not change, so the outcome of thousands of clusters is not read again for every scrape. */
const ended = new WeakMap<ApiDependencies['audits'], { readonly id: string; readonly outcome: AuditOutcome }>();

async function newestEnded({ audits, clock }: Pick<ApiDependencies, 'audits' | 'clock'>): Promise<AuditOutcome | undefined> {
  const { value } = await audits.list(AUDITS_LOOKED_THROUGH);
  for (const { id } of value) {
    const held = ended.get(audits);
    if (held?.id === id) return held.outcome;
    const report = await audits.get(id);
    const outcome = report && auditOutcome(report, clock());
    if (outcome === undefined || outcome.state === 'running') continue;
    ended.set(audits, { id, outcome });
    return outcome;
  }
  return undefined;
}
