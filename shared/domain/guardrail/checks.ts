import { LEGACY_KATA_CLASS } from '../isolation/aks-classes.ts';
import { acceptedHandlers, isSandboxHandler } from '../policy/handlers.ts';
import type { WorkloadRequirement } from '../policy/policy.ts';
import { isAccepted } from '../policy/sandbox-requirement.ts';
import { all, any, matches, selects, texts } from './cel.ts';
import type { GuardrailTerms, NamedHandler } from './terms.ts';

/** CEL variables for the parts of a pod template. */
export interface Template {
  readonly spec: string;
  readonly labels: string;
  readonly className: string;
}

/** One rule as an expression that is true if a template violates it. */
export interface GuardrailCheck {
  readonly ruleId: GuardedRule;
  /** Name of the variable that contains the result. */
  readonly name: string;
  readonly breaks: (template: Template) => string;
}

/** The rules that an admission policy can judge: each needs only the object. */
export const GUARDED_RULES = [
  'workload-sandboxed',
  'sandboxed-pod-host-path',
  'sandboxed-pod-host-namespaces',
  'sandboxed-pod-privileged',
  'sandboxed-pod-memory-limit',
  'runtime-class-name-current',
] as const;
export type GuardedRule = (typeof GUARDED_RULES)[number];

const CONTAINERS = ['containers', 'initContainers', 'ephemeralContainers'];

/** The requirements of the policy for each rule, with the same result as the rule in an audit. */
export function checksOf(terms: GuardrailTerms): readonly GuardrailCheck[] {
  const accepted = acceptedHandlers(terms.policy);
  const sandboxed = terms.classes.filter(({ handler }) => isSandboxHandler(handler, accepted)).map(({ name }) => name);
  const weakness = (spec: (spec: string) => string) => (template: Template) =>
    all([`${template.className} in ${texts(sandboxed)}`, spec(template.spec)]);
  const legacy = sandboxed.filter((name) => name === LEGACY_KATA_CLASS);
  const expressions: Readonly<Record<GuardedRule, GuardrailCheck['breaks']>> = {
    'workload-sandboxed': (template) => unsandboxed(terms, template),
    'sandboxed-pod-host-path': weakness((spec) => `${spec}.?volumes.orValue([]).exists(v, has(v.hostPath))`),
    'sandboxed-pod-host-namespaces': weakness((spec) =>
      any(['hostNetwork', 'hostPID', 'hostIPC'].map((name) => `${spec}.?${name}.orValue(false)`)),
    ),
    'sandboxed-pod-privileged': weakness((spec) =>
      any(CONTAINERS.map((list) => `${spec}.?${list}.orValue([]).exists(c, c.?securityContext.?privileged.orValue(false))`)),
    ),
    'sandboxed-pod-memory-limit': weakness((spec) =>
      all([
        unlimited(spec),
        any([
          `${spec}.?containers.orValue([]).exists(c, ${unlimited('c')})`,
          `${spec}.?initContainers.orValue([]).exists(c, c.?restartPolicy.orValue("") == "Always" && ${unlimited('c')})`,
        ]),
      ]),
    ),
    'runtime-class-name-current': ({ className }) => `${className} in ${texts(legacy)}`,
  };
  return GUARDED_RULES.filter((ruleId) => terms.rules.includes(ruleId)).map((ruleId) => ({
    ruleId,
    name: ruleId.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase()),
    breaks: expressions[ruleId],
  }));
}

/** A limit of zero is no limit; the API server writes every zero as "0" before admission. */
function unlimited(holder: string): string {
  return `${holder}.?resources.?limits.?memory.orValue("0") == "0"`;
}

/** All statements of the policy apply: a template violates them if one statement covers it and does not accept its class. */
function unsandboxed({ policy, classes }: GuardrailTerms, template: Template): string {
  return any(
    policy.workloads.map((one) => all([...coverOf(one, template), `!(${template.className} in ${texts(acceptedBy([one], classes))})`])),
  );
}

/** Returns an expression that a requirement of the policy covers a template. */
export function coverOf(
  { namespaces = ['*'], podLabels = {}, namespaceLabels = {} }: WorkloadRequirement,
  { labels }: Template,
): readonly string[] {
  return [
    ...(namespaces.includes('*') ? [] : [matches('request.namespace', namespaces)]),
    ...(Object.keys(podLabels).length === 0 ? [] : [selects(labels, podLabels)]),
    ...(Object.keys(namespaceLabels).length === 0 ? [] : [selects('namespaceObject.?metadata.?labels.orValue({})', namespaceLabels)]),
  ];
}

/** The names of the classes that all of the statements accept. */
export function acceptedBy(requirements: readonly WorkloadRequirement[], classes: readonly NamedHandler[]): readonly string[] {
  return classes.filter(({ handler }) => isAccepted(handler, requirements)).map(({ name }) => name);
}
