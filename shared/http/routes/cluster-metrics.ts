import type { ClusterSummary } from '../../domain/findings/summary.ts';
import { SEVERITIES } from '../../domain/policy/severity.ts';
import type { ExemptedCounts } from '../../usecases/queries/exempted.ts';
import { gauge, type Sample } from '../framework/prometheus.ts';

type Labels = Readonly<Record<string, string>>;

/**
 * Returns the metrics of each present cluster, up to a maximum number. The selection depends only on ids, because a series that appears
 * and disappears with its values would end an alert that still applies.
 */
export function clusterMetrics(summaries: readonly ClusterSummary[], exempted: ExemptedCounts, limit: number): readonly string[] {
  const present = summaries.filter(({ status }) => status === 'present').sort((a, b) => (a.cluster.id < b.cluster.id ? -1 : 1));
  const told = present.slice(0, limit);
  const each = (of: (summary: ClusterSummary, labels: Labels) => readonly Sample[]) =>
    told.flatMap((summary) => of(summary, labelsOf(summary)));
  const open = (summary: ClusterSummary, labels: Labels) =>
    SEVERITIES.map((severity) => ({ labels: { ...labels, severity }, value: summary.openBySeverity[severity] }));
  const covered = ({ cluster }: ClusterSummary, labels: Labels) =>
    SEVERITIES.map((severity) => ({
      labels: { ...labels, severity },
      value: exempted.byCluster.get(cluster.id)?.bySeverity[severity] ?? 0,
    }));
  return [
    gauge('kataudit_cluster_open_findings', 'Open findings of a cluster by severity, exempted ones included.', each(open)),
    gauge('kataudit_cluster_exempted_findings', 'Open findings of a cluster that a live exemption covers, by severity.', each(covered)),
    gauge(
      'kataudit_cluster_rule_open_findings',
      'Open findings of a cluster by rule; a rule without open findings has no series.',
      each(byRule),
    ),
    gauge(
      'kataudit_cluster_unseen_parts',
      'Parts of a cluster that the newest scan could not read, by reason; 0 without a reason if it read everything.',
      each(unseen),
    ),
    gauge(
      'kataudit_cluster_last_full_look_timestamp_seconds',
      'Time of the last scan that read the whole cluster; no series if there was none.',
      each(({ lastAssessedAt }, labels) => moment(lastAssessedAt, labels)),
    ),
    gauge(
      'kataudit_cluster_oldest_image_release_timestamp_seconds',
      "Release time of a cluster's oldest node image; no series if it is unknown.",
      each(({ oldestImage }, labels) => moment(oldestImage?.releasedOn, labels)),
    ),
    gauge('kataudit_clusters_without_series', 'Present clusters beyond the limit of KATAUDIT_CLUSTER_METRICS.', [
      { value: present.length - told.length },
    ]),
  ];
}

/** Not named `cluster`, because scrapers of managed Prometheus use that label for the cluster that they run in. */
function labelsOf({ cluster: { name, resourceGroup, subscriptionId } }: ClusterSummary): Labels {
  return { cluster_name: name, resource_group: resourceGroup, subscription_id: subscriptionId };
}

function byRule({ rules }: ClusterSummary, labels: Labels): readonly Sample[] {
  return Object.entries(rules)
    .filter(([, { open }]) => open > 0)
    .map(([rule, { open }]) => ({ labels: { ...labels, rule }, value: open }));
}

function unseen({ gaps }: ClusterSummary, labels: Labels): readonly Sample[] {
  if (gaps.length === 0) return [{ labels, value: 0 }];
  const counts = Map.groupBy(gaps, ({ reason }) => reason.code);
  return [...counts].map(([reason, some]) => ({ labels: { ...labels, reason }, value: some.length }));
}

/** A timestamp instead of an age: it is the same in every scrape, which a time series database stores at almost no cost. */
function moment(at: string | undefined, labels: Labels): readonly Sample[] {
  const time = at === undefined ? Number.NaN : Date.parse(at);
  return Number.isNaN(time) ? [] : [{ labels, value: time / 1_000 }];
}
