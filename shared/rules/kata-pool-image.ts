import { kataImageOf } from '../domain/images/kata-images.ts';
import { parseNodeImage } from '../domain/images/node-image.ts';
import { isRolling } from '../domain/isolation/kata-evidence.ts';
import { replacePoolCommands } from '../domain/rule/commands.ts';
import { eachKataPool } from '../domain/rule/each-pool.ts';
import { defineRule, type Judgement } from '../domain/rule/rule.ts';
import { given } from '../domain/snapshot/given.ts';
import type { KnownImages } from '../domain/snapshot/known-images.ts';

/** A pool that is meant to start pod VMs runs an image that can. */
export const kataPoolImage = defineRule({
  id: 'kata-pool-image',
  title: 'Kata node pools run a Kata node image',
  severity: 'critical',
  rationale: 'A node image without Kata has no hypervisor and no handler: pods that are scheduled there cannot start in a pod VM.',
  remediation: 'Recreate the node pool with the workload runtime KataVmIsolation, without a snapshot of another image.',
  references: ['https://learn.microsoft.com/azure/aks/use-pod-sandboxing', 'https://learn.microsoft.com/azure/aks/node-pool-snapshot'],
  requires: ['nodePools'],
  evaluate({ cluster, nodePools, knownImages }) {
    const names = nodePools.map(({ name }) => name);
    return eachKataPool(nodePools, READS, (pool): Judgement => {
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
      const why = snapshotId === undefined ? '' : ', taken from a node pool snapshot';
      const message = `The pool's workload runtime is ${workloadRuntime}, but its node image ${nodeImageVersion}${why} has no Kata.`;
      const remediation = `Add a Kata pool that is taken from no such snapshot, move the workloads there, and delete ${pool.name} last.`;
      return { verdict: 'fail', subject, message, facts, remediation, commands: replacePoolCommands(cluster, pool, names) };
    });
  },
});

const READS = {
  restsOn: ['nodeImageVersion'],
  mentions: ['snapshotId', 'provisioningState', 'inTransition', 'vmSize', 'count'],
} as const;

/** What the image carries, where its release notes are known: the kernels tell what to expect of a probe. */
function contentsOf(nodeImageVersion: string, knownImages: KnownImages | undefined) {
  const known = kataImageOf(nodeImageVersion, knownImages);
  if (known === undefined) return {};
  const { nodeKernel, guestKernel, kataVersion } = known;
  return { nodeKernel, guestKernel, kataVersion };
}
