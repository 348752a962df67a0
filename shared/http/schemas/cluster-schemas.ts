import { z } from 'zod';
import type { ClusterSummary, CoverageGap } from '../../domain/findings/summary.ts';
import { schemaOf } from '../../domain/snapshot/schema-of.ts';
import { EVIDENCE_KEYS } from '../../domain/snapshot/snapshot.ts';
import { CLUSTER_SCHEMA, SETTINGS_SCHEMA } from '../../domain/snapshot/snapshot-schema.ts';
import type { EstateTotals } from '../../usecases/queries/estate-totals.ts';
import { count, instant, Reason, severity, verdict } from './common-schemas.ts';
import { component, listOf } from './component.ts';

/** Counts by severity. */
const BySeverity = component('BySeverity', z.record(severity, count));
const tally = z.object({ open: count, verdicts: z.record(verdict, count) });
const assessments = ['assessed', 'partly-assessed', 'not-assessed'] as const;
const statuses = ['present', 'deleted', 'out-of-scope'] as const;

/** How much of a cluster could be scanned. */
export const assessment = z.enum(assessments);
/** Whether a cluster still exists and is in scope. */
export const clusterStatus = z.enum(statuses);

/** The parts that the newest scan of a cluster could not read. */
export const Gaps = z.array(schemaOf<CoverageGap>()(z.object({ evidence: z.enum([...EVIDENCE_KEYS, 'cluster', 'rule']), reason: Reason })));

/** Per-cluster summary row, used by queries over the whole estate. */
export const ClusterSummaryView = component(
  'ClusterSummary',
  schemaOf<ClusterSummary>()(
    z.object({
      cluster: CLUSTER_SCHEMA,
      assessment,
      gaps: Gaps,
      observedAt: instant,
      lastAssessedAt: instant.exactOptional(),
      lastSeen: z
        .object({ at: instant, cause: z.string() })
        .exactOptional()
        .describe('The newest scan that read nodes or pods; a snapshot sent by `kataudit collect --push` has the cause `sent:…`.'),
      cause: z.string(),
      status: clusterStatus,
      settings: SETTINGS_SCHEMA.exactOptional(),
      openBySeverity: BySeverity,
      openSince: z
        .partialRecord(severity, z.record(z.string(), count))
        .exactOptional()
        .describe('The same by the day, `YYYY-MM-DD`, on which they were first seen; absent in rows of version 0.1.0.'),
      rules: z.record(z.string(), tally),
      nodePools: count,
      kataNodePools: count,
      pods: count,
      sandboxedPods: count,
      missedAudits: count.describe(
        "Consecutive audits that could not scan the cluster; from the policy's `staleAfterAudits` on, the cluster is shown as stale.",
      ),
      oldestImage: z
        .object({ nodePool: z.string(), nodeImageVersion: z.string(), releasedOn: z.iso.date() })
        .exactOptional()
        .describe('The node pool with the oldest node image.'),
    }),
  ),
);

/** A page of cluster summaries. */
export const ClusterSummaryList = listOf('ClusterSummary', ClusterSummaryView);

/** The totals of the whole estate in the form of the API. */
export type EstateSummary = EstateTotals & {
  readonly exemptedBySeverity: EstateTotals['openBySeverity'];
  readonly policy: { readonly hash: string; readonly source: string; readonly problem?: string };
};

/** The whole estate in one response, added up from the cluster summaries. */
export const SummaryView = component(
  'Summary',
  schemaOf<EstateSummary>()(
    z.object({
      clusters: z.object({
        total: count,
        byStatus: z.record(clusterStatus, count),
        byAssessment: z.record(assessment, count).describe('Clusters that are present.'),
        stale: count.describe('Present clusters that `staleAfterAudits` consecutive audits could not scan.'),
      }),
      openBySeverity: BySeverity.describe('Open findings, exempted ones included.'),
      exemptedBySeverity: BySeverity.describe('Open findings that a live exemption covers.'),
      rules: z.record(z.string(), tally.extend({ clusters: count.describe('Clusters with an open finding of this rule.') })),
      gaps: z.record(z.string(), count).describe('What could not be checked: clusters by reason.'),
      nodePools: count,
      kataNodePools: count,
      pods: count,
      sandboxedPods: count,
      oldestObservedAt: instant.exactOptional().describe('Oldest last-scan time among the clusters that are present.'),
      policy: z.object({ hash: z.string(), source: z.string(), problem: z.string().exactOptional() }),
    }),
  ),
);
