import { all, text } from './cel.ts';
import { checksOf, type GuardrailCheck, type Template } from './checks.ts';
import { exceptions, MATCHES_EVERYTHING } from './conditions.ts';
import type { GuardrailTerms } from './terms.ts';

/** The name of the policy that denies objects. */
export const VALIDATION_NAME = 'kataudit-guardrail';

/** Kinds that create pods, and the path of their template. Source: kubernetes.io/docs/reference/kubernetes-api/workload-resources. */
const RESOURCES = [
  resources('', ['pods', 'pods/ephemeralcontainers', 'replicationcontrollers', 'podtemplates']),
  resources('apps', ['deployments', 'statefulsets', 'daemonsets', 'replicasets']),
  resources('batch', ['jobs', 'cronjobs']),
];

function resources(apiGroup: string, names: readonly string[]) {
  return { apiGroups: [apiGroup], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: names, scope: '*' };
}

/** The parts that ValidatingAdmissionPolicy and Kyverno's ValidatingPolicy have in common. */
export function validationOf(terms: GuardrailTerms, messageOf: (ruleId: string) => string = () => '') {
  const checks = checksOf(terms);
  return {
    failurePolicy: 'Fail',
    matchConstraints: { ...MATCHES_EVERYTHING, resourceRules: RESOURCES },
    matchConditions: exceptions(terms),
    variables: [...templateVariables('new', 'object', checks, terms), ...templateVariables('old', 'oldObject', checks, terms)],
    validations: checks.map(({ name, ruleId }) => ({
      // An object that already violated the rule may be changed: the audit reports it, and denying a harmless change would only do damage.
      expression: `!variables.new${capital(name)} || (request.operation == "UPDATE" && variables.old${capital(name)})`,
      message: messageOf(ruleId),
      reason: 'Forbidden',
    })),
  };
}

/** Variables are evaluated lazily: those of the old object only if the new one violates a rule. */
function templateVariables(prefix: string, object: string, checks: readonly GuardrailCheck[], terms: GuardrailTerms) {
  const template = { spec: `variables.${prefix}Spec`, labels: `variables.${prefix}Labels`, className: `variables.${prefix}Class` };
  return [
    { name: `${prefix}Template`, expression: templateOf(object) },
    { name: `${prefix}Spec`, expression: `variables.${prefix}Template.?spec.orValue(dyn({}))` },
    { name: `${prefix}Labels`, expression: `variables.${prefix}Template.?metadata.?labels.orValue(dyn({}))` },
    { name: `${prefix}Class`, expression: `variables.${prefix}Spec.?runtimeClassName.orValue("")` },
    ...checks.map((check) => ({ name: `${prefix}${capital(check.name)}`, expression: brokenBy(check, template, object, terms) })),
  ];
}

function templateOf(object: string): string {
  const at = (kind: string, path: string) => `dyn(${object}).kind == ${text(kind)} ? dyn(${object})${path} : `;
  const spec = `dyn(${object}).?spec.?template.orValue(dyn({}))`;
  return `${at('Pod', '')}${at('CronJob', '.?spec.?jobTemplate.?spec.?template.orValue(dyn({}))')}${at('PodTemplate', '.?template.orValue(dyn({}))')}${spec}`;
}

/** Node agents are DaemonSets without a sandbox; whether they need one is left to the audit. */
function brokenBy({ ruleId, breaks }: GuardrailCheck, template: Template, object: string, { daemonSets }: GuardrailTerms): string {
  const broken = breaks(template);
  return ruleId === 'workload-sandboxed' && !daemonSets ? all([`dyn(${object}).kind != "DaemonSet"`, broken]) : broken;
}

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
