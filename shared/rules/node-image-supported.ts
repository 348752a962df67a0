import { describeEnd, type FamilyEnd, familyEndOf } from '../domain/images/image-families.ts';
import { imageAgeDays, parseNodeImage } from '../domain/images/node-image.ts';
import { isAksManaged, isRolling, nodesOutside } from '../domain/isolation/kata-evidence.ts';
import { lagReason } from '../domain/maintenance/lag-reason.ts';
import { lags } from '../domain/maintenance/planned-upgrade.ts';
import type { Policy } from '../domain/policy/policy.ts';
import type { Severity } from '../domain/policy/severity.ts';
import { nodePoolCommand } from '../domain/rule/commands.ts';
import { aksPatches, eachPool, IMAGE_READS, unreadableImage } from '../domain/rule/each-pool.ts';
import { eachAksNode } from '../domain/rule/node-only.ts';
import { defineRule, type EvidenceFacts, type Judgement } from '../domain/rule/rule.ts';
import { observedValue } from '../domain/snapshot/observation.ts';
import type { Subject } from '../domain/snapshot/subject.ts';

/** No pool runs an image that is too old to be supported, or whose family has ended. */
export const nodeImageSupported = defineRule({
  id: 'node-image-supported',
  title: 'Node pools run a supported node image',
  severity: 'high',
  rationale:
    'Microsoft does not support node images older than 90 days. A frozen or retired family gets no fixes, although its upgrade profile calls its last image the latest.',
  remediation: 'Upgrade the node image. If its family is retired, move to a pool of a supported family.',
  references: ['https://learn.microsoft.com/azure/aks/support-policies', 'https://learn.microsoft.com/azure/aks/node-images'],
  requires: ['nodePools'],
  consults: ['latestImages', 'settings', 'nodes'],
  evaluate({ cluster, nodePools, latestImages, settings, nodes, observedAt, policy }) {
    const offers = observedValue(latestImages) ?? [];
    const pools = eachPool(nodePools, IMAGE_READS, (pool): Judgement => {
      const subject = { kind: 'node-pool', name: pool.name } as const;
      if (isAksManaged(pool)) return aksPatches(pool);
      if (isRolling(pool)) {
        return { verdict: 'unknown', subject, message: 'The pool is in transition: its nodes are being replaced now.' };
      }
      const judged = judge(subject, pool.nodeImageVersion, observedAt, policy);
      if (judged.verdict !== 'fail' || judged.facts?.family !== undefined) return judged;
      // An upgrade helps only if there is a newer image.
      const offered = offers.find(({ nodePool }) => nodePool === pool.name)?.image;
      const { graceDays } = policy.nodeImages;
      const reason = lags(pool, offered, graceDays) ? lagReason(pool, settings, offered, graceDays) : { sentence: '', facts: {} };
      const told = { ...judged, message: `${judged.message}${reason.sentence}`, facts: { ...judged.facts, ...reason.facts } };
      const commands = nodePoolCommand(cluster, pool.name, 'upgrade', '--node-image-only');
      return { ...told, remediation: 'Upgrade the node image of the pool.', commands };
    });
    const loose = nodesOutside(nodePools, nodes).map((node) =>
      judge({ kind: 'node', name: node.name }, node.nodeImageVersion, observedAt, policy),
    );
    return [...pools, ...loose];
  },
  withoutAzure: ({ nodes, observedAt, policy }) =>
    eachAksNode(nodes, ({ name, nodeImageVersion }) => judge({ kind: 'node', name }, nodeImageVersion, observedAt, policy)),
});

function judge(subject: Subject, nodeImageVersion: string | undefined, now: string, { nodeImages }: Policy): Judgement {
  const image = nodeImageVersion === undefined ? undefined : parseNodeImage(nodeImageVersion);
  if (image === undefined || nodeImageVersion === undefined) {
    return { verdict: 'unknown', subject, message: unreadableImage(nodeImageVersion) };
  }
  const ageDays = imageAgeDays(image, now);
  const facts: EvidenceFacts = { nodeImageVersion, ageDays };
  const end = familyEndOf(image, now);
  if (end !== undefined && (end.state !== 'ending' || ageDays <= nodeImages.unsupportedDays)) {
    return ofEnd(subject, nodeImageVersion, end, facts);
  }
  if (ageDays <= nodeImages.unsupportedDays) return { verdict: 'pass', subject, facts };
  const message = `The node image ${nodeImageVersion} was released on ${image.releasedOn}; images older than ${nodeImages.unsupportedDays} days are unsupported.`;
  return { verdict: 'fail', subject, message, facts };
}

/** A family without images is more severe than one without fixes. An end in the near future is reported early. */
const SEVERITY_OF_END: Readonly<Record<FamilyEnd['state'], Severity>> = { removed: 'critical', ended: 'high', ending: 'low' };

function ofEnd(subject: Subject, nodeImageVersion: string, end: FamilyEnd, facts: EvidenceFacts): Judgement {
  const { name, source, patchesEndOn, removedOn, successor } = end.family;
  const removal = removedOn === undefined ? {} : { imagesRemovedOn: removedOn };
  return {
    verdict: 'fail',
    subject,
    message: `The node image ${nodeImageVersion} is of a family ${end.state === 'ending' ? 'that will end soon' : 'that has ended'}. ${describeEnd(end)}`,
    severity: SEVERITY_OF_END[end.state],
    facts: { ...facts, family: name, patchesEndOn, ...removal, source },
    remediation: `Add a node pool of a supported family (${successor}), move the workloads there, and delete this pool.`,
  };
}
