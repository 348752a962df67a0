import type { Policy } from '../policy/policy.ts';
import type { GuardrailOrigin } from '../snapshot/guardrail.ts';
import type { RuntimeClass } from '../snapshot/snapshot.ts';

/** A class as a guardrail knows it: an admission policy cannot read a RuntimeClass, so names are written into it. */
export type NamedHandler = Pick<RuntimeClass, 'name' | 'handler'>;

/** What a guardrail is written from. */
export interface GuardrailTerms {
  readonly policy: Pick<Policy, 'workloads'>;
  /** The RuntimeClasses of the clusters. */
  readonly classes: readonly NamedHandler[];
  /** Ids of the rules whose findings are refused. */
  readonly rules: readonly string[];
  /** Whether workloads of node agents (DaemonSets) must be sandboxed too. */
  readonly daemonSets: boolean;
}

/** What a guardrail notes of its terms: everything but the policy, which the audit has itself. */
export function originOf({ classes, rules, daemonSets }: GuardrailTerms): GuardrailOrigin {
  return { classes: classes.map(({ name, handler }) => ({ name, handler })), rules, daemonSets };
}
