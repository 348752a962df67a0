import { z } from 'zod';
import { EVIDENCE_KEYS } from '../../domain/snapshot/snapshot.ts';
import { component, count, instant, listOf, Reason, severity } from './schemas.ts';

/** A rule as this app applies it. */
export const RuleView = component(
  'Rule',
  z.object({
    id: z.string(),
    title: z.string().describe('The compliant state.'),
    severity: severity.describe('After the policy had its say.'),
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
    policyProblem: z
      .string()
      .exactOptional()
      .describe('What was wrong with the newest policy when the audit began: it went by the last good one.'),
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
      .describe('What became of it; complete only when every planned cluster is accounted for.'),
  }),
);

/** The body of `POST /audits`: nothing to choose yet, and a misspelt wish is refused rather than ignored. */
export const AuditRequest = component('AuditRequest', z.strictObject({}));

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
      .describe('What somebody did with it; absent while it waits.'),
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
    checks: z.array(
      z.object({
        name: z.enum(['settings', 'storage', 'policy', 'audits']),
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
    holdsVerdicts: z.boolean().describe('What could not be judged is in it, and what passed with `include=pass`.'),
    wholeOnly: z.boolean().describe('It takes no filter.'),
  }),
);

listOf('ExportFormat', ExportFormatView);
listOf('Rule', RuleView);
listOf('Audit', AuditView);
listOf('ParkedMessage', ParkedView);
