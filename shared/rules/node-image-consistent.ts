import { isSameRelease } from '../domain/images/node-image.ts';
import { isAksManaged, isRolling } from '../domain/isolation/kata-evidence.ts';
import { nodePoolCommand } from '../domain/rule/commands.ts';
import { aksPatches, eachPool, IMAGE_READS } from '../domain/rule/each-pool.ts';
import { distinctReleases } from '../domain/rule/node-only.ts';
import { defineRule, type Judgement } from '../domain/rule/rule.ts';
import { forExample } from '../domain/rule/workload-groups.ts';
import type { Cluster, KubernetesNode, NodePool } from '../domain/snapshot/snapshot.ts';
import { counted } from '../domain/text/counted.ts';

/** The most nodes that a message names. */
const MAX_NAMED = 5;

/** Every node of a pool runs the image that Azure reports for the pool. */
export const nodeImageConsistent = defineRule({
  id: 'node-image-consistent',
  title: "Every node runs its pool's node image",
  severity: 'medium',
  rationale:
    'A stalled upgrade leaves old nodes in a pool that appears up to date: the image that Azure reports for the pool is not the one that runs.',
  remediation: 'Upgrade the node image of the pool again, or replace the outdated nodes.',
  references: ['https://learn.microsoft.com/azure/aks/node-image-upgrade', 'https://github.com/Azure/AKS/issues/4659'],
  requires: ['nodePools', 'nodes'],
  evaluate({ cluster, nodePools, nodes }) {
    const byPool = Map.groupBy(nodes, ({ nodePool }) => nodePool);
    return eachPool(nodePools, IMAGE_READS, (pool) =>
      isAksManaged(pool) ? aksPatches(pool) : judge(cluster, pool, byPool.get(pool.name) ?? []),
    );
  },
  withoutAzure: ({ nodes }) =>
    [...Map.groupBy(nodes, ({ nodePool }) => nodePool)].flatMap(([name, own]) => (name === undefined ? [] : [judgeAmong(name, own)])),
});

/** Azure was not asked about the pool, so its nodes are only compared with each other. */
function judgeAmong(name: string, nodes: readonly KubernetesNode[]): Judgement {
  const subject = { kind: 'node-pool', name } as const;
  const named = nodes.flatMap(({ nodeImageVersion }) => nodeImageVersion ?? []);
  const images = distinctReleases(named);
  const facts = { nodes: nodes.length, images };
  if (images.length > 1) {
    const message = `The ${counted(nodes.length, 'node')} of the pool run ${images.length} images: ${images.join(', ')}. An upgrade is in progress, or has stalled.`;
    return { verdict: 'fail', subject, message, facts };
  }
  const unlabeled = nodes.length - named.length;
  if (unlabeled > 0) return { verdict: 'unknown', subject, message: `${counted(unlabeled, 'node')} without the node image label.`, facts };
  return { verdict: 'pass', subject, facts };
}

type Pool = Pick<NodePool, 'name' | 'nodeImageVersion' | 'provisioningState' | 'inTransition'>;

function judge(cluster: Cluster, pool: Pool, nodes: readonly KubernetesNode[]): Judgement {
  const subject = { kind: 'node-pool', name: pool.name } as const;
  const { nodeImageVersion } = pool;
  if (nodes.length === 0) return { verdict: 'not-applicable', subject, message: 'The pool has no nodes.' };
  if (isRolling(pool)) return { verdict: 'unknown', subject, message: 'The pool is in transition: its nodes are being replaced now.' };
  if (nodeImageVersion === undefined)
    return { verdict: 'unknown', subject, message: 'Azure does not report the image of the pool: nodeImageVersion is absent.' };
  const other = nodes.filter((node) => node.nodeImageVersion !== undefined && !isSameRelease(node.nodeImageVersion, nodeImageVersion));
  const images = [...new Set(other.map((node) => node.nodeImageVersion ?? ''))];
  const facts = { nodeImageVersion, nodes: nodes.length, otherNodes: other.length, otherImages: images };
  if (other.length > 0) {
    const names = other.slice(0, MAX_NAMED).map(({ name }) => name);
    const message = `${other.length} of ${counted(nodes.length, 'node')} ${other.length === 1 ? 'runs' : 'run'} an image other than the pool's ${nodeImageVersion}: ${images.join(', ')}${forExample(names)}.`;
    const commands = nodePoolCommand(cluster, pool.name, 'upgrade', '--node-image-only');
    return { verdict: 'fail', subject, message, facts, commands };
  }
  const unlabeled = nodes.filter((node) => node.nodeImageVersion === undefined).length;
  if (unlabeled > 0) {
    return { verdict: 'unknown', subject, message: `${counted(unlabeled, 'node')} without the node image label.`, facts };
  }
  return { verdict: 'pass', subject, facts };
}
