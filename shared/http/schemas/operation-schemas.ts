import { z } from 'zod';
import type { Rule } from '../../domain/rule/rule.ts';
import { schemaOf } from '../../domain/snapshot/schema-of.ts';
import { EVIDENCE_KEYS } from '../../domain/snapshot/snapshot.ts';
import type { BundleHead } from '../../ports/bundle-store.ts';
import type { ParkedMessage } from '../../ports/parked-store.ts';
import { count, instant, severity } from './common-schemas.ts';
import { component, listOf } from './component.ts';

/** A rule in the form of the API, with the current policy applied. */
export type ListedRule = Pick<Rule, 'id' | 'title' | 'severity' | 'rationale' | 'remediation' | 'references' | 'requires' | 'consults'> & {
  readonly state: 'on' | 'off';
};

/** A rule as this app applies it. */
export const RuleView = component(
  'Rule',
  schemaOf<ListedRule>()(
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
  ),
);

/** The rules. */
export const RuleList = listOf('Rule', RuleView);

/** A message that failed after all tries. */
export const ParkedView = component(
  'ParkedMessage',
  schemaOf<ParkedMessage>()(
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
          by: z.string().exactOptional().describe('The object id of the person or app that did it; absent if an access key was used.'),
        })
        .exactOptional()
        .describe('What was done with it; absent while it is waiting.'),
    }),
  ),
);

/** A page of parked messages. */
export const ParkedMessageList = listOf('ParkedMessage', ParkedView);

/** The newest bundle of the app's chain. */
export const BundleHeadView = component(
  'BundleHead',
  schemaOf<BundleHead>()(
    z.object({
      sequence: z.int().min(1).describe('Its number; the first is 1.'),
      sha256: z.string().describe('The digest of its manifest, which the next bundle names.'),
      sealedAt: instant,
      auditId: z.string().exactOptional().describe('The newest audit after which a bundle was sealed.'),
    }),
  ),
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

/** The role of a session and its end. */
export const SessionView = component('Session', z.object({ role: z.enum(['reader', 'operator']), expiresAt: instant }));

/** A response that shows that the process answers. */
export const LivenessView = component('Liveness', z.object({ status: z.literal('alive') }));

/** The state of each part of the app. */
export const HealthView = component(
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
    openOnly: z.boolean().describe('Resolved findings are left out unless `status` asks for them.'),
    holdsVerdicts: z.boolean().describe('It contains what could not be judged, and with `include=pass` what passed.'),
    wholeOnly: z.boolean().describe('It takes no filter.'),
  }),
);

/** The document formats. */
export const ExportFormatList = listOf('ExportFormat', ExportFormatView);
