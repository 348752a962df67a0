import { z } from 'zod';
import { EVIDENCE_KEYS } from '../../domain/snapshot/snapshot.ts';
import { component, count, HistoryEntry, instant, listOf, Reason, severity } from './schemas.ts';

/** A rule as this app applies it. */
export const RuleView = component(
  'Rule',
  z.object({
    id: z.string(),
    title: z.string().describe('The compliant state.'),
    severity: severity.describe('The severity that applies, after the policy.'),
    state: z.enum(['on', 'off']),
    rationale: z.string(),
    remediation: z.string(),
    references: z.array(z.string()),
    requires: z.array(z.enum(EVIDENCE_KEYS)),
    consults: z.array(z.enum(EVIDENCE_KEYS)),
  }),
);

/** One run over the whole estate. */
export const AuditView = component(
  'Audit',
  z.object({
    id: z.string(),
    startedAt: instant,
    cause: z.enum(['timer', 'request', 'start']),
    requestedBy: z.string().exactOptional().describe('The object id of who asked.'),
    subscriptions: z.array(z.string()),
    clusters: z.array(z.string()).exactOptional().describe('ARM ids of the chosen clusters; absent when the whole estate is audited.'),
    policyProblem: z
      .string()
      .exactOptional()
      .describe('What was wrong with the newest policy when the audit began; the audit used the last valid one.'),
  }),
);

const auditState = z.enum(['running', 'complete', 'incomplete']).describe('`complete` only when every planned cluster has reported.');

/** An audit as the list of audits gives it. */
const ListedAuditView = component(
  'ListedAudit',
  AuditView.extend({
    state: auditState,
    outcome: z
      .object({
        endedAt: instant.exactOptional(),
        planned: count.describe('Clusters that it planned to scan.'),
        scanned: count,
        notAssessed: count.describe('Clusters that could not be assessed, or only partly.'),
        notListed: count.describe('Subscriptions that could not be listed.'),
        changed: count.describe('Findings opened, reopened, changed or resolved.'),
      })
      .exactOptional()
      .describe('Absent of an old audit whose end was not recorded: read the audit itself.'),
  }),
);

/** What one audit changed. */
component(
  'AuditChanges',
  z.object({ value: z.array(HistoryEntry), complete: z.boolean().describe('False when there is more than one answer holds.') }),
);

/** What became of the estate between two audits. */
component(
  'AuditDifference',
  z.object({
    changes: z.array(HistoryEntry.extend({ kind: z.enum(['opened', 'resolved', 'changed']) })),
    newlyBlind: z.array(z.string()).describe('ARM ids of clusters that the later audit could not see fully and the earlier one could.'),
    seenAgain: z.array(z.string()).describe('ARM ids of clusters that the later audit saw fully and the earlier one could not.'),
    complete: z.boolean().describe('False when there is more than one answer holds.'),
  }),
);

/** An audit with all that became of it. */
export const AuditReportView = component(
  'AuditReport',
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
);

/** The body of `POST /audits`; without `clusters` the whole estate is audited. */
export const AuditRequest = component(
  'AuditRequest',
  z.strictObject({
    clusters: z.array(z.string().min(1).max(512)).min(1).max(100).exactOptional().describe('ARM ids of the clusters to scan.'),
  }),
);

/** A message that failed for good. */
export const ParkedView = component(
  'ParkedMessage',
  z.object({
    id: z.string(),
    queue: z.string(),
    body: z.string(),
    reason: z.string(),
    parkedAt: instant,
    dequeueCount: count,
    settled: z
      .object({
        how: z.enum(['replayed', 'dropped']),
        at: instant,
        by: z.string().exactOptional().describe('The object id of who did it; absent when the function key alone was the permission.'),
      })
      .exactOptional()
      .describe('What was done with it; absent while it waits.'),
  }),
);

/** The newest bundle of the app's chain. */
component(
  'BundleHead',
  z.object({
    sequence: z.int().min(1).describe('Its number, from 1.'),
    sha256: z.string().describe('The digest of its manifest, which the next bundle names.'),
    sealedAt: instant,
    auditId: z.string().exactOptional().describe('The newest audit after which a bundle was sealed.'),
  }),
);

/** The body of `POST /session`. */
export const SessionRequest = component(
  'SessionRequest',
  z.strictObject({
    key: z
      .string()
      .min(1)
      .max(200)
      .meta({ examples: ['Vd7yB1n3kq0wZt5sR8uXoPmJ2cLfGhA4eYiT6rNvK9Q'] }),
  }),
);

/** What a session lets do, and until when. */
component('Session', z.object({ role: z.enum(['reader', 'operator']), expiresAt: instant }));

/** That the process answers. */
component('Liveness', z.object({ status: z.literal('alive') }));

/** What works and what does not. */
component(
  'Health',
  z.object({
    status: z.enum(['healthy', 'degraded', 'unhealthy']),
    version: z.string().exactOptional(),
    audits: z
      .object({ lastBegan: z.iso.datetime().exactOptional(), nextDue: z.iso.datetime().exactOptional() })
      .exactOptional()
      .describe('When the last audit began, and when the next is due.'),
    checks: z.array(
      z.object({
        name: z.enum([
          'settings',
          'storage',
          'policy',
          'audits',
          'images',
          'scope',
          'schedule',
          'services',
          'vulnerabilities',
          'defender',
          'attestations',
        ]),
        status: z.enum(['healthy', 'degraded', 'unhealthy']),
        message: z.string(),
      }),
    ),
  }),
);

/** A document format. */
const ExportFormatView = component(
  'ExportFormat',
  z.object({
    name: z.string(),
    mediaType: z.string(),
    extension: z.string(),
    openOnly: z.boolean().describe('Closed findings are left out unless `status` asks for them.'),
    holdsVerdicts: z.boolean().describe('It contains what could not be judged, and with `include=pass` what passed.'),
    wholeOnly: z.boolean().describe('It takes no filter.'),
  }),
);

listOf('ExportFormat', ExportFormatView);
listOf('Rule', RuleView);
listOf('ListedAudit', ListedAuditView);
listOf('ParkedMessage', ParkedView);
