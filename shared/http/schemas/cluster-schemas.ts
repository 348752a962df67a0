import { z } from 'zod';
import type { ClusterSummary, CoverageGap } from '../../domain/findings/summary.ts';
import { schemaOf } from '../../domain/snapshot/schema-of.ts';
import { EVIDENCE_KEYS } from '../../domain/snapshot/snapshot.ts';
import type { EstateTotals } from '../../usecases/queries/estate-totals.ts';
import { Coverage, count, instant, Reason, severity, verdict } from './common-schemas.ts';
import { component, listOf } from './component.ts';

/** Counts by severity. */
const BySeverity = component('BySeverity', z.record(severity, count));
const tally = z.object({ open: count, verdicts: z.record(verdict, count) });
const assessments = ['assessed', 'partly-assessed', 'not-assessed'] as const;
const statuses = ['present', 'deleted', 'out-of-scope'] as const;

/** How far a cluster could be looked at. */
export const assessment = z.enum(assessments);
/** Whether a cluster is still there and in scope. */
export const clusterStatus = z.enum(statuses);

/** When Azure is to upgrade node images by itself, or why that is not known. */
const PlannedUpgradeView = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('observed'),
    value: z.discriminatedUnion('state', [
      z.object({
        state: z.literal('planned'),
        configuration: z.string(),
        channel: z.string(),
        from: instant,
        until: instant,
        last: z.object({ from: instant, until: instant }).exactOptional().describe('The previous page.'),
      }),
      z.object({ state: z.literal('unplanned'), why: z.string(), ambiguous: z.literal(true).exactOptional() }),
    ]),
    coverage: Coverage,
  }),
  z.object({ state: z.literal('unavailable'), reason: Reason }),
]);

/** Fields of Azure's answer that could not be read: what rests on them is not known. */
const Unread = z
  .array(z.object({ of: z.string(), field: z.string(), problem: z.string() }))
  .describe("Fields of Azure's answer that could not be read.");

/** What the newest scan of a cluster could not see. */
export const Gaps = z.array(schemaOf<CoverageGap>()(z.object({ evidence: z.enum([...EVIDENCE_KEYS, 'cluster', 'rule']), reason: Reason })));

/** Per-cluster summary row, used by queries over the whole estate. */
export const ClusterSummaryView = component(
  'ClusterSummary',
  schemaOf<ClusterSummary>()(
    z.object({
      cluster: z.object({
        id: z.string(),
        name: z.string(),
        subscriptionId: z.string(),
        resourceGroup: z.string(),
        location: z.string(),
        tags: z.record(z.string(), z.string()),
        unread: Unread.exactOptional(),
      }),
      assessment,
      gaps: Gaps,
      observedAt: instant,
      lastAssessedAt: instant.exactOptional(),
      lastSeen: z
        .object({ at: instant, cause: z.string() })
        .exactOptional()
        .describe('The newest look that showed nodes or pods: by a scan, or sent by `kataudit collect --push` (cause `sent:…`).'),
      cause: z.string(),
      status: clusterStatus,
      settings: z
        .object({
          kubernetesVersion: z.string().exactOptional(),
          powerState: z.string(),
          provisioningState: z.string().exactOptional(),
          privateCluster: z.boolean().exactOptional(),
          publicFqdn: z.boolean().exactOptional(),
          entraIntegrated: z.boolean().exactOptional(),
          azureRbac: z.boolean().exactOptional(),
          localAccountsDisabled: z.boolean().exactOptional(),
          fqdn: z.string().exactOptional(),
          privateFqdn: z.string().exactOptional(),
          resourceUid: z.string().exactOptional().describe("Azure's id of this very cluster, whatever its name."),
          unread: Unread.exactOptional(),
          upgradeChannel: z.string().exactOptional(),
          nodeOsUpgradeChannel: z.string().exactOptional(),
          nodeProvisioning: z.string().exactOptional(),
          plannedUpgrade: PlannedUpgradeView.exactOptional().describe('Read only when the image of a node pool lags.'),
          supportNotice: z
            .object({ state: z.enum(['ending', 'ended']), at: instant, kubernetesVersion: z.string().exactOptional() })
            .exactOptional(),
        })
        .exactOptional(),
      openBySeverity: BySeverity,
      openSince: z
        .partialRecord(severity, z.record(z.string(), count))
        .exactOptional()
        .describe('The same by the day, `YYYY-MM-DD`, that they were first seen on; absent in what version 0.1.0 stored.'),
      rules: z.record(z.string(), tally),
      nodePools: count,
      kataNodePools: count,
      pods: count,
      sandboxedPods: count,
      missedAudits: count.describe(
        'Audits in a row that could not look at it; from `staleAfterAudits` of the policy on it is shown as stale.',
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

/** What the API says of the whole estate. */
export type EstateSummary = EstateTotals & {
  readonly exemptedBySeverity: EstateTotals['openBySeverity'];
  readonly policy: { readonly hash: string; readonly source: string; readonly problem?: string };
};

/** The whole estate in one answer, added up from the cluster summaries. */
export const SummaryView = component(
  'Summary',
  schemaOf<EstateSummary>()(
    z.object({
      clusters: z.object({
        total: count,
        byStatus: z.record(clusterStatus, count),
        byAssessment: z.record(assessment, count).describe('Clusters that are present.'),
        stale: count.describe('Those of them that `staleAfterAudits` audits in a row could not scan.'),
      }),
      openBySeverity: BySeverity.describe('Open findings, exempted ones included.'),
      exemptedBySeverity: BySeverity.describe('Those of them that a live exemption covers.'),
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
