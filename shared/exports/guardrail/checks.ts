import { acceptedHandlers, isSandboxHandler } from '../../domain/policy/handlers.ts';
import type { Policy, WorkloadRequirement } from '../../domain/policy/policy.ts';
import { isRuleOn, ruleSeverity } from '../../domain/policy/rule-setting.ts';
import { isAccepted } from '../../domain/policy/sandbox-requirement.ts';
import { SEVERITIES, type Severity } from '../../domain/policy/severity.ts';
import type { RuntimeClass } from '../../domain/snapshot/snapshot.ts';
import type { RuleFacts } from '../export.ts';
import { all, any, matches, selects, texts } from './cel.ts';

/** What a guardrail is made of. */
export interface GuardrailInput {
  readonly policy: Policy;
  /** The RuntimeClasses of the clusters: an admission policy cannot read them, so their names are written into it. */
  readonly classes: readonly RuntimeClass[];
  readonly rules: readonly RuleFacts[];
  /** Only findings at least this severe are refused. */
  readonly failOn: Severity;
  /** Whether objects are refused, rather than warned of and written to the audit log. */
  readonly enforce: boolean;
  /** Whether workloads of node agents (DaemonSets) must be sandboxed too. */
  readonly daemonSets: boolean;
}

/** A pod template in CEL: the variables that hold its parts. */
export interface Template {
  readonly spec: string;
  readonly labels: string;
  readonly className: string;
}

/** One rule as an expression that is true when a template breaks it. */
export interface GuardrailCheck {
  readonly ruleId: string;
  /** The name of the variable that holds the answer. */
  readonly name: string;
  readonly breaks: (template: Template) => string;
  readonly message: string;
}

/** The name that AKS's preview gave its class. */
const LEGACY = 'kata-mshv-vm-isolation';
const CONTAINERS = ['containers', 'initContainers', 'ephemeralContainers'];

/** What the policy wants, rule by rule, each as the rules of the audit judge it; rules that are off or less severe are left out. */
export function checksOf(input: GuardrailInput): readonly GuardrailCheck[] {
  const accepted = acceptedHandlers(input.policy);
  const sandboxed = input.classes.filter(({ handler }) => isSandboxHandler(handler, accepted)).map(({ name }) => name);
  const weakness = (spec: (spec: string) => string) => (template: Template) =>
    all([`${template.className} in ${texts(sandboxed)}`, spec(template.spec)]);
  const legacy = sandboxed.filter((name) => name === LEGACY);
  const expressions: Readonly<Record<string, GuardrailCheck['breaks']>> = {
    'workload-sandboxed': (template) => unsandboxed(input, template),
    'sandboxed-pod-host-path': weakness((spec) => `${spec}.?volumes.orValue([]).exists(v, has(v.hostPath))`),
    'sandboxed-pod-host-namespaces': weakness((spec) =>
      any(['hostNetwork', 'hostPID', 'hostIPC'].map((name) => `${spec}.?${name}.orValue(false)`)),
    ),
    'sandboxed-pod-privileged': weakness((spec) =>
      any(CONTAINERS.map((list) => `${spec}.?${list}.orValue([]).exists(c, c.?securityContext.?privileged.orValue(false))`)),
    ),
    'sandboxed-pod-memory-limit': weakness((spec) =>
      all([
        `!${spec}.?resources.?limits.?memory.hasValue()`,
        any([
          `${spec}.?containers.orValue([]).exists(c, !c.?resources.?limits.?memory.hasValue())`,
          `${spec}.?initContainers.orValue([]).exists(c, c.?restartPolicy.orValue("") == "Always" && !c.?resources.?limits.?memory.hasValue())`,
        ]),
      ]),
    ),
    'runtime-class-name-current': ({ className }) => `${className} in ${texts(legacy)}`,
  };
  return Object.entries(expressions).flatMap(([ruleId, breaks]) => {
    const rule = input.rules.find(({ id }) => id === ruleId);
    if (rule === undefined || !isInForce(rule, input)) return [];
    return [{ ruleId, name: ruleId.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase()), breaks, message: messageOf(rule) }];
  });
}

/** Whether a rule is on, and severe enough, by the policy. */
function isInForce(rule: RuleFacts, { policy, failOn }: GuardrailInput): boolean {
  if (!isRuleOn(rule, policy)) return false;
  return SEVERITIES.indexOf(ruleSeverity(rule, policy)) <= SEVERITIES.indexOf(failOn);
}

/** One line, as the API server wants it. */
function messageOf({ id, title, remediation }: RuleFacts): string {
  return `Kataudit ${id}: ${title}. ${remediation}`.replaceAll(/\s+/g, ' ');
}

/** Every statement of the policy holds: one that covers the template and does not accept its class is enough. */
function unsandboxed({ policy, classes }: GuardrailInput, template: Template): string {
  return any(
    policy.workloads.map((one) => all([...coverOf(one, template), `!(${template.className} in ${texts(acceptedBy([one], classes))})`])),
  );
}

/** Whether a statement of the policy covers a template. */
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

/** The names of the classes that every one of some statements accepts. */
export function acceptedBy(requirements: readonly WorkloadRequirement[], classes: readonly RuntimeClass[]): readonly string[] {
  return classes.filter(({ handler }) => isAccepted(handler, requirements)).map(({ name }) => name);
}
