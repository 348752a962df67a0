import { SECURED } from './answers.ts';
import { json } from './negotiate.ts';
import { defineRoute, NO_QUERY } from './route.ts';

/** `GET /rules`: the catalog as the policy in force applies it. */
export const listRules = defineRoute({
  name: 'list-rules',
  method: 'GET',
  route: 'rules',
  authLevel: 'function',
  tag: 'estate',
  summary: 'Lists the rules as the policy in force applies them.',
  query: NO_QUERY,
  answers: { 200: { description: 'Every rule.', schema: 'RuleList' }, ...SECURED },
  handle: async ({ rules, policy }) => {
    const { policy: inForce } = await policy();
    const value = rules.map(({ id, title, severity, rationale, remediation, references, requires, consults, optIn }) => {
      const setting = inForce.rules[id];
      const off = setting === 'off' || (optIn === true && setting === undefined);
      return {
        id,
        title,
        severity: setting === undefined || setting === 'off' || setting === 'on' ? severity : setting,
        state: off ? 'off' : 'on',
        rationale,
        remediation,
        references,
        requires,
        consults,
      };
    });
    return json({ value });
  },
});
