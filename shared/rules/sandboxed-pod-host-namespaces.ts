import { defineRule, type Judgement } from '../domain/rule/rule.ts';
import { judgeFeature, judgeSandboxed } from '../domain/rule/sandboxed-workload.ts';
import type { Workload } from '../domain/rule/workload-groups.ts';
import type { Cluster, PodFeatures, PodGroup } from '../domain/snapshot/snapshot.ts';

const NAMESPACES: readonly (readonly [name: string, feature: keyof PodFeatures])[] = [
  ['hostNetwork', 'hostNetwork'],
  ['hostPID', 'hostPid'],
  ['hostIPC', 'hostIpc'],
];

const ADVICE = 'Remove hostNetwork, hostPID and hostIPC from the pod template, or run the workload outside the sandbox knowingly.';

/** No sandboxed pod asks for a namespace of its node. */
export const sandboxedPodHostNamespaces = defineRule({
  id: 'sandboxed-pod-host-namespaces',
  title: 'Sandboxed pods share no namespace of their node',
  severity: 'high',
  rationale: 'A pod VM has its own kernel: what asks for hostNetwork, hostPID or hostIPC either breaks or reaches around the sandbox.',
  remediation: ADVICE,
  references: [
    'https://learn.microsoft.com/azure/aks/considerations-pod-sandboxing',
    'https://github.com/kata-containers/kata-containers/blob/main/docs/Limitations.md',
  ],
  requires: ['workloads', 'runtimeClasses'],
  evaluate: ({ cluster, workloads, runtimeClasses }) => judgeSandboxed(workloads, runtimeClasses, (one) => judge(cluster, one)),
});

function judge(cluster: Cluster, workload: Workload): Judgement {
  const shared = NAMESPACES.filter(([, feature]) => workload.groups.some(({ features }) => features[feature] > 0)).map(([name]) => name);
  return judgeFeature(cluster, workload, { count: most, verbs: ['asks', 'ask'], rest: `for ${shared.join(' and ')}`, advice: ADVICE });
}

/** A pod may ask for several: the largest count is how many pods there are at least. */
function most({ features }: PodGroup): number {
  return Math.max(...NAMESPACES.map(([, feature]) => features[feature]));
}
