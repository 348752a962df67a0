import { z } from 'zod';
import { component, count, Exemption, instant, listOf } from './schemas.ts';

/** What an exemption's id may be; it is a path segment, a table key and a label. */
export const EXEMPTION_ID = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

const glob = z.string().min(1).max(260);
const words = (max: number) => z.string().trim().min(1).max(max);

/** The body of `PUT /exemptions/{id}`. */
export const ExemptionWrite = component(
  'ExemptionWrite',
  z.strictObject({
    rule: z
      .string()
      .min(1)
      .max(100)
      .meta({ description: 'The id of a rule.', examples: ['node-image-current'] }),
    cluster: glob.exactOptional().meta({ description: 'A glob over cluster names; absent means every one.', examples: ['prod-*'] }),
    namespace: glob.exactOptional().meta({ description: 'A glob over namespaces; absent means every one.', examples: ['shop'] }),
    workload: glob.exactOptional().meta({ description: 'A glob over names of workloads; absent means every one.', examples: ['cart-*'] }),
    category: z.enum(['waiver', 'mitigated']),
    reason: words(1_000).meta({ examples: ['Upgrade freeze until the release of December.'] }),
    approvedBy: words(200).meta({ examples: ['platform-security'] }),
    expiresOn: z.iso
      .datetime({ offset: true, error: 'expected a time like 2026-12-31T00:00:00Z' })
      .meta({ description: 'When it ends; must lie ahead.', examples: ['2099-12-31T00:00:00Z'] }),
  }),
);

/** An exemption, where it comes from and whether it holds. */
const ExemptionView = component(
  'HeldExemption',
  Exemption.extend({
    origin: z.enum(['policy', 'api']).describe('Those of the policy file are changed there.'),
    state: z.enum(['live', 'expired']),
    updatedAt: instant.exactOptional(),
    updatedBy: z.string().exactOptional().describe('The object id of who wrote it; absent when an access key was used.'),
  }),
);

/** What an exemption is good for now. */
const ExemptionUseView = component(
  'ExemptionUse',
  z.object({
    id: z.string(),
    rule: z.string(),
    origin: z.enum(['policy', 'api']),
    state: z.enum(['matched', 'unused', 'expired', 'invalid']).describe('`invalid`: there is no such rule, or no end that can be read.'),
    findings: count.describe('Open findings in its scope; of an expired one those that count again.'),
    expiresOn: z.string(),
  }),
);

listOf('HeldExemption', ExemptionView);
listOf('ExemptionUse', ExemptionUseView);
