import type { Policy } from './policy.ts';
import type { Severity } from './severity.ts';

/** What of a rule its place in a policy depends on. */
export interface Settable {
  readonly id: string;
  readonly severity: Severity;
  /** Off unless the policy turns it on. */
  readonly optIn?: boolean;
}

/** Whether a policy has a rule judged. */
export function isRuleOn({ id, optIn }: Pick<Settable, 'id' | 'optIn'>, { rules }: Pick<Policy, 'rules'>): boolean {
  const setting = rules[id];
  return setting === undefined ? optIn !== true : setting !== 'off';
}

/** How bad a failure of a rule is: what the policy says, else the rule itself. */
export function ruleSeverity({ id, severity }: Pick<Settable, 'id' | 'severity'>, { rules }: Pick<Policy, 'rules'>): Severity {
  const setting = rules[id];
  return setting === undefined || setting === 'off' || setting === 'on' ? severity : setting;
}

/** Rules with the severity and the state that a policy gives them. */
export function effectiveRules<R extends Settable>(rules: readonly R[], policy: Policy): readonly (R & { readonly state: 'on' | 'off' })[] {
  return rules.map((rule) => ({ ...rule, severity: ruleSeverity(rule, policy), state: isRuleOn(rule, policy) ? 'on' : 'off' }));
}
