import { nodePoolCommand, run } from '../domain/commands.ts';
import { isRolling } from '../domain/kata-evidence.ts';
import { kataVersionJump } from '../domain/kata-images.ts';
import { compareNodeImages, daysBehind, imageAgeDays, type NodeImage, parseNodeImage } from '../domain/node-image.ts';
import type { Observation } from '../domain/observation.ts';
import type { Policy } from '../domain/policy.ts';
import { defineRule, type Judgement, type Severity } from '../domain/rule.ts';
import type { Cluster, ClusterSettings, NodePool } from '../domain/snapshot.ts';

/** Every pool runs the newest image of its variant, or one that newer images replaced only lately. */
export const nodeImageCurrent = defineRule({
  id: 'node-image-current',
  title: 'Node pools run a current node image',
  severity: 'medium',
  rationale:
    'An old node image keeps kernel and runtime flaws that a newer image has closed; on a Kata pool these are the walls of the pod VM.',
  remediation: 'Upgrade the node image of the pool.',
  references: ['https://learn.microsoft.com/azure/aks/node-image-upgrade', 'https://github.com/Azure/AKS/releases'],
  requires: ['nodePools', 'latestImages'],
  consults: ['settings'],
  evaluate({ cluster, nodePools, latestImages, settings, observedAt, policy }) {
    const latest = new Map(latestImages.map(({ nodePool, image }) => [nodePool, image]));
    return nodePools.map((pool) => judge(cluster, pool, latest.get(pool.name), settings, observedAt, policy));
  },
});

function judge(
  cluster: Cluster,
  pool: NodePool,
  offered: Observation<string> | undefined,
  settings: Observation<ClusterSettings>,
  now: string,
  policy: Policy,
): Judgement {
  const subject = { kind: 'node-pool', name: pool.name } as const;
  const { nodeImageVersion = '' } = pool;
  const unknown = (message: string): Judgement => ({ verdict: 'unknown', subject, message, facts: { nodeImageVersion } });
  if (isRolling(pool)) return unknown('The pool is in transition: its nodes are being replaced now.');
  const image = parseNodeImage(nodeImageVersion);
  if (image === undefined) return unknown(`The node image ${JSON.stringify(nodeImageVersion)} cannot be read.`);
  if (offered === undefined) return unknown('The newest image of this pool was not asked for.');
  if (offered.state === 'unavailable') return unknown(`The newest image is not known: ${offered.reason.message}`);
  const latest = parseNodeImage(offered.value);
  if (latest === undefined) return unknown(`The newest image ${JSON.stringify(offered.value)} cannot be read.`);
  const order = compareNodeImages(image, latest);
  if (order === undefined)
    return unknown(`${nodeImageVersion} and ${offered.value} are images of different variants, which do not compare.`);
  const facts = factsOf(pool, image, offered.value, settings, now);
  const behind = daysBehind(image, latest) ?? 0;
  if (order >= 0) return { verdict: 'pass', subject, facts };
  if (behind <= policy.nodeImages.graceDays) {
    return { verdict: 'pass', subject, message: `${behind} days behind, within the ${policy.nodeImages.graceDays} days of grace.`, facts };
  }
  const age = imageAgeDays(image, now);
  const message = `The node image ${nodeImageVersion} is ${behind} days behind ${offered.value}, and ${age} days old.${lagReason(pool, settings)}`;
  return {
    verdict: 'fail',
    subject,
    message,
    severity: severityOf(age, policy),
    facts,
    ...run(nodePoolCommand(cluster, pool.name, 'upgrade', '--node-image-only'), warning(nodeImageVersion, offered.value)),
  };
}

/** An image that is old is worse than one that was merely passed by. */
function severityOf(ageDays: number, { nodeImages }: Policy): Severity {
  if (ageDays > nodeImages.unsupportedDays) return 'high';
  return ageDays > nodeImages.staleDays ? 'medium' : 'low';
}

function factsOf(pool: NodePool, image: NodeImage, latest: string, settings: Observation<ClusterSettings>, now: string) {
  const planned = settings.state === 'observed' ? settings.value.plannedUpgradeAt : undefined;
  return {
    nodeImageVersion: pool.nodeImageVersion ?? '',
    latestNodeImageVersion: latest,
    ageDays: imageAgeDays(image, now),
    ...(pool.snapshotId === undefined ? {} : { snapshotId: pool.snapshotId }),
    ...(planned === undefined ? {} : { plannedUpgradeAt: planned }),
  };
}

/** Why the pool lags, when that is known: the person who is to mend it should not have to look. */
function lagReason({ snapshotId }: NodePool, settings: Observation<ClusterSettings>): string {
  if (snapshotId !== undefined) return ' It is pinned to a node pool snapshot.';
  const planned = settings.state === 'observed' ? settings.value.plannedUpgradeAt : undefined;
  return planned === undefined ? '' : ` An upgrade is planned for ${planned}.`;
}

function warning(from: string, to: string): string {
  const jump = kataVersionJump(from, to);
  return jump === undefined ? '' : ` (it changes Kata: ${jump}; try it on one pool first)`;
}
