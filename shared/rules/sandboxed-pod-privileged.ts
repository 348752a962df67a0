import { defineRule } from '../domain/rule/rule.ts';
import { judgeFeature, judgeSandboxed } from '../domain/rule/sandboxed-workload.ts';

/** No sandboxed pod is privileged. */
export const sandboxedPodPrivileged = defineRule({
  id: 'sandboxed-pod-privileged',
  title: 'Sandboxed pods are not privileged',
  severity: 'medium',
  rationale:
    'In a pod VM a privileged container is root of the guest only and gets no devices of the node, but it faces the hypervisor with every right.',
  remediation: 'Remove privileged from the security context; add the single capabilities that are needed.',
  references: [
    'https://learn.microsoft.com/azure/aks/considerations-pod-sandboxing',
    'https://kubernetes.io/docs/concepts/security/pod-security-standards/',
  ],
  requires: ['workloads', 'runtimeClasses'],
  evaluate: ({ workloads, runtimeClasses }) =>
    judgeSandboxed(workloads, runtimeClasses, (one) =>
      judgeFeature(one, ({ features }) => features.privileged, ['has', 'have'], 'a privileged container'),
    ),
});
