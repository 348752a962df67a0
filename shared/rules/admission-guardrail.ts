import { GUARDED_RULES } from '../domain/guardrail/checks.ts';
import { misfitOf } from '../domain/guardrail/fit.ts';
import { MUTATION_NAME } from '../domain/guardrail/mutation.ts';
import { VALIDATION_NAME } from '../domain/guardrail/validation.ts';
import { isRuleOn } from '../domain/policy/rule-setting.ts';
import { clusterRequirementOf } from '../domain/policy/sandbox-requirement.ts';
import { guardrailCommands } from '../domain/rule/commands.ts';
import { defineRule, type EvidenceFacts, type Judgement } from '../domain/rule/rule.ts';
import type { Guardrail } from '../domain/snapshot/guardrail.ts';
import type { Cluster } from '../domain/snapshot/snapshot.ts';

const SUBJECT = { kind: 'cluster' } as const;

/** An admission policy that matches the policy refuses what the audit would report, before it runs. */
export const admissionGuardrail = defineRule({
  id: 'admission-guardrail',
  title: 'Clusters refuse what the audit would report',
  severity: 'medium',
  rationale:
    'An audit finds a pod that is not sandboxed only after it has run. An admission policy written from the same policy refuses it before.',
  remediation:
    'Once an audit has no findings, write the guardrail from the policy with "kataudit policy guardrail --enforce" and apply it. Kyverno policies are not read: turn this rule off where Kyverno refuses such objects.',
  references: [
    'https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/',
    'https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/',
  ],
  optIn: true,
  requires: ['guardrails', 'runtimeClasses'],
  evaluate({ cluster, guardrails, runtimeClasses, policy }): readonly Judgement[] {
    const requirement = clusterRequirementOf(policy, cluster);
    if (requirement?.kataPool === 'not-required') {
      return [{ verdict: 'not-applicable', subject: SUBJECT, message: `The policy requires no Kata pool here: ${requirement.name}.` }];
    }
    const rules = GUARDED_RULES.filter((id) => isRuleOn({ id }, policy));
    if (policy.workloads.length === 0 || rules.length === 0) {
      return [
        { verdict: 'not-applicable', subject: SUBJECT, message: 'The policy requires nothing that an admission policy could refuse.' },
      ];
    }
    const guardrail = guardrails.find(({ kind, name }) => kind === 'validating' && name === VALIDATION_NAME);
    if (guardrail === undefined)
      return [fails(cluster, `The cluster has no ValidatingAdmissionPolicy ${VALIDATION_NAME}${besides(guardrails)}.`)];
    const facts = factsOf(guardrail, rules);
    const misfit = misfitOf(guardrail, policy, runtimeClasses);
    if (misfit !== undefined)
      return [fails(cluster, `The ValidatingAdmissionPolicy ${VALIDATION_NAME} does not match the policy: it ${misfit}.`, facts)];
    const weakness = weaknessOf(guardrail);
    if (weakness !== undefined) return [{ ...fails(cluster, weakness.message, facts), ...(weakness.warns ? { severity: 'low' } : {}) }];
    const other = guardrails.filter(({ kind }) => kind === 'mutating').map((one) => ({ one, why: misfitOf(one, policy, runtimeClasses) }));
    const wrong = other.find(({ why }) => why !== undefined);
    if (wrong === undefined) return [{ verdict: 'pass', subject: SUBJECT, facts }];
    const message = `Pods that break the policy are refused, but the MutatingAdmissionPolicy ${wrong.one.name} does not match the policy: it ${wrong.why}.`;
    return [{ ...fails(cluster, message, facts, '--format', 'map'), severity: 'low' }];
  },
});

function fails(cluster: Cluster, message: string, facts: EvidenceFacts = {}, ...options: readonly string[]) {
  const commands = guardrailCommands(cluster, ...(options.length === 0 ? ['--enforce'] : options));
  return { verdict: 'fail', subject: SUBJECT, message, facts, commands } as const;
}

/** A policy that only sets a missing class refuses nothing. */
function besides(guardrails: readonly Guardrail[]): string {
  return guardrails.some(({ kind }) => kind === 'mutating') ? `; ${MUTATION_NAME} sets classes but refuses nothing` : '';
}

/** Why an admission policy that matches does not refuse everything that it should; `undefined` if it does. */
function weaknessOf({ name, bindings }: Guardrail): { readonly message: string; readonly warns: boolean } | undefined {
  const denying = bindings.filter(({ actions }) => actions.includes('Deny'));
  if (denying.some(({ narrowed }) => !narrowed)) return undefined;
  const said = (what: string, warns = false) => ({
    message: `The ValidatingAdmissionPolicy ${name} matches the policy, but ${what}.`,
    warns,
  });
  if (bindings.length === 0) return said('it has no binding, so it is not in force');
  if (denying.length > 0) return said(`its binding ${denying[0]?.name} excludes some objects`);
  return said('it refuses nothing: it only warns or writes to the audit log', true);
}

function factsOf({ bindings, origin }: Guardrail, rules: readonly string[]): EvidenceFacts {
  return {
    bindings: bindings.map(({ name, actions }) => `${name}: ${actions.join(', ')}`),
    refuses: origin?.rules ?? [],
    leftToTheAudit: rules.filter((id) => origin?.rules.includes(id) !== true),
  };
}
