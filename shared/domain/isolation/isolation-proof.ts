import { observedValue } from '../snapshot/observation.ts';
import type { PodGroup } from '../snapshot/pod-group.ts';
import type { ClusterSnapshot, IsolationProof } from '../snapshot/snapshot.ts';

/** Parts of a snapshot that probe results are compared with. */
export type ProofEvidence = Pick<ClusterSnapshot, 'nodes' | 'isolationProofs'>;

/** Isolation proofs of the snapshot; empty when pods were not probed. */
export function proofsIn(isolationProofs: ClusterSnapshot['isolationProofs']): readonly IsolationProof[] {
  return observedValue(isolationProofs) ?? [];
}

/** The comparison of a pod's boot id with its node's; `undefined` unless both are known. */
export function comparedBootIds({ result, nodeBootId }: IsolationProof): 'equal' | 'different' | 'not read' {
  if (result.state !== 'read' || result.bootId === '' || nodeBootId === '') return 'not read';
  return result.bootId.toLowerCase() === nodeBootId.toLowerCase() ? 'equal' : 'different';
}

/** Whether a probe showed that the pod shares its node's kernel. */
export function sharesKernel(proof: IsolationProof): boolean {
  return comparedBootIds(proof) === 'equal';
}

/**
 * Whether a reading still proves a separate kernel: since then, the node has not restarted and its image has not
 * changed, and a pod without a pod VM on it, if one was probed, showed the node's boot id.
 */
export function showsOwnKernel(proof: IsolationProof, { nodes, isolationProofs }: ProofEvidence): boolean {
  if (comparedBootIds(proof) !== 'different') return false;
  const node = observedValue(nodes)?.find(({ name }) => name === proof.node);
  if (node === undefined || node.bootId.toLowerCase() !== proof.nodeBootId.toLowerCase()) return false;
  return node.nodeImageVersion === proof.nodeImageVersion && !strangeNodes(proofsIn(isolationProofs)).has(proof.node);
}

/** Nodes where a pod without a pod VM showed a different boot id; there a different boot id proves nothing. */
export function strangeNodes(proofs: readonly IsolationProof[]): ReadonlySet<string> {
  const strange = proofs.filter((proof) => proof.runtimeClassName === undefined && comparedBootIds(proof) === 'different');
  return new Set(strange.map(({ node }) => node));
}

/** Whether a reading is of a group's pods. Canaries prove their pool and no workload, not even one whose owner has the kind `Canary`. */
export function isProofOf(proof: IsolationProof, group: PodGroup): boolean {
  return (
    proof.method === 'exec' &&
    proof.namespace === group.namespace &&
    proof.ownerKind === group.ownerKind &&
    proof.ownerGroup === group.ownerGroup &&
    proof.ownerName === group.ownerName &&
    proof.runtimeClassName === group.runtimeClassName
  );
}

/** Whether a probe showed that a pod of the group runs its own kernel. */
export function hasProvenPods(group: PodGroup, evidence: ProofEvidence): boolean {
  return proofsIn(evidence.isolationProofs).some((one) => isProofOf(one, group) && showsOwnKernel(one, evidence));
}
