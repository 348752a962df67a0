import { defineRule, type Judgement } from '../domain/rule/rule.ts';
import { judgeFeature, judgeSandboxed, type SandboxedWorkload } from '../domain/rule/sandboxed-workload.ts';
import type { PodFeatures } from '../domain/snapshot/pod-group.ts';
import type { Cluster } from '../domain/snapshot/snapshot.ts';

const NAMESPACES: readonly (readonly [name: string, feature: keyof PodFeatures])[] = [
  ['hostNetwork', 'hostNetwork'],
  ['hostPID', 'hostPid'],
  ['hostIPC', 'hostIpc'],
];

const ADVICE = 'Remove hostNetwork, hostPID and hostIPC from the pod template, or deliberately run the workload without a sandbox.';

/** No sandboxed pod requests a namespace of its node. */
export const sandboxedPodHostNamespaces = defineRule({
  id: 'sandboxed-pod-host-namespaces',
  title: 'Sandboxed pods share no namespace of their node',
  severity: 'high',
  rationale: 'A pod VM has its own kernel: a pod with hostNetwork, hostPID or hostIPC either breaks or bypasses the sandbox.',
  remediation: ADVICE,
  references: [
    'https://learn.microsoft.com/azure/aks/considerations-pod-sandboxing',
    'https://github.com/kata-containers/kata-containers/blob/main/docs/Limitations.md',
  ],
  requires: ['workloads', 'runtimeClasses'],
  evaluate: (evidence) => judgeSandboxed(evidence, (one) => judge(evidence.cluster, one)),
});

function judge(cluster: Cluster, workload: SandboxedWorkload): Judgement {
  const all = [...workload.groups, ...workload.uncertain.map(({ group }) => group)];
  const asked = NAMESPACES.filter(([, feature]) => all.some(({ features }) => (features[feature] ?? 0) > 0)).map(([name]) => name);
  const features = NAMESPACES.map(([, feature]) => feature);
  return judgeFeature(cluster, workload, { features, verbs: ['asks', 'ask'], rest: `for ${asked.join(' and ')}`, advice: ADVICE });
}
