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

/** Every pool runs the newest image of its variant, or one that newer images replaced only lately. */
export const nodeImageCurrent = defineRule({
  id: 'node-image-current',
  title: 'Node pools run a current node image',
  severity: 'medium',
  rationale: 'An old node image keeps kernel and runtime flaws that a newer image has closed; on a Kata pool they isolate the pod VM.',
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
      // What is the newest image Azure alone tells, or a file of images: a kubeconfig is never asked for it.
      return judged.verdict === 'unknown' && offered === undefined && nodeImageVersion !== undefined
        ? { ...judged, reason: 'no-azure-access' }
        : judged;
    }),
});

/** A node of no pool has no upgrade profile; a pool of its variant tells what is the newest, or else a file of the app's storage. */
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
  /** Of a node of no pool nothing tells it: what Karpenter does with its nodes follows no channel. */
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
  if (offered === undefined) return unknown(`Nothing tells the newest image of the variant ${image.variant}.`);
  if (offered.state === 'unavailable') return unknown(`The newest image is not known: ${offered.reason.message}`);
  const latest = parseNodeImage(offered.value);
  if (latest === undefined) return unknown(`The newest image ${JSON.stringify(offered.value)} cannot be read.`);
  const order = compareNodeImages(image, latest);
  const behind = daysBehind(image, latest);
  // Azure: where the two differ, an upgrade is there. Releases of two variants do not compare, their dates do.
  const variant = order === undefined ? ` It is of another variant: an upgrade changes ${image.variant} to ${latest.variant}.` : '';
  const ageDays = imageAgeDays(image, now);
  const facts = { nodeImageVersion, latestNodeImageVersion: offered.value, ageDays };
  if (order !== undefined && order >= 0) return { verdict: 'pass', subject, facts };
  const closed = closedByUpgrade(nodeImageVersion, offered.value, knownImages);
  const told = { ...facts, ...reason?.facts, ...closed.facts };
  if (behind <= nodeImages.graceDays) {
    const message = `${behind} days behind ${offered.value}, within the ${nodeImages.graceDays} days of grace.${variant}`;
    return { verdict: 'pass', subject, message, facts: told };
  }
  // The age grows with every audit: it is among the facts, so that the words change only when something did.
  const message = `The node image ${nodeImageVersion} is ${behind} days behind ${offered.value}.${variant}${closed.sentence}${reason?.sentence ?? ''}`;
  return { verdict: 'fail', subject, message, severity: severityOf(ageDays, nodeImages), facts: told };
}

/** An image that is old is worse than one that was merely passed by. */
function severityOf(ageDays: number, { staleDays, unsupportedDays }: Policy['nodeImages']): Severity {
  if (ageDays > unsupportedDays) return 'high';
  return ageDays > staleDays ? 'medium' : 'low';
}

function warning(from: string | undefined, to: unknown, knownImages: KnownImages | undefined): string {
  const jump = typeof to === 'string' ? kataVersionJump(from, to, knownImages) : undefined;
  return jump === undefined ? '' : ` It changes Kata (${jump}): try it on one pool first.`;
}
