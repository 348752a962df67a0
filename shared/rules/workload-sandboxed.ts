import { activePods, classOf } from '../domain/isolation/kata-evidence.ts';
import type { WorkloadRequirement } from '../domain/policy/policy.ts';
import { isAccepted, type NamespaceLabels, namespaceLabels, sandboxRequirementOf } from '../domain/policy/sandbox-requirement.ts';
import type { Remedy } from '../domain/rule/command.ts';
import { defineRule, type Judgement } from '../domain/rule/rule.ts';
import { correctTemplate, patchTemplate } from '../domain/rule/workload-commands.ts';
import { exampleNames, forExample, plural, total, type Workload, workloadsOf } from '../domain/rule/workload-groups.ts';
import type { Cluster, PodGroup, RuntimeClass } from '../domain/snapshot/snapshot.ts';

/** The class that AKS installs with its first Kata pool. */
const AKS_CLASS = 'kata-vm-isolation';

/** What the policy wants in a pod VM resolves to a handler that starts one. */
export const workloadSandboxed = defineRule({
  id: 'workload-sandboxed',
  title: 'Workloads that must be sandboxed run in a pod VM',
  severity: 'critical',
  rationale: 'A pod without a pod VM shares the kernel of its node with its neighbors: one kernel flaw separates them.',
  remediation: 'Set runtimeClassName in the pod template to a class whose handler starts a pod VM: kata-vm-isolation on AKS.',
  references: ['https://learn.microsoft.com/azure/aks/use-pod-sandboxing', 'https://kubernetes.io/docs/concepts/containers/runtime-class/'],
  requires: ['workloads', 'runtimeClasses'],
  consults: ['namespaces'],
  evaluate({ cluster, workloads, runtimeClasses, namespaces, policy }) {
    const labels = namespaceLabels(namespaces);
    const requirements = new Map(workloads.map((group) => [group, sandboxRequirementOf(policy, group, labels)]));
    const requirementOf: RequirementOf = (group) => requirements.get(group) ?? sandboxRequirementOf(policy, group, labels);
    return workloadsOf(workloads).flatMap((workload) => judge(cluster, workload, runtimeClasses, requirementOf, labels));
  },
});

type RequirementOf = (group: PodGroup) => ReturnType<typeof sandboxRequirementOf>;

function judge(
  cluster: Cluster,
  workload: Workload,
  classes: readonly RuntimeClass[],
  requirementOf: RequirementOf,
  labels: NamespaceLabels,
): readonly Judgement[] {
  const { subject } = workload;
  const required = workload.groups.filter((group) => activePods(group) > 0 && requirementOf(group).certain.length > 0);
  const outside = required.filter((group) => !isSandboxed(group, classes, requirementOf(group).certain));
  if (outside.length > 0) return [failure(cluster, workload, outside, classes, requirementOf)];
  const doubtful = workload.groups.filter((group) => {
    const { possible } = requirementOf(group);
    return activePods(group) > 0 && possible.length > 0 && !isSandboxed(group, classes, possible);
  });
  if (doubtful.length > 0 && labels === undefined) {
    return [
      {
        verdict: 'unknown',
        subject,
        message: 'The labels of its namespace could not be seen, so what the policy wants of it is not known.',
      },
    ];
  }
  if (required.length === 0) return [];
  return [
    { verdict: 'pass', subject, facts: { pods: total(required, ({ pods }) => pods), requirement: namesOf(required, requirementOf) } },
  ];
}

function isSandboxed(group: PodGroup, classes: readonly RuntimeClass[], requirements: readonly WorkloadRequirement[]): boolean {
  const resolved = classOf(group, classes);
  return resolved !== undefined && isAccepted(resolved.handler, requirements);
}

function failure(
  cluster: Cluster,
  { subject }: Workload,
  outside: readonly PodGroup[],
  classes: readonly RuntimeClass[],
  requirementOf: RequirementOf,
): Judgement {
  const pods = total(outside, activePods);
  const examples = exampleNames(outside);
  const ways = [...new Set(outside.map((group) => wayOf(group, classes)))];
  const requirement = namesOf(outside, requirementOf);
  const message = `${plural(pods, 'pod')} must run in a pod VM (${requirement.join('; ')}) and ${pods === 1 ? 'does' : 'do'} not: ${ways.join('; ')}${forExample(examples)}.`;
  const requirements = outside.flatMap((group) => requirementOf(group).certain);
  const remedy = remedyFor(cluster, subject, acceptedClass(classes, requirements));
  return { verdict: 'fail', subject, message, facts: { pods, requirement, runtime: ways, examples }, ...remedy };
}

/** A class of this cluster that every statement of the policy accepts: AKS's own where it is among them. */
function acceptedClass(classes: readonly RuntimeClass[], requirements: readonly WorkloadRequirement[]): string | undefined {
  const names = classes.filter(({ handler }) => isAccepted(handler, requirements)).map(({ name }) => name);
  return names.includes(AKS_CLASS) ? AKS_CLASS : names.toSorted()[0];
}

/** Never names a class that is not there: the API server takes the template, and then refuses its pods. */
function remedyFor(cluster: Cluster, subject: Workload['subject'], runtimeClassName: string | undefined): Remedy {
  if (runtimeClassName === undefined) {
    return {
      remediation:
        'The cluster has no RuntimeClass whose handler the policy accepts: add a Kata node pool, or create the class, before the pod template names it.',
    };
  }
  const advice = `Set runtimeClassName: ${runtimeClassName} in the pod template.`;
  const commands = patchTemplate(cluster, subject, { runtimeClassName });
  return commands.length > 0 ? { remediation: advice, commands } : correctTemplate(cluster, subject, advice);
}

function wayOf({ runtimeClassName }: PodGroup, classes: readonly RuntimeClass[]): string {
  if (runtimeClassName === undefined) return "no RuntimeClass, so the node's default runtime";
  const handler = classes.find(({ name }) => name === runtimeClassName)?.handler;
  return handler === undefined
    ? `the RuntimeClass ${runtimeClassName}, which does not exist`
    : `the RuntimeClass ${runtimeClassName}, whose handler is ${handler}`;
}

function namesOf(groups: readonly PodGroup[], requirementOf: RequirementOf): readonly string[] {
  return [...new Set(groups.flatMap((group) => requirementOf(group).certain.map(({ name }) => name)))];
}
