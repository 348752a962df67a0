import type { Policy } from '../../domain/policy/policy.ts';
import type { Severity } from '../../domain/policy/severity.ts';
import type { Rule } from '../../domain/rule/rule.ts';
import { SECURED } from '../framework/answers.ts';
import { json } from '../framework/negotiate.ts';
import { defineRoute, NO_QUERY } from '../framework/route.ts';

/** `GET /rules`: the catalog as the policy in force applies it. */
export const listRules = defineRoute({
  name: 'list-rules',
  tag: 'estate',
  summary: 'Lists the rules as the policy in force applies them.',
  query: NO_QUERY,
  answers: { 200: { description: 'Every rule.', schema: 'RuleList' }, ...SECURED },
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

/** The rules with the severity and state that a policy gives them. */
export function effectiveRules(rules: readonly Rule[], policy: Policy): readonly (Rule & { readonly state: 'on' | 'off' })[] {
  return rules.map((rule) => {
    const setting = policy.rules[rule.id];
    const off = setting === 'off' || (rule.optIn === true && setting === undefined);
    const severity: Severity = setting === undefined || setting === 'off' || setting === 'on' ? rule.severity : setting;
    return { ...rule, severity, state: off ? 'off' : 'on' };
  });
}
