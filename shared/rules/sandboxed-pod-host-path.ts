import { defineRule } from '../domain/rule/rule.ts';
import { type Feature, judgeFeature, judgeSandboxed } from '../domain/rule/sandboxed-workload.ts';

const ADVICE = 'Replace the hostPath volume by an emptyDir, a persistent volume, or a projected volume.';
const FEATURE: Feature = {
  count: ({ features }) => features.hostPath,
  verbs: ['mounts', 'mount'],
  rest: 'a folder of the node',
  advice: ADVICE,
};

/** No sandboxed pod mounts a folder of its node. */
export const sandboxedPodHostPath = defineRule({
  id: 'sandboxed-pod-host-path',
  title: 'Sandboxed pods mount no hostPath',
  severity: 'high',
  rationale: "A hostPath volume shares the node's file system through the wall of the pod VM, which can undo the isolation.",
  remediation: ADVICE,
  references: [
    'https://learn.microsoft.com/azure/aks/considerations-pod-sandboxing',
    'https://kubernetes.io/docs/concepts/storage/volumes/#hostpath',
  ],
  requires: ['workloads', 'runtimeClasses'],
  evaluate: ({ cluster, workloads, runtimeClasses }) =>
    judgeSandboxed(workloads, runtimeClasses, (one) => judgeFeature(cluster, one, FEATURE)),
});
