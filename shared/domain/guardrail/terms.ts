import type { Policy } from '../policy/policy.ts';
import type { GuardrailOrigin } from '../snapshot/guardrail.ts';
import type { RuntimeClass } from '../snapshot/snapshot.ts';

/** A class in a guardrail: admission policies cannot read RuntimeClasses, so they contain the names. */
export type NamedHandler = Pick<RuntimeClass, 'name' | 'handler'>;

/** The input from which a guardrail is generated. */
export interface GuardrailTerms {
  readonly policy: Pick<Policy, 'workloads'>;
  /** The RuntimeClasses of the clusters. */
  readonly classes: readonly NamedHandler[];
  /** Ids of the rules whose violations are denied. */
  readonly rules: readonly string[];
  /** Whether workloads of node agents (DaemonSets) must be sandboxed too. */
  readonly daemonSets: boolean;
}

/** The terms in a guardrail's annotation: all but the policy, which the audit has. */
export function originOf({ classes, rules, daemonSets }: GuardrailTerms): GuardrailOrigin {
  return { classes: classes.map(({ name, handler }) => ({ name, handler })), rules, daemonSets };
}
