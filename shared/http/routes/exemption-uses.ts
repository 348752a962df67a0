import { usedExemptions } from '../../usecases/queries/exemptions.ts';
import { SECURED } from '../framework/answers.ts';
import { json } from '../framework/negotiate.ts';
import { defineRoute, NO_QUERY } from '../framework/route.ts';
import { ExemptionUseList } from '../schemas/exemption-schemas.ts';

/** `GET /exemption-uses`: an audit of the exemptions themselves. */
export const listExemptionUses = defineRoute({
  name: 'list-exemption-uses',
  tag: 'exemptions',
  summary: 'Lists which exemptions cover open findings, and which are unused, expired or invalid.',
  query: NO_QUERY,
  answers: { 200: { description: 'Every exemption with its use.', schema: ExemptionUseList }, ...SECURED },
  handle: async (dependencies) => {
    const uses = await usedExemptions(dependencies);
    const value = uses.map(({ exemption: { id, rule, expiresOn }, origin, state, findings }) => ({
      id,
      rule,
      origin,
      state,
      findings,
      expiresOn,
    }));
    return json({ value });
  },
});
