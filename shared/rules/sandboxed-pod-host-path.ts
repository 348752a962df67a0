import { defineRule } from '../domain/rule/rule.ts';
import { type Feature, judgeFeature, judgeSandboxed, type SandboxedWorkload } from '../domain/rule/sandboxed-workload.ts';
import { total } from '../domain/rule/workload-groups.ts';
import type { PodFeatures, PodGroup } from '../domain/snapshot/pod-group.ts';
import { counted } from '../domain/text/counted.ts';

const ADVICE = 'Replace the hostPath volume with an emptyDir, a persistent volume, or a projected volume.';
const BEHIND_CLAIM =
  'Use a volume that is not on the node, such as Azure Disk. A claim cannot change its volume: create a new claim, copy the data, and mount the new claim.';

/** No sandboxed pod mounts a folder of its node. */
export const sandboxedPodHostPath = defineRule({
  id: 'sandboxed-pod-host-path',
  title: 'Sandboxed pods mount no hostPath',
  severity: 'high',
  rationale: "A hostPath volume gives the pod VM access to the node's file system, which can undo the isolation.",
  remediation: ADVICE,
  references: [
    'https://learn.microsoft.com/azure/aks/considerations-pod-sandboxing',
    'https://kubernetes.io/docs/concepts/storage/volumes/#hostpath',
    'https://kubernetes.io/docs/concepts/storage/volumes/#local',
  ],
  requires: ['workloads', 'runtimeClasses'],
  evaluate: (evidence) => judgeSandboxed(evidence, (one) => judgeFeature(evidence.cluster, one, featureOf(one))),
});

/** A folder in a pod template is corrected there; a folder behind a claim is not. */
function featureOf({ groups, uncertain }: SandboxedWorkload): Feature {
  const all = [...groups, ...uncertain.map(({ group }) => group)];
  const isPlain = count(all, 'hostPath') > 0;
  return {
    features: ['hostPath', 'hostPathClaims'],
    verbs: ['mounts', 'mount'],
    rest: isPlain ? 'a folder of the node' : 'a folder or a disk of the node through a persistent volume claim',
    advice: isPlain ? ADVICE : BEHIND_CLAIM,
    doubt: (seen) => {
      const unseen = count(seen, 'claimsUnseen');
      if (unseen === 0) return undefined;
      return `No pod mounts a hostPath volume. ${counted(unseen, 'pod')} ${unseen === 1 ? 'uses' : 'use'} persistent volume claims whose volumes could not be read.`;
    },
    passNote: (seen) => {
      const claims = count(seen, 'claims');
      if (claims === 0) return undefined;
      return `No pod mounts a hostPath volume. ${counted(claims, 'pod')} ${claims === 1 ? 'uses' : 'use'} persistent volume claims whose volumes were not read.`;
    },
  };
}

function count(groups: readonly PodGroup[], feature: keyof PodFeatures): number {
  return total(groups, ({ features }) => features[feature] ?? 0);
}
