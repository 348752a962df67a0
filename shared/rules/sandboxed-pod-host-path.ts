import { defineRule } from '../domain/rule/rule.ts';
import { type Feature, judgeFeature, judgeSandboxed } from '../domain/rule/sandboxed-workload.ts';
import { plural, total } from '../domain/rule/workload-groups.ts';

const ADVICE = 'Replace the hostPath volume by an emptyDir, a persistent volume, or a projected volume.';
const FEATURE: Feature = {
  features: ['hostPath'],
  verbs: ['mounts', 'mount'],
  rest: 'a folder of the node',
  advice: ADVICE,
  passNote: (groups) => {
    const claims = total(groups, ({ features }) => features.claims ?? 0);
    if (claims === 0) return undefined;
    return `No pod mounts a hostPath volume. The volumes of ${plural(claims, 'pod')} lie behind claims, and claims were not looked behind.`;
  },
};

/** No sandboxed pod mounts a folder of its node. */
export const sandboxedPodHostPath = defineRule({
  id: 'sandboxed-pod-host-path',
  title: 'Sandboxed pods mount no hostPath',
  severity: 'high',
  rationale: "A hostPath volume gives the pod VM access to the node's file system, which can undo the isolation.",
  remediation: ADVICE,
  references: [
    'https://learn.microsoft.com/azure/aks/considerations-pod-sandboxing',
    'https://kubernetes.io/docs/concepts/storage/volumes/#hostpath',
  ],
  requires: ['workloads', 'runtimeClasses'],
  evaluate: (evidence) => judgeSandboxed(evidence, (one) => judgeFeature(evidence.cluster, one, FEATURE)),
});
