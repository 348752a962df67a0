import { activePods } from '../domain/isolation/kata-evidence.ts';
import { isSandboxClass, isUncertain, type PodClass, podClassOf, uncertainty } from '../domain/isolation/pod-class.ts';
import { matchesGlobs } from '../domain/policy/glob.ts';
import { acceptedHandlers } from '../domain/policy/handlers.ts';
import { SYSTEM_NAMESPACES } from '../domain/policy/system-namespaces.ts';
import { defineRule, type Judgement } from '../domain/rule/rule.ts';
import { correctTemplate } from '../domain/rule/workload-commands.ts';
import { forExample, markedNames, total, workloadsOf } from '../domain/rule/workload-groups.ts';
import type { PodGroup } from '../domain/snapshot/pod-group.ts';
import { counted } from '../domain/text/counted.ts';

/** Only sandboxed pods and pods of the platform run on Kata nodes. */
export const kataNodeTenancy = defineRule({
  id: 'kata-node-tenancy',
  title: 'Only sandboxed and system pods run on Kata nodes',
  severity: 'medium',
  rationale:
    'An ordinary pod on a Kata node shares the host kernel on which every pod VM of the node runs. An attacker who escapes from it reaches all sandboxes there.',
  remediation: 'Taint the Kata pools, and let only sandboxed workloads tolerate the taint.',
  references: [
    'https://learn.microsoft.com/azure/aks/use-node-taints',
    'https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/',
  ],
  optIn: true,
  requires: ['workloads', 'runtimeClasses'],
  evaluate({ cluster, workloads, runtimeClasses, policy, observedAt }) {
    const accepted = acceptedHandlers(policy);
    const ordinary = workloads.filter(
      (group) =>
        activePods(group) > 0 &&
        !matchesGlobs(group.namespace, SYSTEM_NAMESPACES) &&
        !isKnownSandbox(group, podClassOf(group, runtimeClasses, observedAt), accepted),
    );
    return workloadsOf(ordinary).map(({ subject, groups: all }): Judgement => {
      const classed = all.map((group) => ({ group, podClass: podClassOf(group, runtimeClasses, observedAt) }));
      const uncertain = classed.find(({ group, podClass }) => group.placement.onKataNode > 0 && isUncertain(group, podClass));
      const groups = classed.filter(({ group, podClass }) => !isUncertain(group, podClass)).map(({ group }) => group);
      const pods = total(groups, ({ placement }) => placement.onKataNode);
      if (pods > 0) {
        const examples = markedNames(groups, 'onKataNode');
        const message = `${counted(pods, 'pod')} without a pod VM ${pods === 1 ? 'runs' : 'run'} on Kata nodes${forExample(examples)}.`;
        const advice = 'Taint the Kata pools, and remove the toleration or selector that places this workload there.';
        return { verdict: 'fail', subject, message, facts: { pods, examples }, ...correctTemplate(cluster, subject, advice) };
      }
      if (uncertain !== undefined) {
        const { group, podClass } = uncertain;
        const message = `It is unknown whether ${counted(group.placement.onKataNode, 'pod')} on Kata nodes has a pod VM: ${uncertainty(group, podClass)}.`;
        return { verdict: 'unknown', subject, message };
      }
      const unseen = total(groups, ({ placement }) => placement.unknown);
      if (unseen > 0) return { verdict: 'unknown', subject, message: `The nodes of ${counted(unseen, 'pod')} could not be read.` };
      return { verdict: 'pass', subject };
    });
  },
});

/** Whether pods are known to have started in a sandbox. */
function isKnownSandbox(group: PodGroup, podClass: PodClass, accepted: readonly string[]): boolean {
  return isSandboxClass(podClass, accepted) && !isUncertain(group, podClass);
}
