import { defineRule } from '../domain/rule/rule.ts';
import { type Feature, judgeFeature, judgeSandboxed } from '../domain/rule/sandboxed-workload.ts';

const ADVICE = 'Remove privileged from the security context; add the single capabilities that are needed.';
const FEATURE: Feature = {
  features: ['privileged'],
  verbs: ['has', 'have'],
  rest: 'a privileged container',
  advice: ADVICE,
};

/** No sandboxed pod is privileged. */
export const sandboxedPodPrivileged = defineRule({
  id: 'sandboxed-pod-privileged',
  title: 'Sandboxed pods are not privileged',
  severity: 'medium',
  rationale:
    'In a pod VM a privileged container is root of the guest only and gets no devices of the node, but it has every capability to attack the hypervisor.',
  remediation: ADVICE,
  references: [
    'https://learn.microsoft.com/azure/aks/considerations-pod-sandboxing',
    'https://kubernetes.io/docs/concepts/security/pod-security-standards/',
  ],
  requires: ['workloads', 'runtimeClasses'],
  evaluate: (evidence) => judgeSandboxed(evidence, (one) => judgeFeature(evidence.cluster, one, FEATURE)),
});
