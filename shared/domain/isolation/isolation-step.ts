import type { ClusterSnapshot, IsolationProof, KubernetesNode, PodGroup, RuntimeClass } from '../snapshot/snapshot.ts';
import { activePods, isKataHandler, isKataNode, isKataPool } from './kata-evidence.ts';
import { checkKataNode, checkKataNodes, poolKey } from './kata-node-check.ts';

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

/** What stands between a workload and a step; a note belongs to a step that was reached nevertheless. */
interface Resolution {
  /** The class means no pod VM here, or nothing shows that it does: not even a proof of other pods helps. */
  readonly obstacle?: string;
  /** Something that should be there is not: a pod's own kernel outweighs it. */
  readonly doubt?: string;
  readonly notes: readonly string[];
}

/** Tells which step of evidence a group of pods has reached, and never a higher one than was seen. */
export function isolationOf(group: PodGroup, snapshot: ClusterSnapshot): IsolationEvidence {
  if (group.runtimeClassName === undefined)
    return { step: 'none', reason: 'The pods name no RuntimeClass: the node’s default runtime starts them.' };
  const proofs = proofsOf(snapshot).filter((proof) => isProofOf(proof, group));
  return evidenceOf(proofs, snapshot, resolutionOf(group, group.runtimeClassName, snapshot), `of ${group.pods} pods`);
}

/** How far the evidence for one Kata node pool reaches. */
export interface PoolIsolation {
  readonly nodePool: string;
  readonly evidence: IsolationEvidence;
}

/** The step of every Kata pool: those that Azure names, and those whose nodes say so themselves. */
export function isolationOfPools(snapshot: ClusterSnapshot): readonly PoolIsolation[] {
  const { nodePools, nodes } = snapshot;
  const named = nodePools.state === 'observed' ? nodePools.value.filter(isKataPool).map(({ name }) => name) : [];
  const seen = nodes.state === 'observed' ? nodes.value.filter(isKataNode).map(poolKey) : [];
  return [...new Set([...named, ...seen])].toSorted().map((nodePool) => ({ nodePool, evidence: isolationOfPool(nodePool, snapshot) }));
}

function isolationOfPool(nodePool: string, snapshot: ClusterSnapshot): IsolationEvidence {
  const nodes = snapshot.nodes.state === 'observed' ? snapshot.nodes.value.filter((node) => poolKey(node) === nodePool) : [];
  const names = new Set(nodes.map(({ name }) => name));
  const proofs = proofsOf(snapshot).filter(
    (proof) => proof.runtimeClassName !== undefined && (names.has(proof.node) || proof.nodePool === nodePool),
  );
  return evidenceOf(proofs, snapshot, resolutionOfPool(nodes, snapshot), `on ${nodes.length} nodes`);
}

function evidenceOf(
  proofs: readonly IsolationProof[],
  snapshot: ClusterSnapshot,
  { obstacle, doubt, notes }: Resolution,
  population: string,
): IsolationEvidence {
  const shared = proofs.filter(sharesKernel);
  if (shared.length > 0)
    return { step: 'disproved', reason: `${probed(shared, population)} the boot id of the node: pod and node share one kernel.` };
  if (obstacle !== undefined) return { step: 'declared', reason: obstacle };
  const own = proofs.filter((proof) => showsOwnKernel(proof, snapshot));
  if (own.length > 0) {
    const reason = `${probed(own, population)} a boot id that is not the node’s: a kernel of its own.`;
    return { step: 'proven', reason: [reason, ...(doubt === undefined ? [] : [doubt]), ...notes].join(' ') };
  }
  if (doubt !== undefined) return { step: 'declared', reason: doubt };
  return { step: 'resolved', reason: [unproven(proofs, snapshot), ...notes].join(' ') };
}

/** Who showed it, how and when: a proof is of a sample. */
function probed(proofs: readonly IsolationProof[], population: string): string {
  const methods = [...new Set(proofs.map(({ method }) => method))].join(' and ');
  const newest =
    proofs
      .map(({ at }) => at)
      .toSorted()
      .at(-1) ?? '';
  const each = proofs.length === 1 ? '1 probe' : `${proofs.length} probes`;
  return `${each} ${population} (${methods}, ${newest}) showed`;
}

/** Why no reading proves anything yet. */
function unproven(proofs: readonly IsolationProof[], { isolationProofs }: ClusterSnapshot): string {
  if (isolationProofs.state === 'unavailable') return `Not probed: ${isolationProofs.reason.message}`;
  const unread = proofs.find(({ result }) => result.state === 'unknown');
  if (unread?.result.state === 'unknown') return `The probe could not read it: ${unread.result.reason}`;
  return proofs.length > 0 ? 'What the probe read proves nothing: the node started anew since, or tells no boot id.' : 'Not probed yet.';
}

/** Whether a named class stands for a pod VM, and whether all that should show it is there. */
function resolutionOf(group: PodGroup, className: string, snapshot: ClusterSnapshot): Resolution {
  const { runtimeClasses, nodes } = snapshot;
  const no = (obstacle: string): Resolution => ({ obstacle, notes: [] });
  if (runtimeClasses.state === 'unavailable') return no(`The RuntimeClasses could not be read: ${runtimeClasses.reason.message}`);
  const found = runtimeClasses.value.find(({ name }) => name === className);
  if (found === undefined) return no(`There is no RuntimeClass ${className}.`);
  const { handler } = found;
  if (!isKataHandler(handler)) return no(`The RuntimeClass ${className} resolves to the handler ${handler}, which starts no pod VM.`);
  if (nodes.state === 'unavailable') return no(`The nodes could not be read: ${nodes.reason.message}`);
  const { placement, phases } = group;
  if (placement.handlerMissing > 0) return no(`${placement.handlerMissing} pods sit on nodes that do not list the handler ${handler}.`);
  if (placement.unknown > 0) return no(`The nodes of ${placement.unknown} pods could not be seen.`);
  if (phases.running === 0 || placement.handlerListed === 0) return no('No pod of this workload runs on a node that lists the handler.');
  const { doubt, notes } = checkKataNodes(nodesOf(group, nodes.value), handler);
  const missing = notInjected(group, found, nodesOf(group, nodes.value)) ?? doubt;
  return { ...(missing === undefined ? {} : { doubt: missing }), notes };
}

/** What the admission of the class should have given the pods and did not, so far as pods and their nodes show. */
function notInjected(
  { features, selectorMissing = 0 }: PodGroup,
  { name, nodeSelector }: RuntimeClass,
  nodes: readonly KubernetesNode[],
): string | undefined {
  if (features.noOverhead > 0) return `${features.noOverhead} pods carry no overhead: the RuntimeClass ${name} injected none.`;
  const selector = Object.entries(nodeSelector);
  if (selector.length === 0) return `The RuntimeClass ${name} has no node selector to inject.`;
  if (selectorMissing > 0) return `${selectorMissing} pods lack the node selector that the RuntimeClass ${name} injects.`;
  const outside = nodes.find(({ labels }) => selector.some(([key, value]) => labels[key] !== value));
  return outside === undefined ? undefined : `The node ${outside.name} does not match the node selector of the RuntimeClass ${name}.`;
}

/** The nodes that a group's pods may sit on: its own, when every pod is an example, or the Kata nodes of its pools. */
function nodesOf({ examples, pods, podsByNodePool }: PodGroup, nodes: readonly KubernetesNode[]): readonly KubernetesNode[] {
  const own = new Set(examples.map(({ node }) => node));
  if (examples.length >= pods) return nodes.filter(({ name }) => own.has(name));
  return nodes.filter((node) => own.has(node.name) || (isKataNode(node) && Object.hasOwn(podsByNodePool, poolKey(node))));
}

/** Whether a pool's nodes can start pod VMs for some class, and whether all that should show it is there. */
function resolutionOfPool(nodes: readonly KubernetesNode[], { runtimeClasses, nodes: seen }: ClusterSnapshot): Resolution {
  const no = (obstacle: string): Resolution => ({ obstacle, notes: [] });
  if (seen.state === 'unavailable') return no(`The nodes could not be read: ${seen.reason.message}`);
  if (nodes.length === 0) return no('The pool has no node.');
  if (runtimeClasses.state === 'unavailable') return no(`The RuntimeClasses could not be read: ${runtimeClasses.reason.message}`);
  const classes = runtimeClasses.value.filter(({ handler }) => isKataHandler(handler));
  if (classes.length === 0) return no('No RuntimeClass stands for a handler that starts pod VMs.');
  const ready = nodes.filter(({ ready: isReady }) => isReady);
  if (ready.length === 0) return no('No node of the pool is ready.');
  const tried = classes.map((one) => resolutionByClass(ready, one));
  const best = tried.find(({ obstacle, doubt }) => obstacle === undefined && doubt === undefined);
  return best ?? tried.find(({ obstacle }) => obstacle === undefined) ?? tried[0] ?? no('');
}

function resolutionByClass(nodes: readonly KubernetesNode[], { name, handler, nodeSelector, overheadMemory }: RuntimeClass): Resolution {
  const without = nodes.find((node) => !checkKataNode(node, handler).starts);
  if (without !== undefined) return { obstacle: `The node ${without.name} does not list the handler ${handler}.`, notes: [] };
  const { doubt, notes } = checkKataNodes(nodes, handler);
  const selector = Object.entries(nodeSelector);
  const outside = nodes.find(({ labels }) => selector.some(([key, value]) => labels[key] !== value));
  if (overheadMemory === undefined) return { doubt: `The RuntimeClass ${name} has no overhead to inject.`, notes };
  if (selector.length === 0) return { doubt: `The RuntimeClass ${name} has no node selector to inject.`, notes };
  if (outside !== undefined)
    return { doubt: `The node ${outside.name} does not match the node selector of the RuntimeClass ${name}.`, notes };
  return { ...(doubt === undefined ? {} : { doubt }), notes };
}

function proofsOf({ isolationProofs }: ClusterSnapshot): readonly IsolationProof[] {
  return isolationProofs.state === 'observed' ? isolationProofs.value : [];
}

/** What a pod's boot id says beside its node's; without both of them, nothing. */
export function comparedBootIds({ result, nodeBootId }: IsolationProof): 'equal' | 'different' | 'not read' {
  if (result.state !== 'read' || result.bootId === '' || nodeBootId === '') return 'not read';
  return result.bootId.toLowerCase() === nodeBootId.toLowerCase() ? 'equal' : 'different';
}

/** Whether a probe showed the pod to run on its node's own kernel. */
export function sharesKernel(proof: IsolationProof): boolean {
  return comparedBootIds(proof) === 'equal';
}

/**
 * Whether a reading proves a kernel of its own today: the node has neither started anew nor got another
 * image since, and a pod without a pod VM there, if one was probed, did show the node's boot id.
 */
export function showsOwnKernel(proof: IsolationProof, snapshot: ClusterSnapshot): boolean {
  if (proof.runtimeClassName === undefined || comparedBootIds(proof) !== 'different') return false;
  const { nodes } = snapshot;
  const node = nodes.state === 'observed' ? nodes.value.find(({ name }) => name === proof.node) : undefined;
  if (node === undefined || node.bootId.toLowerCase() !== proof.nodeBootId.toLowerCase()) return false;
  return node.nodeImageVersion === proof.nodeImageVersion && !strangeNodes(proofsOf(snapshot)).has(proof.node);
}

/** The nodes on which a pod without a pod VM showed another boot id than its node: there a boot id that differs proves nothing. */
export function strangeNodes(proofs: readonly IsolationProof[]): ReadonlySet<string> {
  const strange = proofs.filter((proof) => proof.runtimeClassName === undefined && comparedBootIds(proof) === 'different');
  return new Set(strange.map(({ node }) => node));
}

/** Whether a reading is of a group's pods: canaries prove their pool and no workload, not even one whose owner is of a kind `Canary`. */
export function isProofOf(proof: IsolationProof, group: PodGroup): boolean {
  return (
    proof.method === 'exec' &&
    proof.namespace === group.namespace &&
    proof.ownerKind === group.ownerKind &&
    proof.ownerName === group.ownerName &&
    proof.runtimeClassName === group.runtimeClassName
  );
}

/** How far the evidence for one workload reaches. */
export interface WorkloadIsolation {
  readonly group: PodGroup;
  readonly evidence: IsolationEvidence;
}

/** The step of every workload that lives and asks for a sandbox: its class starts a pod VM, or nothing is known of the class. */
export function isolationOfWorkloads(snapshot: ClusterSnapshot): readonly WorkloadIsolation[] {
  const { workloads, runtimeClasses } = snapshot;
  if (workloads.state === 'unavailable') return [];
  const handlers = new Map(runtimeClasses.state === 'observed' ? runtimeClasses.value.map(({ name, handler }) => [name, handler]) : []);
  return workloads.value
    .filter((group) => group.runtimeClassName !== undefined && activePods(group) > 0)
    .filter(({ runtimeClassName = '' }) => isKataHandler(handlers.get(runtimeClassName) ?? 'kata'))
    .map((group) => ({ group, evidence: isolationOf(group, snapshot) }));
}
