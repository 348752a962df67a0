import { z } from 'zod';
import type { NetChange } from '../../domain/findings/difference.ts';
import type { HistoryEntry as HistoryLine } from '../../domain/findings/finding.ts';
import { schemaOf } from '../../domain/snapshot/schema-of.ts';
import type { AuditRecord, AuditReport } from '../../ports/audit-store.ts';
import type { AuditOutcome } from '../../usecases/audit-outcome.ts';
import type { AuditDifference } from '../../usecases/queries/audit-changes.ts';
import type { AuditStanding } from '../../usecases/queries/listed-audits.ts';
import { count, instant, Reason } from './common-schemas.ts';
import { component, listOf } from './component.ts';
import { HistoryEntry } from './finding-schemas.ts';

/** One run over the whole estate. */
export const AuditView = component(
  'Audit',
  schemaOf<AuditRecord>()(
    z.object({
      id: z.string(),
      startedAt: instant,
      cause: z.enum(['timer', 'request', 'start']),
      requestedBy: z.string().exactOptional().describe('The object id of the requester.'),
      subscriptions: z.array(z.string()),
      clusters: z.array(z.string()).exactOptional().describe('ARM ids of the chosen clusters; absent when the whole estate is audited.'),
      policyProblem: z
        .string()
        .exactOptional()
        .describe('What was wrong with the newest policy when the audit started; the audit used the last valid one.'),
    }),
  ),
);

const auditState = z.enum(['running', 'complete', 'incomplete']).describe('`complete` only when every planned cluster has reported.');

/** An audit in the list of audits. */
const ListedAuditView = component(
  'ListedAudit',
  schemaOf<AuditRecord & Pick<AuditStanding, 'state' | 'outcome'>>()(
    AuditView.extend({
      state: auditState,
      outcome: z
        .object({
          endedAt: instant.exactOptional(),
          planned: count.describe('Clusters that the audit planned to scan.'),
          scanned: count,
          notAssessed: count.describe('Clusters that could not be assessed, or only partly.'),
          notListed: count.describe('Subscriptions that could not be listed.'),
          changed: count.describe('Findings opened, reopened, changed or resolved.'),
        })
        .exactOptional()
        .describe('Absent for an old audit whose end was not recorded: read the audit itself.'),
    }),
  ),
);

/** The changes of one audit. */
export const AuditChangesView = component(
  'AuditChanges',
  z.object({
    value: z.array(HistoryEntry),
    complete: z.boolean().describe('False if there are more changes than one answer can contain.'),
  }),
);

type DifferenceLine = Omit<HistoryLine, 'kind'> & Pick<NetChange, 'kind'>;

/** The difference of the estate between two audits. */
export const AuditDifferenceView = component(
  'AuditDifference',
  schemaOf<Omit<AuditDifference, 'changes'> & { readonly changes: readonly DifferenceLine[] }>()(
    z.object({
      changes: z.array(HistoryEntry.extend({ kind: z.enum(['opened', 'resolved', 'changed']) })),
      newlyBlind: z.array(z.string()).describe('ARM ids of clusters that the later audit could not fully read and the earlier one could.'),
      seenAgain: z.array(z.string()).describe('ARM ids of clusters that the later audit fully read and the earlier one could not.'),
      complete: z.boolean().describe('False if there are more changes than one answer can contain.'),
    }),
  ),
);

/** An audit with the outcome of its parts. */
export const AuditReportView = component(
  'AuditReport',
  schemaOf<AuditReport & { readonly outcome: AuditOutcome }>()(
    z.object({
      audit: AuditView,
      subscriptions: z.array(
        z.object({
          auditId: z.string(),
          subscriptionId: z.string(),
          at: instant,
          outcome: z.union([
            z.object({ state: z.literal('listed'), clusters: count }),
            z.object({ state: z.literal('not-listed'), reason: Reason }),
          ]),
        }),
      ),
      clusters: z.array(
        z.object({
          auditId: z.string(),
          clusterId: z.string(),
          at: instant,
          state: z.enum(['planned', 'assessed', 'partly-assessed', 'not-assessed']),
          reasons: z.array(Reason),
          changed: count,
        }),
      ),
      outcome: z
        .object({
          state: z.enum(['running', 'complete', 'incomplete']),
          planned: count,
          scanned: count,
          notAssessed: z.array(z.object({ clusterId: z.string(), reasons: z.array(Reason) })),
          notListed: z.array(z.object({ subscriptionId: z.string(), reason: Reason })),
          changed: count,
          durationSeconds: z.number(),
        })
        .describe('Its outcome; complete only when every planned cluster has reported.'),
    }),
  ),
);

/** The body of `POST /audits`; without `clusters` the whole estate is audited. */
export const AuditRequest = component(
  'AuditRequest',
  z.strictObject({
    clusters: z.array(z.string().min(1).max(512)).min(1).max(100).exactOptional().describe('ARM ids of the clusters to scan.'),
  }),
);

/** A page of audits. */
export const ListedAuditList = listOf('ListedAudit', ListedAuditView);
