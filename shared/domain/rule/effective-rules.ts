import type { Policy } from '../policy/policy.ts';
import type { Severity } from '../policy/severity.ts';
import type { Rule } from './rule.ts';

/** The rules with the severity and state that a policy gives them. */
export function effectiveRules(rules: readonly Rule[], policy: Policy): readonly (Rule & { readonly state: 'on' | 'off' })[] {
  return rules.map((rule) => {
    const setting = policy.rules[rule.id];
    const off = setting === 'off' || (rule.optIn === true && setting === undefined);
    const severity: Severity = setting === undefined || setting === 'off' || setting === 'on' ? rule.severity : setting;
    return { ...rule, severity, state: off ? 'off' : 'on' };
  });
}
