import { namespaceLabels } from '../domain/policy/sandbox-requirement.ts';
import { judgeRequired, type RequiredEvidence } from '../domain/rule/required-sandbox.ts';
import { defineRule } from '../domain/rule/rule.ts';
import { workloadsOf } from '../domain/rule/workload-groups.ts';

/** What the policy wants in a pod VM resolves to a handler that starts one. */
export const workloadSandboxed = defineRule({
  id: 'workload-sandboxed',
  title: 'Workloads that must be sandboxed run in a pod VM',
  severity: 'critical',
  rationale: 'A pod without a pod VM shares the kernel of its node with its neighbors: one kernel flaw separates them.',
  remediation: 'Set runtimeClassName in the pod template to a class whose handler starts a pod VM: kata-vm-isolation on AKS.',
  references: ['https://learn.microsoft.com/azure/aks/use-pod-sandboxing', 'https://kubernetes.io/docs/concepts/containers/runtime-class/'],
  requires: ['workloads', 'runtimeClasses'],
  consults: ['namespaces', 'nodes', 'isolationProofs'],
  evaluate({ workloads, namespaces, ...rest }) {
    const evidence: RequiredEvidence = { ...rest, labels: namespaceLabels(namespaces) };
    return workloadsOf(workloads).flatMap((workload) => judgeRequired(workload, evidence));
  },
});
