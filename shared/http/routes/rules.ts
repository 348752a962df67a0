import { effectiveRules } from '../../domain/policy/rule-setting.ts';
import { SECURED } from '../framework/answers.ts';
import { json } from '../framework/negotiate.ts';
import { defineRoute, NO_QUERY } from '../framework/route.ts';
import { RuleList } from '../schemas/operation-schemas.ts';

/** `GET /rules`: the catalog of rules as the current policy applies it. */
export const listRules = defineRoute({
  name: 'list-rules',
  tag: 'estate',
  summary: 'Lists the rules as the policy in force applies them.',
  query: NO_QUERY,
  answers: { 200: { description: 'Every rule.', schema: RuleList }, ...SECURED },
  handle: async ({ rules, policy }) => {
    const { policy: inForce } = await policy();
    const value = effectiveRules(rules, inForce).map(
      ({ id, title, severity, state, rationale, remediation, references, requires, consults }) => ({
        id,
        title,
        severity,
        state,
        rationale,
        remediation,
        references,
        requires,
        consults,
      }),
    );
    return json({ value });
  },
});
