import { activePods } from '../domain/isolation/kata-evidence.ts';
import { defineRule, type Judgement } from '../domain/rule/rule.ts';
import { judgeSandboxed, type SandboxedWorkload } from '../domain/rule/sandboxed-workload.ts';
import { correctTemplate } from '../domain/rule/workload-commands.ts';
import { forExample, markedNames, total } from '../domain/rule/workload-groups.ts';
import type { Cluster } from '../domain/snapshot/snapshot.ts';
import { counted } from '../domain/text/counted.ts';

const ADVICE = 'Give the class the node selector of its Kata nodes, or remove the node name or selector that placed the pods elsewhere.';

/** A pod that requests a pod VM is on a node that can start one. */
export const sandboxedPodOnKataNode = defineRule({
  id: 'sandboxed-pod-on-kata-node',
  title: 'Sandboxed pods are on nodes that list their handler',
  severity: 'critical',
  rationale:
    'A node that does not list the handler cannot start the pod VM: the pod never starts, or it runs in something other than what its class says.',
  remediation: ADVICE,
  references: [
    'https://kubernetes.io/docs/concepts/containers/runtime-class/#scheduling',
    'https://learn.microsoft.com/azure/aks/use-pod-sandboxing',
  ],
  requires: ['workloads', 'runtimeClasses'],
  evaluate: (evidence) => judgeSandboxed(evidence, (one) => judge(evidence.cluster, one)),
});

function judge(cluster: Cluster, { subject, groups, uncertain }: SandboxedWorkload): Judgement {
  const missing = groups.filter(({ placement }) => placement.handlerMissing > 0);
  if (missing.length > 0) {
    const pods = total(missing, ({ placement }) => placement.handlerMissing);
    const examples = markedNames(missing, 'handlerMissing');
    const message = `${counted(pods, 'pod')} ${pods === 1 ? 'is' : 'are'} on nodes that do not list the handler of their RuntimeClass${forExample(examples)}.`;
    return { verdict: 'fail', subject, message, facts: { pods, examples }, ...correctTemplate(cluster, subject, ADVICE) };
  }
  // The nodes of finished pods may have been deleted since; only a running pod must have one.
  const unseen = total(
    groups.filter((group) => activePods(group) > 0),
    ({ placement }) => placement.unknown,
  );
  if (unseen > 0) {
    const message = `The nodes of ${counted(unseen, 'pod')} could not be read, or their properties contradict each other.`;
    return { verdict: 'unknown', subject, message };
  }
  const [doubtful] = uncertain;
  if (doubtful !== undefined) {
    return {
      verdict: 'unknown',
      subject,
      message: `It is unknown which handler ${counted(doubtful.group.pods, 'pod')} would need: ${doubtful.why}.`,
    };
  }
  const placed = total(groups, ({ placement }) => placement.handlerListed);
  if (placed === 0) return { verdict: 'not-applicable', subject, message: 'None of its pods has a node yet.' };
  return { verdict: 'pass', subject, facts: { pods: placed } };
}
