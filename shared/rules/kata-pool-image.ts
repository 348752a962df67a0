import { kataImageOf } from '../domain/images/kata-images.ts';
import { parseNodeImage } from '../domain/images/node-image.ts';
import { hasKataLabel, isKataPool, isRolling, nodesOutside } from '../domain/isolation/kata-evidence.ts';
import { checkKataNode } from '../domain/isolation/kata-node-check.ts';
import { replacePoolCommands } from '../domain/rule/commands.ts';
import { eachKataPool, unreadableImage } from '../domain/rule/each-pool.ts';
import { takeLabelOff } from '../domain/rule/node-commands.ts';
import { defineRule, type Judgement } from '../domain/rule/rule.ts';
import { given } from '../domain/snapshot/given.ts';
import type { KnownImages } from '../domain/snapshot/known-images.ts';
import { observedValue } from '../domain/snapshot/observation.ts';
import type { Cluster, KubernetesNode, NodePool } from '../domain/snapshot/snapshot.ts';

/** A pool that is meant to start pod VMs runs an image that can. */
export const kataPoolImage = defineRule({
  id: 'kata-pool-image',
  title: 'Kata node pools run a Kata node image',
  severity: 'critical',
  rationale: 'A node image without Kata has no hypervisor and no handler. Pods scheduled there cannot start in a pod VM.',
  remediation: 'Recreate the node pool with the workload runtime KataVmIsolation, and not from a snapshot of another image.',
  references: ['https://learn.microsoft.com/azure/aks/use-pod-sandboxing', 'https://learn.microsoft.com/azure/aks/node-pool-snapshot'],
  requires: ['nodePools'],
  consults: ['nodes'],
  evaluate({ cluster, nodePools, nodes, knownImages }) {
    const names = nodePools.map(({ name }) => name);
    const pools = eachKataPool(nodePools, READS, (pool): Judgement => {
      const subject = { kind: 'node-pool', name: pool.name } as const;
      const { nodeImageVersion = '', workloadRuntime = '', snapshotId } = pool;
      const facts = {
        nodeImageVersion,
        workloadRuntime,
        ...given({ snapshotId }),
        ...contentsOf(nodeImageVersion, knownImages),
      };
      const image = parseNodeImage(nodeImageVersion);
      if (image === undefined) {
        return { verdict: 'unknown', subject, message: `The node image ${JSON.stringify(nodeImageVersion)} cannot be read.`, facts };
      }
      if (image.features.kata) return { verdict: 'pass', subject, facts };
      if (isRolling(pool))
        return { verdict: 'unknown', subject, message: 'The pool is in transition: its nodes are being replaced now.', facts };
      const why = snapshotId === undefined ? '' : ', which comes from a node pool snapshot,';
      const message = `The pool's workload runtime is ${workloadRuntime}, but its node image ${nodeImageVersion}${why} has no Kata.`;
      const remediation = `Add a Kata pool without that snapshot, move the workloads there, and delete ${pool.name} last.`;
      return { verdict: 'fail', subject, message, facts, remediation, commands: replacePoolCommands(cluster, pool, names) };
    });
    const loose = nodesOutside(nodePools, nodes);
    const ordinary = observedValue(nodes)?.filter((node) => isOrdinary(node, nodePools) && !loose.includes(node)) ?? [];
    return [...pools, ...judgeNodes(cluster, [...loose, ...ordinary], knownImages)];
  },
  withoutAzure: ({ cluster, nodes, knownImages }) => judgeNodes(cluster, nodes, knownImages),
});

/** Whether a node belongs to a listed pool that is not a Kata pool and has an image without Kata. */
function isOrdinary({ nodePool, nodeImageVersion }: KubernetesNode, nodePools: readonly NodePool[]): boolean {
  const pool = nodePools.find(({ name }) => name === nodePool);
  return pool !== undefined && !isKataPool(pool) && parseNodeImage(nodeImageVersion ?? '')?.features.kata !== true;
}

/** Judges each node that starts AKS pod VMs, or claims to, by its image and the kernel of that image. */
function judgeNodes(cluster: Cluster, nodes: readonly KubernetesNode[], knownImages: KnownImages | undefined): readonly Judgement[] {
  const claiming = nodes.filter((node) => hasKataLabel(node) || parseNodeImage(node.nodeImageVersion ?? '')?.features.kata === true);
  return claiming.map((node): Judgement => {
    const subject = { kind: 'node', name: node.name } as const;
    const { nodeImageVersion, kernelVersion } = node;
    const facts = { ...given({ nodeImageVersion }), ...contentsOf(nodeImageVersion ?? '', knownImages), nodeKernel: kernelVersion };
    const image = parseNodeImage(nodeImageVersion ?? '');
    if (image === undefined) return { verdict: 'unknown', subject, message: unreadableImage(nodeImageVersion), facts };
    const { starts, doubt, note } = checkKataNode(node, 'kata', knownImages);
    if (starts && doubt !== undefined) return { verdict: 'unknown', subject, message: doubt, facts };
    if (image.features.kata) return { verdict: 'pass', subject, ...given({ message: note }), facts };
    const message = `The node has the label of Kata nodes, but its node image ${nodeImageVersion} has no Kata.`;
    return { verdict: 'fail', subject, message, severity: 'high', facts, ...takeLabelOff(cluster, node) };
  });
}

const READS = {
  restsOn: ['nodeImageVersion'],
  mentions: ['snapshotId', 'provisioningState', 'inTransition', 'vmSize', 'count'],
} as const;

/** The contents of the image if its release notes are known: the kernels that a probe should find. */
function contentsOf(nodeImageVersion: string, knownImages: KnownImages | undefined) {
  const known = kataImageOf(nodeImageVersion, knownImages);
  if (known === undefined) return {};
  const { nodeKernel, guestKernel, kataVersion } = known;
  return { nodeKernel, guestKernel, kataVersion };
}
