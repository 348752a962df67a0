import { SEVERITIES } from '../domain/rule.ts';
import { SECURED } from './answers.ts';
import type { ApiDependencies } from './api.ts';
import { defineRoute, NO_QUERY } from './route.ts';
import { addUp } from './summary.ts';
import { walk } from './walk.ts';

/** The media type of Prometheus' text format. */
export const METRICS_TYPE = 'text/plain';

interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** `GET /metrics`: the estate's numbers for Prometheus. */
export const getMetrics = defineRoute({
  name: 'get-metrics',
  method: 'GET',
  route: 'metrics',
  authLevel: 'function',
  tag: 'operations',
  summary: 'Gives the numbers in Prometheus text format.',
  query: NO_QUERY,
  answers: { 200: { description: 'The metrics.', mediaTypes: [METRICS_TYPE] }, ...SECURED },
  handle: async (dependencies) => ({
    status: 200,
    headers: { 'content-type': `${METRICS_TYPE}; version=0.0.4; charset=utf-8` },
    body: await metrics(dependencies),
  }),
});

async function metrics(dependencies: ApiDependencies): Promise<string> {
  const totals = await addUp(dependencies);
  const byKey = (label: string, counts: Readonly<Record<string, number>>): Sample[] =>
    Object.entries(counts).map(([key, value]) => ({ labels: { [label]: key }, value }));
  let parked = 0;
  for await (const _message of walk((top, after) => dependencies.parked.list(top, after))) parked += 1;
  const { oldestObservedAt } = totals;
  const age = oldestObservedAt === undefined ? [] : [{ value: (dependencies.clock().getTime() - Date.parse(oldestObservedAt)) / 1_000 }];
  const open = SEVERITIES.map((severity) => ({ labels: { severity }, value: totals.openBySeverity[severity] }));
  const byRule = Object.entries(totals.rules).map(([rule, tally]) => ({ labels: { rule }, value: tally.open }));
  const verdicts = Object.entries(totals.rules).flatMap(([rule, tally]) =>
    Object.entries(tally.verdicts).map(([verdict, value]) => ({ labels: { rule, verdict }, value })),
  );
  return [
    gauge('kataudit_open_findings', 'Open findings by severity, exempted ones included.', open),
    gauge('kataudit_rule_open_findings', 'Open findings by rule.', byRule),
    gauge('kataudit_rule_verdicts', 'Verdicts of the newest scans by rule.', verdicts),
    gauge('kataudit_clusters', 'Clusters by status.', byKey('status', totals.clusters.byStatus)),
    gauge(
      'kataudit_cluster_assessments',
      'Present clusters by how far they could be assessed.',
      byKey('assessment', totals.clusters.byAssessment),
    ),
    gauge('kataudit_cluster_gaps', 'Present clusters with something that could not be looked at, by reason.', byKey('reason', totals.gaps)),
    gauge('kataudit_node_pools', 'Node pools.', [{ value: totals.nodePools }]),
    gauge('kataudit_kata_node_pools', 'Node pools whose workload runtime starts pod VMs.', [{ value: totals.kataNodePools }]),
    gauge('kataudit_pods', 'Pods seen in the newest scans.', [{ value: totals.pods }]),
    gauge('kataudit_sandboxed_pods', 'Pods of them whose runtime class resolves to a Kata handler.', [{ value: totals.sandboxedPods }]),
    gauge('kataudit_oldest_scan_age_seconds', 'Age of the newest scan of the cluster that waited longest.', age),
    gauge('kataudit_parked_messages', 'Messages that failed for good.', [{ value: parked }]),
    gauge('kataudit_build_info', 'The version that runs.', [{ labels: { version: dependencies.version }, value: 1 }]),
  ].join('');
}

function gauge(name: string, help: string, samples: readonly Sample[]): string {
  const lines = samples.map(({ labels = {}, value }) => `${name}${labelText(labels)} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join('')}`;
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
