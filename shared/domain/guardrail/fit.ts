import { acceptedHandlers, isSandboxHandler } from '../policy/handlers.ts';
import type { Policy } from '../policy/policy.ts';
import { isRuleOn } from '../policy/rule-setting.ts';
import type { Guardrail, GuardrailOrigin } from '../snapshot/guardrail.ts';
import type { RuntimeClass } from '../snapshot/snapshot.ts';
import { guardrailDigest } from './digest.ts';
import { mutationsOf } from './mutation.ts';
import type { GuardrailTerms } from './terms.ts';
import { validationOf } from './validation.ts';

/** Why an admission policy does not match the audit's policy, as the end of "it …"; `undefined` if it does. */
export function misfitOf(guardrail: Guardrail, policy: Policy, classes: readonly RuntimeClass[]): string | undefined {
  const { origin } = guardrail;
  if (origin === undefined) return 'has no readable annotation that says which policy it was generated from';
  if (guardrail.digest !== expectedDigest(guardrail, { policy, ...origin })) {
    return 'was written from another policy or by another version, or was changed since';
  }
  return (guardrail.kind === 'validating' ? rulesMisfit(origin, policy) : undefined) ?? classesMisfit(origin, policy, classes);
}

/** The policy that Kataudit would generate from the same terms; `undefined` if it would generate none with that name. */
function expectedDigest({ kind, name }: Guardrail, terms: GuardrailTerms): string | undefined {
  if (kind === 'validating') return guardrailDigest(validationOf(terms));
  const mutation = mutationsOf(terms).find((one) => one.name === name);
  return mutation === undefined ? undefined : guardrailDigest(mutation.spec);
}

function rulesMisfit({ rules }: GuardrailOrigin, policy: Policy): string | undefined {
  const off = rules.find((id) => !isRuleOn({ id }, policy));
  if (off !== undefined) return `enforces the rule ${off}, which the policy turns off`;
  if (isRuleOn({ id: 'workload-sandboxed' }, policy) && !rules.includes('workload-sandboxed')) {
    return 'does not refuse what must be sandboxed and is not';
  }
  return undefined;
}

/** An admission policy contains the names of RuntimeClasses, so it misjudges a class that was added or changed later. */
function classesMisfit(origin: GuardrailOrigin, policy: Policy, classes: readonly RuntimeClass[]): string | undefined {
  const accepted = acceptedHandlers(policy);
  const known = new Map(origin.classes.map(({ name, handler }) => [name, handler]));
  for (const { name, handler } of classes) {
    const noted = known.get(name);
    if (noted !== undefined && noted !== handler) return `expects the handler ${noted} for the RuntimeClass ${name}, which has ${handler}`;
    if (noted === undefined && isSandboxHandler(handler, accepted))
      return `does not know the RuntimeClass ${name}, whose pods are sandboxed`;
  }
  return undefined;
}
