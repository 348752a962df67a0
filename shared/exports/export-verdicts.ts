import { GAP_RULE } from '../domain/findings/finding-text.ts';
import type { ClusterSummary } from '../domain/findings/summary.ts';
import type { Subject } from '../domain/snapshot/subject.ts';
import type { AssessmentStore } from '../ports/assessment-store.ts';
import { hasTag } from '../ports/finding-filter.ts';
import type { FindingFilter } from '../ports/finding-store.ts';
import { mapAhead } from './ahead.ts';
import type { ExportedVerdict, RuleFacts } from './export.ts';
import { unknownVerdict, verdictsOf } from './verdicts.ts';

/** Number of assessments loaded in parallel. */
const READ_AHEAD = 8;

/** The clusters and the newest scan of each. */
export interface VerdictSources {
  readonly clusters: AsyncIterable<ClusterSummary>;
  readonly assessments: Pick<AssessmentStore, 'get'>;
}

/**
 * Yields the verdicts of the newest scan of every present cluster that match the filter: unknown ones always, passed ones on request.
 * Only a few clusters' assessments are in memory at a time.
 */
export async function* exportedVerdicts(
  { clusters, assessments }: VerdictSources,
  rules: readonly RuleFacts[],
  filter: FindingFilter,
  withPasses: boolean,
): AsyncGenerator<ExportedVerdict, void, undefined> {
  const severities = new Map(rules.map(({ id, severity }) => [id, severity]));
  const looks = mapAhead(coveredClusters(clusters, filter), READ_AHEAD, async (summary) => ({
    summary,
    assessment: await assessments.get(summary.cluster.id),
  }));
  for await (const { summary, assessment } of looks) {
    for (const one of assessment === undefined ? [neverSeen(summary)] : verdictsOf(assessment.snapshot, assessment.runs)) {
      if ((withPasses || one.verdict === 'unknown') && keeps(one, filter, severities)) yield one;
    }
  }
}

async function* coveredClusters(
  clusters: AsyncIterable<ClusterSummary>,
  filter: FindingFilter,
): AsyncGenerator<ClusterSummary, void, undefined> {
  for await (const summary of clusters) if (summary.status === 'present' && coversCluster(summary, filter)) yield summary;
}

function neverSeen({ cluster, observedAt, gaps }: ClusterSummary): ExportedVerdict {
  const why = gaps.map(({ reason }) => reason.message).join(' ');
  return unknownVerdict(cluster, observedAt, GAP_RULE, `The cluster has no assessment. ${why}`.trimEnd());
}

function coversCluster(
  { cluster: { id, name, subscriptionId, tags } }: ClusterSummary,
  { cluster, subscription, tag }: FindingFilter,
): boolean {
  const names = cluster?.map((one) => one.toLowerCase());
  return (
    (names === undefined || names.includes(name.toLowerCase()) || names.includes(id.toLowerCase())) &&
    (tag === undefined || tag.some((one) => hasTag(tags, one))) &&
    (subscription === undefined || subscription.includes(subscriptionId.toLowerCase()))
  );
}

/**
 * Whether a verdict matches the filters of findings that apply to verdicts; a verdict describes the current state, so it counts as open.
 */
function keeps(
  { ruleId, subject, message = '', observedAt, clusterName }: ExportedVerdict,
  { status, severity, rule, nodePool, namespace, workload, kind, owner, firstSeenSince, changedSince, since, q }: FindingFilter,
  severities: ReadonlyMap<string, string>,
): boolean {
  // A verdict has no owner, first-seen date or changes.
  if ((owner ?? firstSeenSince ?? changedSince) !== undefined) return false;
  const text = `${message}\n${ruleId}\n${clusterName}\n${namesOf(subject)}`.toLowerCase();
  const among = (wanted: readonly string[] | undefined, value: string | undefined) =>
    wanted === undefined || (value !== undefined && wanted.includes(value));
  return (
    among(status, 'open') &&
    among(rule, ruleId) &&
    among(severity, severities.get(ruleId)) &&
    among(kind, subject?.kind) &&
    among(nodePool, subject?.kind === 'node-pool' ? subject.name : undefined) &&
    among(namespace, subject?.kind === 'workload' ? subject.namespace : undefined) &&
    among(workload, subject?.kind === 'workload' ? subject.ownerName : undefined) &&
    (since === undefined || observedAt >= since) &&
    (q === undefined || text.includes(q.toLowerCase()))
  );
}

function namesOf(subject: Subject | undefined): string {
  if (subject === undefined || subject.kind === 'cluster') return '';
  return subject.kind === 'workload' ? `${subject.namespace}/${subject.ownerName}` : subject.name;
}
