import { z } from 'zod';
import { EXEMPTION_FIELDS } from '../../domain/policy/exemption-schema.ts';
import { component, count, Exemption, instant, listOf } from './schemas.ts';

/** The body of `PUT /exemptions/{id}`. */
export const ExemptionWrite = component('ExemptionWrite', z.strictObject(EXEMPTION_FIELDS));

const origin = z.enum(['policy', 'api']).describe('Those of the policy file are changed there.');
const state = z
  .enum(['live', 'unused', 'expired', 'invalid'])
  .describe('`unused`: it is in force and covers no open finding. `invalid`: the rule does not exist, or the end date cannot be read.');
const findings = count.describe('Open findings in its scope; for an expired exemption those that count again.');

/** An exemption, where it comes from and whether it holds. */
export const HeldExemptionView = component(
  'HeldExemption',
  Exemption.extend({
    origin,
    state,
    findings,
    updatedAt: instant.exactOptional(),
    updatedBy: z.string().exactOptional().describe('The object id of who wrote it; absent when an access key was used.'),
  }),
);

/** What an exemption is good for now. */
const ExemptionUseView = component(
  'ExemptionUse',
  z.object({ id: z.string(), rule: z.string(), origin, state, findings, expiresOn: z.string() }),
);

/** What an exemption would cover. */
component('ExemptionPreview', z.object({ findings: count, ids: z.array(z.string()).describe('Ids of the first 50 of them.') }));

listOf('HeldExemption', HeldExemptionView);
listOf('ExemptionUse', ExemptionUseView);
