import { activePods, isKataHandler } from '../domain/isolation/kata-evidence.ts';
import { matchesGlobs } from '../domain/policy/glob.ts';
import { defineRule, type Judgement } from '../domain/rule/rule.ts';
import { correctTemplate } from '../domain/rule/workload-commands.ts';
import { exampleNames, forExample, plural, total, workloadsOf } from '../domain/rule/workload-groups.ts';

/** Namespaces whose pods belong to the platform, most of them on every node. */
const SYSTEM_NAMESPACES: readonly string[] = [
  'kube-*',
  'gatekeeper-system',
  'calico-system',
  'tigera-operator',
  'aks-*',
  'app-routing-system',
];

/** On Kata nodes nothing runs beside the sandboxes but the platform. */
export const kataNodeTenancy = defineRule({
  id: 'kata-node-tenancy',
  title: 'Only sandboxed and system pods run on Kata nodes',
  severity: 'medium',
  rationale:
    'An ordinary pod on a Kata node shares the kernel that runs every pod VM there: who escapes from it sits beneath the sandboxes.',
  remediation: 'Taint the Kata pools, and let only sandboxed workloads tolerate the taint.',
  references: [
    'https://learn.microsoft.com/azure/aks/use-node-taints',
    'https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/',
  ],
  optIn: true,
  requires: ['workloads', 'runtimeClasses'],
  evaluate({ cluster, workloads, runtimeClasses }) {
    const kata = new Set(runtimeClasses.filter(({ handler }) => isKataHandler(handler)).map(({ name }) => name));
    const ordinary = workloads.filter(
      (group) =>
        activePods(group) > 0 &&
        !matchesGlobs(group.namespace, SYSTEM_NAMESPACES) &&
        !(group.runtimeClassName !== undefined && kata.has(group.runtimeClassName)),
    );
    return workloadsOf(ordinary).map(({ subject, groups }): Judgement => {
      const guests = groups.filter(({ placement }) => placement.onKataNode > 0);
      const pods = total(guests, ({ placement }) => placement.onKataNode);
      if (pods > 0) {
        const examples = exampleNames(guests);
        const message = `${plural(pods, 'pod')} without a pod VM ${pods === 1 ? 'runs' : 'run'} on Kata nodes${forExample(examples)}.`;
        const advice = 'Taint the Kata pools, and take a toleration or a selector that leads there out of this workload.';
        return { verdict: 'fail', subject, message, facts: { pods, examples }, ...correctTemplate(cluster, subject, advice) };
      }
      const unseen = total(groups, ({ placement }) => placement.unknown);
      if (unseen > 0) return { verdict: 'unknown', subject, message: `The nodes of ${plural(unseen, 'pod')} could not be seen.` };
      return { verdict: 'pass', subject };
    });
  },
});
