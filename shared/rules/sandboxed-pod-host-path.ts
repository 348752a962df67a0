import { defineRule } from '../domain/rule/rule.ts';
import { judgeFeature, judgeSandboxed } from '../domain/rule/sandboxed-workload.ts';

/** No sandboxed pod mounts a folder of its node. */
export const sandboxedPodHostPath = defineRule({
  id: 'sandboxed-pod-host-path',
  title: 'Sandboxed pods mount no hostPath',
  severity: 'high',
  rationale: "A hostPath volume shares the node's file system through the wall of the pod VM, which can undo the isolation.",
  remediation: 'Replace the hostPath volume by an emptyDir, a persistent volume, or a projected volume.',
  references: [
    'https://learn.microsoft.com/azure/aks/considerations-pod-sandboxing',
    'https://kubernetes.io/docs/concepts/storage/volumes/#hostpath',
  ],
  requires: ['workloads', 'runtimeClasses'],
  evaluate: ({ workloads, runtimeClasses }) =>
    judgeSandboxed(workloads, runtimeClasses, (one) =>
      judgeFeature(one, ({ features }) => features.hostPath, ['mounts', 'mount'], 'a folder of the node'),
    ),
});
