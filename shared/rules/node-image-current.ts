import { kataVersionJump } from '../domain/images/kata-images.ts';
import { compareNodeImages, daysBehind, imageAgeDays, parseNodeImage, sameVariant } from '../domain/images/node-image.ts';
import { closedByUpgrade } from '../domain/images/vulnerabilities.ts';
import { isAksManaged, isRolling, nodesOutside } from '../domain/isolation/kata-evidence.ts';
import { type LagReason, lagReason } from '../domain/maintenance/lag-reason.ts';
import type { Policy } from '../domain/policy/policy.ts';
import type { Severity } from '../domain/policy/severity.ts';
import { nodePoolCommand } from '../domain/rule/commands.ts';
import { aksPatches, eachPool, IMAGE_READS, unreadableImage } from '../domain/rule/each-pool.ts';
import { eachAksNode } from '../domain/rule/node-only.ts';
import { defineRule, type Judgement } from '../domain/rule/rule.ts';
import type { KnownImages } from '../domain/snapshot/known-images.ts';
import { type Observation, observed } from '../domain/snapshot/observation.ts';
import type { LatestImage } from '../domain/snapshot/snapshot.ts';
import type { Subject } from '../domain/snapshot/subject.ts';

/** Every pool runs the newest image of its variant, or one that was replaced only recently. */
export const nodeImageCurrent = defineRule({
  id: 'node-image-current',
  title: 'Node pools run a current node image',
  severity: 'medium',
  rationale:
    'An old node image keeps kernel and runtime vulnerabilities that newer images have fixed. On a Kata pool, that kernel and runtime isolate the pod VM.',
  remediation: 'Upgrade the node image of the pool.',
  references: ['https://learn.microsoft.com/azure/aks/node-image-upgrade', 'https://github.com/Azure/AKS/releases'],
  requires: ['nodePools', 'latestImages'],
  consults: ['settings', 'nodes'],
  evaluate({ cluster, nodePools, latestImages, settings, nodes, observedAt, policy, knownImages }) {
    const latest = new Map(latestImages.map(({ nodePool, image }) => [nodePool, image]));
    const look = { now: observedAt, policy, knownImages };
    const pools = eachPool(nodePools, IMAGE_READS, (pool): Judgement => {
      const subject = { kind: 'node-pool', name: pool.name } as const;
      if (isAksManaged(pool)) return aksPatches(pool);
      if (isRolling(pool)) return { verdict: 'unknown', subject, message: 'The pool is in transition: its nodes are being replaced now.' };
      const offered = latest.get(pool.name);
      const reason = lagReason(pool, settings, offered, policy.nodeImages.graceDays);
      const judged = judge(subject, pool.nodeImageVersion, offered, { ...look, reason });
      if (judged.verdict !== 'fail') return judged;
      const remediation = `Upgrade the node image of the pool.${warning(pool.nodeImageVersion, judged.facts?.latestNodeImageVersion, knownImages)}`;
      return { ...judged, remediation, commands: nodePoolCommand(cluster, pool.name, 'upgrade', '--node-image-only') };
    });
    const loose = nodesOutside(nodePools, nodes).map((node) => {
      return judge(
        { kind: 'node', name: node.name },
        node.nodeImageVersion,
        latestOf(node.nodeImageVersion, latestImages, knownImages),
        look,
      );
    });
    return [...pools, ...loose];
  },
  withoutAzure: ({ nodes, observedAt, policy, knownImages }) =>
    eachAksNode(nodes, ({ name, nodeImageVersion }) => {
      const offered = latestOf(nodeImageVersion, [], knownImages);
      const judged = judge({ kind: 'node', name }, nodeImageVersion, offered, { now: observedAt, policy, knownImages });
      // Only Azure, or an image file, knows the newest image; an audit by kubeconfig never asks for it.
      const isNotAsked = offered === undefined && parseNodeImage(nodeImageVersion ?? '') !== undefined;
      return isNotAsked ? { ...judged, reason: 'no-azure-access' } : judged;
    }),
});

/**
 * A node outside of pools has no upgrade profile. A pool with the same variant shows the newest image, or else the app's image
 * file.
 */
function latestOf(
  nodeImageVersion = '',
  latestImages: readonly LatestImage[],
  knownImages: KnownImages | undefined,
): Observation<string> | undefined {
  const image = parseNodeImage(nodeImageVersion);
  if (image === undefined) return undefined;
  const isOfVariant = (text: string) => {
    const other = parseNodeImage(text);
    return other !== undefined && sameVariant(image, other);
  };
  const offered = latestImages.find((one) => one.image.state === 'observed' && isOfVariant(one.image.value))?.image;
  const told = knownImages?.newest.find(isOfVariant);
  return offered ?? (told === undefined ? undefined : observed(told));
}

interface Look {
  readonly now: string;
  readonly policy: Policy;
  readonly knownImages: KnownImages | undefined;
  /** Absent for a node outside of pools: no upgrade channel governs the nodes of Karpenter. */
  readonly reason?: LagReason;
}

function judge(
  subject: Subject,
  nodeImageVersion: string | undefined,
  offered: Observation<string> | undefined,
  { now, policy: { nodeImages }, knownImages, reason }: Look,
): Judgement {
  const known = nodeImageVersion === undefined ? {} : { facts: { nodeImageVersion } };
  const unknown = (message: string): Judgement => ({ verdict: 'unknown', subject, message, ...known });
  const image = parseNodeImage(nodeImageVersion ?? '');
  if (image === undefined || nodeImageVersion === undefined) return unknown(unreadableImage(nodeImageVersion));
  if (offered === undefined) return unknown(`The newest image of the variant ${image.variant} is unknown.`);
  if (offered.state === 'unavailable') return unknown(`The newest image is unknown: ${offered.reason.message}`);
  const latest = parseNodeImage(offered.value);
  if (latest === undefined) return unknown(`The newest image ${JSON.stringify(offered.value)} cannot be read.`);
  const order = compareNodeImages(image, latest);
  const behind = daysBehind(image, latest);
  // If the two differ, Azure offers an upgrade. Releases of different variants cannot be compared, but their dates can.
  const variant = order === undefined ? ` The variant differs: an upgrade changes ${image.variant} to ${latest.variant}.` : '';
  const ageDays = imageAgeDays(image, now);
  const facts = { nodeImageVersion, latestNodeImageVersion: offered.value, ageDays };
  if (order !== undefined && order >= 0) return { verdict: 'pass', subject, facts };
  const closed = closedByUpgrade(nodeImageVersion, offered.value, knownImages);
  const told = { ...facts, ...reason?.facts, ...closed.facts };
  if (behind <= nodeImages.graceDays) {
    const message = `${behind} days behind ${offered.value}, within the grace period of ${nodeImages.graceDays} days.${variant}`;
    return { verdict: 'pass', subject, message, facts: told };
  }
  // The age grows with every audit. It is kept in the facts, so that the message changes only when the images do.
  const message = `The node image ${nodeImageVersion} is ${behind} days behind ${offered.value}.${variant}${closed.sentence}${reason?.sentence ?? ''}`;
  return { verdict: 'fail', subject, message, severity: severityOf(ageDays, nodeImages), facts: told };
}

/** An image that is old is more severe than one that has only been superseded. */
function severityOf(ageDays: number, { staleDays, unsupportedDays }: Policy['nodeImages']): Severity {
  if (ageDays > unsupportedDays) return 'high';
  return ageDays > staleDays ? 'medium' : 'low';
}

function warning(from: string | undefined, to: unknown, knownImages: KnownImages | undefined): string {
  const jump = typeof to === 'string' ? kataVersionJump(from, to, knownImages) : undefined;
  return jump === undefined ? '' : ` It changes Kata (${jump}): test it on one pool first.`;
}
