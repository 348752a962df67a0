import { stringify } from 'yaml';
import type { WorkloadRequirement } from '../../domain/policy/policy.ts';
import { SYSTEM_NAMESPACES } from '../../domain/policy/system-namespaces.ts';
import { all, any, matches, text } from './cel.ts';
import { acceptedBy, checksOf, coverOf, type GuardrailCheck, type GuardrailInput, type Template } from './checks.ts';

/** What a guardrail can be written as, the default first. */
export const GUARDRAIL_FORMATS = ['vap', 'map', 'kyverno'] as const;
export type GuardrailFormat = (typeof GUARDRAIL_FORMATS)[number];

const NAME = 'kataudit-guardrail';
const DEFAULTS_NAME = 'kataudit-runtime-class';
/** The class that lasts; it is preferred where several are accepted. */
const CURRENT = 'kata-vm-isolation';
/** The user that makes the pods of DaemonSets. A pod that only says that a DaemonSet owns it is no node agent. */
const DAEMON_SET_CONTROLLER = 'system:serviceaccount:kube-system:daemon-set-controller';

/** What makes pods, and where its template lies. Source: kubernetes.io/docs/reference/kubernetes-api/workload-resources. */
const RESOURCES = [
  {
    apiGroups: [''],
    apiVersions: ['v1'],
    operations: ['CREATE', 'UPDATE'],
    resources: ['pods', 'pods/ephemeralcontainers', 'replicationcontrollers', 'podtemplates'],
  },
  {
    apiGroups: ['apps'],
    apiVersions: ['v1'],
    operations: ['CREATE', 'UPDATE'],
    resources: ['deployments', 'statefulsets', 'daemonsets', 'replicasets'],
  },
  { apiGroups: ['batch'], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['jobs', 'cronjobs'] },
];

/** Writes what refuses, warns of, or mends pods that would be findings; YAML for `kubectl apply`. */
export function guardrail(format: GuardrailFormat, input: GuardrailInput): string {
  switch (format) {
    case 'vap':
      return written([validatingPolicy(input), binding(input)]);
    case 'kyverno':
      return written([kyvernoPolicy(input)]);
    case 'map':
      return written(mutatingPolicies(input));
  }
}

function written(documents: readonly object[]): string {
  return documents.map((one) => stringify(one, { lineWidth: 0, aliasDuplicateObjects: false, version: '1.1' })).join('---\n');
}

function validatingPolicy(input: GuardrailInput): object {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: NAME, labels: LABELS },
    spec: validation(input),
  };
}

const LABELS = { 'app.kubernetes.io/managed-by': 'kataudit' };

/** What both a ValidatingAdmissionPolicy and Kyverno's ValidatingPolicy hold. */
function validation(input: GuardrailInput) {
  const checks = checksOf(input);
  return {
    failurePolicy: 'Fail',
    matchConstraints: { resourceRules: RESOURCES },
    matchConditions: [
      { name: 'not-a-system-namespace', expression: `!(${matches('request.namespace', SYSTEM_NAMESPACES)})` },
      ...(input.daemonSets
        ? []
        : [{ name: 'not-a-pod-of-a-daemon-set', expression: `request.userInfo.username != ${text(DAEMON_SET_CONTROLLER)}` }]),
    ],
    variables: [...templateVariables('new', 'object', checks, input), ...templateVariables('old', 'oldObject', checks, input)],
    validations: checks.map(({ name, message }) => ({
      // What broke the rule before may be changed: the audit tells of it, and to refuse a harmless change would only hurt.
      expression: `!variables.new${capital(name)} || (request.operation == "UPDATE" && variables.old${capital(name)})`,
      message,
      reason: 'Forbidden',
    })),
  };
}

/** Variables are worked out when they are first asked for: those of the old object only for what is refused otherwise. */
function templateVariables(prefix: string, object: string, checks: readonly GuardrailCheck[], input: GuardrailInput) {
  const template = { spec: `variables.${prefix}Spec`, labels: `variables.${prefix}Labels`, className: `variables.${prefix}Class` };
  return [
    { name: `${prefix}Template`, expression: templateOf(object) },
    { name: `${prefix}Spec`, expression: `variables.${prefix}Template.?spec.orValue(dyn({}))` },
    { name: `${prefix}Labels`, expression: `variables.${prefix}Template.?metadata.?labels.orValue(dyn({}))` },
    { name: `${prefix}Class`, expression: `variables.${prefix}Spec.?runtimeClassName.orValue("")` },
    ...checks.map((check) => ({ name: `${prefix}${capital(check.name)}`, expression: brokenBy(check, template, object, input) })),
  ];
}

function templateOf(object: string): string {
  const at = (kind: string, path: string) => `dyn(${object}).kind == ${text(kind)} ? dyn(${object})${path} : `;
  const spec = `dyn(${object}).?spec.?template.orValue(dyn({}))`;
  return `${at('Pod', '')}${at('CronJob', '.?spec.?jobTemplate.?spec.?template.orValue(dyn({}))')}${at('PodTemplate', '.?template.orValue(dyn({}))')}${spec}`;
}

/** Node agents are DaemonSets outside of a sandbox: whether they must be inside is left to the audit. */
function brokenBy({ ruleId, breaks }: GuardrailCheck, template: Template, object: string, { daemonSets }: GuardrailInput): string {
  const broken = breaks(template);
  return ruleId === 'workload-sandboxed' && !daemonSets ? all([`dyn(${object}).kind != "DaemonSet"`, broken]) : broken;
}

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function actions({ enforce }: GuardrailInput): readonly string[] {
  return enforce ? ['Deny', 'Audit'] : ['Warn', 'Audit'];
}

function binding(input: GuardrailInput): object {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: NAME, labels: LABELS },
    spec: { policyName: NAME, validationActions: actions(input) },
  };
}

/** Kyverno has no binding; its own rules for controllers are off, since the policy covers them itself. */
function kyvernoPolicy(input: GuardrailInput): object {
  return {
    apiVersion: 'policies.kyverno.io/v1',
    kind: 'ValidatingPolicy',
    metadata: { name: NAME, labels: LABELS },
    spec: { validationActions: actions(input), autogen: { podControllers: { controllers: [] } }, ...validation(input) },
  };
}

/**
 * Sets the class of pods that must have one and name none. A policy for each class and each selector of namespaces:
 * in Kubernetes 1.36 a mutating policy sees no `namespaceObject` in its conditions, so its labels are selected outside of CEL.
 */
function mutatingPolicies(input: GuardrailInput): readonly object[] {
  const byTarget = Map.groupBy(input.policy.workloads, (one) => JSON.stringify([classFor(one, input), one.namespaceLabels ?? {}]));
  return [...byTarget.values()].flatMap((requirements, index) => {
    const [first] = requirements;
    const className = first && classFor(first, input);
    if (first === undefined || className === undefined) return [];
    const name = index === 0 ? DEFAULTS_NAME : `${DEFAULTS_NAME}-${index + 1}`;
    return [mutatingPolicy(name, className, requirements, input), mutatingBinding(name)];
  });
}

function classFor(requirement: WorkloadRequirement, { classes }: GuardrailInput): string | undefined {
  return preferred(acceptedBy([requirement], classes));
}

function preferred(names: readonly string[]): string | undefined {
  return names.find((name) => name === CURRENT) ?? names[0];
}

function mutatingPolicy(
  name: string,
  className: string,
  requirements: readonly WorkloadRequirement[],
  { daemonSets }: GuardrailInput,
): object {
  const [{ namespaceLabels = {} } = { namespaceLabels: {} }] = requirements;
  const labels = 'object.metadata.?labels.orValue({})';
  const template = { spec: 'object.spec', labels, className: '' };
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingAdmissionPolicy',
    metadata: { name, labels: LABELS },
    spec: {
      failurePolicy: 'Fail',
      reinvocationPolicy: 'IfNeeded',
      matchConstraints: {
        ...(Object.keys(namespaceLabels).length === 0 ? {} : { namespaceSelector: { matchLabels: namespaceLabels } }),
        resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
      },
      matchConditions: [
        { name: 'names-no-class', expression: 'object.spec.?runtimeClassName.orValue("") == ""' },
        { name: 'not-a-system-namespace', expression: `!(${matches('request.namespace', SYSTEM_NAMESPACES)})` },
        ...(daemonSets
          ? []
          : [{ name: 'not-a-pod-of-a-daemon-set', expression: `request.userInfo.username != ${text(DAEMON_SET_CONTROLLER)}` }]),
        { name: 'must-be-sandboxed', expression: any(requirements.map((one) => all(coverOf({ ...one, namespaceLabels: {} }, template)))) },
      ],
      mutations: [
        {
          patchType: 'ApplyConfiguration',
          applyConfiguration: { expression: `Object{spec: Object.spec{runtimeClassName: ${text(className)}}}` },
        },
      ],
    },
  };
}

function mutatingBinding(name: string): object {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingAdmissionPolicyBinding',
    metadata: { name, labels: LABELS },
    spec: { policyName: name },
  };
}
