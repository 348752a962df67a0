import { defineRule } from '../domain/rule/rule.ts';
import { judgeFeature, judgeSandboxed } from '../domain/rule/sandboxed-workload.ts';

/** A sandboxed pod says how large its VM is to be. */
export const sandboxedPodMemoryLimit = defineRule({
  id: 'sandboxed-pod-memory-limit',
  title: 'Sandboxed pods have a memory limit',
  severity: 'low',
  rationale:
    'The memory limit is the size of the pod VM: without one it is 512 MiB, fixed at start, and the workload is killed when it needs more.',
  remediation: 'Set resources.limits.memory on every container of the pod template.',
  references: [
    'https://learn.microsoft.com/azure/aks/considerations-pod-sandboxing',
    'https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/',
  ],
  requires: ['workloads', 'runtimeClasses'],
  evaluate: ({ workloads, runtimeClasses }) =>
    judgeSandboxed(workloads, runtimeClasses, (one) =>
      judgeFeature(one, ({ features }) => features.noMemoryLimit, ['has', 'have'], 'a container without a memory limit'),
    ),
});
