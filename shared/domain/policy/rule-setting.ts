import type { Policy } from './policy.ts';
import type { Severity } from './severity.ts';

/** The parts of a rule that determine its setting in a policy. */
export interface Settable {
  readonly id: string;
  readonly severity: Severity;
  /** The rule is off unless the policy turns it on. */
  readonly optIn?: boolean;
}

/** Whether a rule is on under a policy. */
export function isRuleOn({ id, optIn }: Pick<Settable, 'id' | 'optIn'>, { rules }: Pick<Policy, 'rules'>): boolean {
  const setting = rules[id];
  return setting === undefined ? optIn !== true : setting !== 'off';
}

/** The severity of a rule's failures: that of the policy, or the rule's own. */
export function ruleSeverity({ id, severity }: Pick<Settable, 'id' | 'severity'>, { rules }: Pick<Policy, 'rules'>): Severity {
  const setting = rules[id];
  return setting === undefined || setting === 'off' || setting === 'on' ? severity : setting;
}

/** The rules with their severity and state under a policy. */
export function effectiveRules<R extends Settable>(rules: readonly R[], policy: Policy): readonly (R & { readonly state: 'on' | 'off' })[] {
  return rules.map((rule) => ({ ...rule, severity: ruleSeverity(rule, policy), state: isRuleOn(rule, policy) ? 'on' : 'off' }));
}
