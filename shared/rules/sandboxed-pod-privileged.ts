import type { Remedy } from '../domain/rule/command.ts';
import { objectName } from '../domain/rule/command-words.ts';
import { kubectlCommands } from '../domain/rule/commands.ts';
import { defineRule } from '../domain/rule/rule.ts';
import { type Feature, judgeFeature, judgeSandboxed, type SandboxedWorkload } from '../domain/rule/sandboxed-workload.ts';
import type { Cluster } from '../domain/snapshot/snapshot.ts';
import { kindOf } from '../domain/snapshot/subject.ts';

const ADVICE = 'Remove privileged from the security context, and add only the capabilities that are needed.';

/** No sandboxed pod is privileged. */
export const sandboxedPodPrivileged = defineRule({
  id: 'sandboxed-pod-privileged',
  title: 'Sandboxed pods are not privileged',
  severity: 'medium',
  rationale:
    'In a pod VM a privileged container is root only in the guest and gets no devices of the node, but it has every capability to attack the hypervisor.',
  remediation: ADVICE,
  references: [
    'https://learn.microsoft.com/azure/aks/considerations-pod-sandboxing',
    'https://kubernetes.io/docs/concepts/security/pod-security-standards/',
    'https://kubernetes.io/docs/concepts/workloads/pods/ephemeral-containers/',
  ],
  requires: ['workloads', 'runtimeClasses'],
  evaluate: (evidence) => judgeSandboxed(evidence, (one) => judgeFeature(evidence.cluster, one, featureOf(evidence.cluster, one))),
});

function featureOf(cluster: Cluster, { subject, groups, uncertain }: SandboxedWorkload): Feature {
  const all = [...groups, ...uncertain.map(({ group }) => group)];
  const isOfTemplate = all.some(({ features }) => features.privileged > 0);
  const feature = { features: ['privileged', 'privilegedDebug'], verbs: ['has', 'have'], advice: ADVICE } as const;
  if (isOfTemplate) return { ...feature, rest: 'a privileged container' };
  return { ...feature, rest: 'a privileged debug container', remedy: (examples) => replacePods(cluster, subject, examples) };
}

/** The pod template is correct; only the pod must be replaced. */
function replacePods(cluster: Cluster, subject: SandboxedWorkload['subject'], examples: readonly string[]): Remedy {
  const why = 'A debug container cannot be removed from a pod.';
  if (['Pod', 'Job', 'Node'].includes(subject.ownerKind)) {
    return { remediation: `${why} Delete the pod and create it again from its manifest.` };
  }
  const objects = ['pods', ...examples.map(objectName)];
  return {
    remediation: `${why} Delete the pod: its ${kindOf(subject)} creates a new one.`,
    commands: kubectlCommands(cluster, { verb: 'delete', namespace: subject.namespace, objects }),
  };
}
