import { KATA_HANDLERS } from './policy.ts';
import type { ClusterSnapshot, IsolationProof, PodGroup } from './snapshot.ts';

/**
 * How far the evidence for a workload's isolation reaches, weakest first: nothing asked for; a class
 * named; the class resolved to a Kata handler that the pods' nodes list; another kernel shown.
 * `disproved` means that a pod showed its node's own boot id.
 */
export const ISOLATION_STEPS = ['none', 'declared', 'resolved', 'proven', 'disproved'] as const;
export type IsolationStep = (typeof ISOLATION_STEPS)[number];

/** The step reached and why it is not the next one. */
export interface IsolationEvidence {
  readonly step: IsolationStep;
  readonly reason: string;
}

/** Tells which step of evidence a group of pods has reached, and never a higher one than was seen. */
export function isolationOf(group: PodGroup, snapshot: ClusterSnapshot): IsolationEvidence {
  if (group.runtimeClassName === undefined)
    return { step: 'none', reason: 'The pods name no RuntimeClass: the node’s default runtime starts them.' };
  const proof = proofOf(group, snapshot);
  if (proof === 'disproved') return { step: 'disproved', reason: 'A pod showed the boot id of its node: they share one kernel.' };
  const obstacle = unresolved(group, group.runtimeClassName, snapshot);
  if (obstacle !== undefined) return { step: 'declared', reason: obstacle };
  if (proof === 'proven') return { step: 'proven', reason: 'A pod showed a boot id that is not its node’s: it has its own kernel.' };
  return { step: 'resolved', reason: unproven(group, snapshot) };
}

/** Why no reading proves anything yet. */
function unproven(group: PodGroup, { isolationProofs }: ClusterSnapshot): string {
  if (isolationProofs.state === 'unavailable') return `Not probed: ${isolationProofs.reason.message}`;
  const unread = isolationProofs.value.find((proof) => isOf(proof, group) && proof.result.state === 'unknown');
  if (unread?.result.state === 'unknown') return `The probe could not read it: ${unread.result.reason}`;
  return 'No running pod of this workload was probed.';
}

/** Why a named class does not count as resolved; `undefined` when it does. */
function unresolved({ placement, phases }: PodGroup, className: string, { runtimeClasses, nodes }: ClusterSnapshot): string | undefined {
  if (runtimeClasses.state === 'unavailable') return `The RuntimeClasses could not be read: ${runtimeClasses.reason.message}`;
  const handler = runtimeClasses.value.find(({ name }) => name === className)?.handler;
  if (handler === undefined) return `There is no RuntimeClass ${className}.`;
  if (!KATA_HANDLERS.includes(handler)) return `The RuntimeClass ${className} resolves to the handler ${handler}, which starts no pod VM.`;
  if (nodes.state === 'unavailable') return `The nodes could not be read: ${nodes.reason.message}`;
  if (placement.handlerMissing > 0) return `${placement.handlerMissing} pods sit on nodes that do not list the handler ${handler}.`;
  if (placement.unknown > 0) return `The nodes of ${placement.unknown} pods could not be seen.`;
  if (phases.running === 0 || placement.handlerListed === 0) return 'No pod of this workload runs on a node that lists the handler.';
  return undefined;
}

/** What the probes of this workload's pods showed; one shared kernel outweighs any number of own ones. */
function proofOf(group: PodGroup, { isolationProofs }: ClusterSnapshot): 'proven' | 'disproved' | undefined {
  if (isolationProofs.state === 'unavailable') return undefined;
  const read = isolationProofs.value.filter((proof) => isOf(proof, group) && proof.result.state === 'read' && proof.nodeBootId !== '');
  if (read.length === 0) return undefined;
  return read.some(sharesKernel) ? 'disproved' : 'proven';
}

/** Whether a probe showed the pod to run on its node's own kernel. */
export function sharesKernel({ result, nodeBootId }: IsolationProof): boolean {
  return result.state === 'read' && result.bootId.toLowerCase() === nodeBootId.toLowerCase();
}

function isOf(proof: IsolationProof, group: PodGroup): boolean {
  return (
    proof.namespace === group.namespace &&
    proof.ownerKind === group.ownerKind &&
    proof.ownerName === group.ownerName &&
    proof.runtimeClassName === group.runtimeClassName
  );
}
