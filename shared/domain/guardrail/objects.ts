import { mutationsOf } from './mutation.ts';
import { type GuardrailTerms, originOf } from './terms.ts';
import { VALIDATION_NAME, validationOf } from './validation.ts';

/** The annotation with the terms that a guardrail was generated from; the audit generates it again from them and compares. */
export const ORIGIN = 'kataudit.io/guardrail';

const API_VERSION = 'admissionregistration.k8s.io/v1';

/** Whether objects are denied, and with which message. */
export interface GuardrailWords {
  /** Whether objects are denied, instead of allowed with a warning and an entry in the audit log. */
  readonly enforce: boolean;
  readonly messageOf: (ruleId: string) => string;
}

/** A ValidatingAdmissionPolicy and its binding, ready to apply. */
export function validatingObjects(terms: GuardrailTerms, { enforce, messageOf }: GuardrailWords) {
  return [
    {
      apiVersion: API_VERSION,
      kind: 'ValidatingAdmissionPolicy',
      metadata: metadataOf(VALIDATION_NAME, terms),
      spec: validationOf(terms, messageOf),
    },
    {
      apiVersion: API_VERSION,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name: VALIDATION_NAME, labels: LABELS },
      spec: { policyName: VALIDATION_NAME, validationActions: actionsOf(enforce) },
    },
  ] as const;
}

/** Returns the MutatingAdmissionPolicies that set classes, each with its binding. */
export function mutatingObjects(terms: GuardrailTerms) {
  return mutationsOf(terms).flatMap(({ name, spec }) => [
    { apiVersion: API_VERSION, kind: 'MutatingAdmissionPolicy', metadata: metadataOf(name, terms), spec },
    {
      apiVersion: API_VERSION,
      kind: 'MutatingAdmissionPolicyBinding',
      metadata: { name, labels: LABELS },
      spec: { policyName: name },
    },
  ]);
}

/** Kyverno has no bindings. Its automatic rules for controllers are off, because the policy covers controllers itself. */
export function kyvernoObject(terms: GuardrailTerms, { enforce, messageOf }: GuardrailWords) {
  return {
    apiVersion: 'policies.kyverno.io/v1',
    kind: 'ValidatingPolicy',
    metadata: metadataOf(VALIDATION_NAME, terms),
    spec: { validationActions: actionsOf(enforce), autogen: { podControllers: { controllers: [] } }, ...validationOf(terms, messageOf) },
  };
}

const LABELS = { 'app.kubernetes.io/managed-by': 'kataudit' };

function metadataOf(name: string, terms: GuardrailTerms) {
  return { name, labels: LABELS, annotations: { [ORIGIN]: JSON.stringify(originOf(terms)) } };
}

function actionsOf(enforce: boolean): readonly string[] {
  return enforce ? ['Deny', 'Audit'] : ['Warn', 'Audit'];
}
