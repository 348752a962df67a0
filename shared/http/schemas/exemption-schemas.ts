import { z } from 'zod';
import { EXEMPTION_FIELDS } from '../../domain/policy/exemption-schema.ts';
import type { Exemption as AcceptedFailure } from '../../domain/policy/policy.ts';
import { schemaOf } from '../../domain/snapshot/schema-of.ts';
import type { HeldExemption } from '../../ports/exemption-store.ts';
import type { UsedExemption } from '../../usecases/queries/exemptions.ts';
import { count, instant } from './common-schemas.ts';
import { component, listOf } from './component.ts';

/** An accepted failure with an end date. */
export const Exemption = component(
  'Exemption',
  schemaOf<AcceptedFailure>()(z.object({ id: z.string(), ...EXEMPTION_FIELDS, expiresOn: instant })),
);

/** The body of `PUT /exemptions/{id}`. */
export const ExemptionWrite = component('ExemptionWrite', schemaOf<Omit<AcceptedFailure, 'id'>>()(z.strictObject(EXEMPTION_FIELDS)));

const origin = z.enum(['policy', 'api']).describe('Exemptions from the policy file can be changed only there.');
const state = z
  .enum(['live', 'unused', 'expired', 'invalid'])
  .describe('`unused`: it is in force and covers no open finding. `invalid`: the rule does not exist, or the end date cannot be read.');
const findings = count.describe('Open findings in its scope; for an expired exemption those that count again.');

/** An exemption in the form of the API. */
export type ListedExemption = AcceptedFailure & Standing & Partial<Pick<HeldExemption, 'updatedAt' | 'updatedBy'>>;
type Standing = Pick<UsedExemption, 'origin' | 'state' | 'findings'>;

/** An exemption, its origin and its state. */
export const HeldExemptionView = component(
  'HeldExemption',
  schemaOf<ListedExemption>()(
    Exemption.extend({
      origin,
      state,
      findings,
      updatedAt: instant.exactOptional(),
      updatedBy: z.string().exactOptional().describe('The object id of the author; absent if an access key was used.'),
    }),
  ),
);

/** Every exemption. */
export const HeldExemptionList = listOf('HeldExemption', HeldExemptionView);

/** The current use of an exemption. */
const ExemptionUseView = component(
  'ExemptionUse',
  schemaOf<Pick<AcceptedFailure, 'id' | 'rule' | 'expiresOn'> & Standing>()(
    z.object({ id: z.string(), rule: z.string(), origin, state, findings, expiresOn: z.string() }),
  ),
);

/** Every exemption with its use. */
export const ExemptionUseList = listOf('ExemptionUse', ExemptionUseView);

/** The findings that an exemption would cover. */
export const ExemptionPreviewView = component(
  'ExemptionPreview',
  z.object({ findings: count, ids: z.array(z.string()).describe('Ids of the first 50 of them.') }),
);
