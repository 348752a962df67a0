import { namespaceLabels } from '../domain/policy/sandbox-requirement.ts';
import { judgeRequired, type RequiredEvidence } from '../domain/rule/required-sandbox.ts';
import { defineRule } from '../domain/rule/rule.ts';
import { judgeUnrunCronJobs } from '../domain/rule/unrun-cron-job.ts';
import { workloadsOf } from '../domain/rule/workload-groups.ts';
import { observedValue } from '../domain/snapshot/observation.ts';
import { subjectKey } from '../domain/snapshot/subject.ts';

/** Workloads that the policy requires to be sandboxed resolve to a handler that starts a pod VM. */
export const workloadSandboxed = defineRule({
  id: 'workload-sandboxed',
  title: 'Workloads that must be sandboxed run in a pod VM',
  severity: 'critical',
  rationale: "A pod without a pod VM shares its node's kernel with its neighbors: one kernel vulnerability is enough to reach them.",
  remediation: 'Set runtimeClassName in the pod template to a class whose handler starts a pod VM: kata-vm-isolation on AKS.',
  references: ['https://learn.microsoft.com/azure/aks/use-pod-sandboxing', 'https://kubernetes.io/docs/concepts/containers/runtime-class/'],
  requires: ['workloads', 'runtimeClasses'],
  consults: ['namespaces', 'nodes', 'isolationProofs', 'templates'],
  evaluate({ workloads, namespaces, templates, ...rest }) {
    const byOwner = new Map((observedValue(templates) ?? []).map((one) => [subjectKey({ kind: 'workload', ...one }), one]));
    const evidence: RequiredEvidence = { ...rest, labels: namespaceLabels(namespaces), templates: byOwner };
    const seen = workloadsOf(workloads);
    return [...seen.flatMap((workload) => judgeRequired(workload, evidence)), ...judgeUnrunCronJobs(seen, evidence)];
  },
});
