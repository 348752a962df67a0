import { defineRule } from '../domain/rule/rule.ts';
import { type Feature, judgeFeature, judgeSandboxed } from '../domain/rule/sandboxed-workload.ts';

const ADVICE = 'Set resources.limits.memory on every container of the pod template.';
const FEATURE: Feature = {
  features: ['noMemoryLimit'],
  verbs: ['has', 'have'],
  rest: 'a container without a memory limit',
  advice: ADVICE,
};

/** A sandboxed pod sets the size of its VM. */
export const sandboxedPodMemoryLimit = defineRule({
  id: 'sandboxed-pod-memory-limit',
  title: 'Sandboxed pods have a memory limit',
  severity: 'low',
  rationale:
    'The memory limit is the size of the pod VM. Without one it is fixed at 512 MiB at start, and the workload is killed when it needs more.',
  remediation: ADVICE,
  references: [
    'https://learn.microsoft.com/azure/aks/considerations-pod-sandboxing',
    'https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/',
  ],
  requires: ['workloads', 'runtimeClasses'],
  evaluate: (evidence) => judgeSandboxed(evidence, (one) => judgeFeature(evidence.cluster, one, FEATURE)),
});
