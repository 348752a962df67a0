import { handlerKind, isSandboxHandler } from '../policy/handlers.ts';
import { given } from '../snapshot/given.ts';
import type { KnownImages } from '../snapshot/known-images.ts';
import { observedValue } from '../snapshot/observation.ts';
import type { PodGroup } from '../snapshot/pod-group.ts';
import type { ClusterSnapshot, IsolationProof, KubernetesNode, RuntimeClass } from '../snapshot/snapshot.ts';
import { isProofOf, proofsIn, sharesKernel, showsOwnKernel } from './isolation-proof.ts';
import { activePods, isKataNode, isKataPool } from './kata-evidence.ts';
import { checkKataNode, checkKataNodes, poolKey } from './kata-node-check.ts';
import { whyClosed } from './node-ability.ts';
import { isUncertain, podClassOf, uncertainty } from './pod-class.ts';

/**
 * The steps of evidence for a workload's isolation, weakest first: no class requested; a class
 * named; the class resolves to a Kata handler that the pods' nodes list; a separate kernel shown.
 * `disproved` means that a pod showed the boot id of its node.
 */
export const ISOLATION_STEPS = ['none', 'declared', 'resolved', 'proven', 'disproved'] as const;
export type IsolationStep = (typeof ISOLATION_STEPS)[number];

/** The step that was reached, and why the next one was not. */
export interface IsolationEvidence {
  readonly step: IsolationStep;
  readonly reason: string;
}

/** Reasons why a workload did not reach a step; a note accompanies a step that was reached. */
type Resolution =
  /** The class starts no pod VM here, or there is no evidence that it does. Proofs of other pods do not help. */
  | { readonly obstacle: string; readonly doubt?: undefined }
  | {
      readonly obstacle?: undefined;
      /** Expected evidence is missing. A proof that a pod runs its own kernel outweighs it. */
      readonly doubt?: string;
      readonly notes: readonly string[];
    };

/** The step of evidence that a group of pods has reached, never higher than the evidence supports. */
export function isolationOf(group: PodGroup, snapshot: ClusterSnapshot): IsolationEvidence {
  if (group.runtimeClassName === undefined)
    return { step: 'none', reason: 'The pods name no RuntimeClass: the node’s default runtime starts them.' };
  const proofs = proofsIn(snapshot.isolationProofs).filter((proof) => isProofOf(proof, group));
  return evidenceOf(proofs, snapshot, resolutionOf(group, group.runtimeClassName, snapshot), `of ${group.pods} pods`);
}

/** Isolation step of one Kata node pool. */
export interface PoolIsolation {
  readonly nodePool: string;
  readonly evidence: IsolationEvidence;
}

/** Returns the step of every Kata pool, as reported by Azure or by the pools' nodes. */
export function isolationOfPools(snapshot: ClusterSnapshot): readonly PoolIsolation[] {
  const { nodePools, nodes } = snapshot;
  const named = (observedValue(nodePools) ?? []).filter(isKataPool).map(({ name }) => name);
  const seen = (observedValue(nodes) ?? []).filter((node) => isKataNode(node, snapshot.acceptedHandlers)).map(poolKey);
  return [...new Set([...named, ...seen])].toSorted().map((nodePool) => ({ nodePool, evidence: isolationOfPool(nodePool, snapshot) }));
}

function isolationOfPool(nodePool: string, snapshot: ClusterSnapshot): IsolationEvidence {
  const nodes = observedValue(snapshot.nodes)?.filter((node) => poolKey(node) === nodePool) ?? [];
  const names = new Set(nodes.map(({ name }) => name));
  const proofs = proofsIn(snapshot.isolationProofs).filter(
    (proof) => proof.runtimeClassName !== undefined && (names.has(proof.node) || proof.nodePool === nodePool),
  );
  return evidenceOf(proofs, snapshot, resolutionOfPool(nodes, snapshot), `on ${nodes.length} nodes`);
}

function evidenceOf(
  proofs: readonly IsolationProof[],
  snapshot: ClusterSnapshot,
  resolution: Resolution,
  population: string,
): IsolationEvidence {
  const shared = proofs.filter(sharesKernel);
  if (shared.length > 0)
    return { step: 'disproved', reason: `${probed(shared, population)} the boot id of the node: pod and node share one kernel.` };
  if (resolution.obstacle !== undefined) return { step: 'declared', reason: resolution.obstacle };
  const { doubt, notes } = resolution;
  const own = proofs.filter((proof) => showsOwnKernel(proof, snapshot));
  if (own.length > 0) {
    const reason = `${probed(own, population)} a boot id that is not the node’s: a kernel of its own.`;
    return { step: 'proven', reason: [reason, ...(doubt === undefined ? [] : [doubt]), ...notes].join(' ') };
  }
  if (doubt !== undefined) return { step: 'declared', reason: doubt };
  return { step: 'resolved', reason: [unproven(proofs, snapshot), ...notes].join(' ') };
}

/** Names the probed pods, the methods and the time, because a proof covers only a sample. */
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

/** Why no probe result proves isolation yet. */
function unproven(proofs: readonly IsolationProof[], { isolationProofs }: ClusterSnapshot): string {
  if (isolationProofs.state === 'unavailable') return `Not probed: ${isolationProofs.reason.message}`;
  const [unread] = proofs.flatMap(({ result }) => (result.state === 'unknown' ? [result.reason] : []));
  if (unread !== undefined) return `The probe could not read it: ${unread}`;
  return proofs.length > 0
    ? 'The probe result proves nothing: the node rebooted after the probe, or it reports no boot id.'
    : 'Not probed yet.';
}

/** Whether a class starts pod VMs, and whether all expected evidence of that is present. */
function resolutionOf(group: PodGroup, className: string, snapshot: ClusterSnapshot): Resolution {
  const { runtimeClasses, nodes } = snapshot;
  const no = (obstacle: string): Resolution => ({ obstacle });
  if (runtimeClasses.state === 'unavailable') return no(`The RuntimeClasses could not be read: ${runtimeClasses.reason.message}`);
  const podClass = podClassOf(group, runtimeClasses.value, snapshot.observedAt);
  if (podClass.state !== 'resolved') return no(`It is unknown what started the pods: ${uncertainty(group, podClass)}.`);
  const { runtimeClass: found } = podClass;
  const { handler } = found;
  const nothing = nothingKnown(handler, snapshot);
  if (nothing !== undefined) return no(`The RuntimeClass ${className} resolves to the handler ${handler}, ${nothing}.`);
  // Only some pods are older than their class, and a probe does not record which of them it read.
  const older = group.olderThanClass ?? 0;
  if (older > 0 && older < group.pods)
    return no(`It is unknown what started ${older} of ${group.pods} pods: ${uncertainty(group, podClass)}.`);
  if (nodes.state === 'unavailable') return no(`The nodes could not be read: ${nodes.reason.message}`);
  const { placement, phases } = group;
  if (placement.handlerMissing > 0) return no(`${placement.handlerMissing} pods run on nodes that do not list the handler ${handler}.`);
  if (placement.unknown > 0) return no(`The nodes of ${placement.unknown} pods are unknown.`);
  if (phases.running === 0 || placement.handlerListed === 0) return no('No pod of this workload runs on a node that lists the handler.');
  const own = nodesOf(group, nodes.value, snapshot.acceptedHandlers);
  const { doubt, notes } = checkKataNodes(own, handler, snapshot.knownImages);
  const age = isUncertain(group, podClass) ? `It is unknown what started the pods: ${uncertainty(group, podClass)}.` : undefined;
  const missing = age ?? notInjected(group, found, own) ?? strangeNode(group, nodes.value, handler, snapshot.knownImages) ?? doubt;
  return { ...given({ doubt: missing }), notes };
}

/** A node with pods of the group that lacks evidence that it can run them. */
function strangeNode(
  { examples }: PodGroup,
  nodes: readonly KubernetesNode[],
  handler: string,
  known: KnownImages | undefined,
): string | undefined {
  const own = new Set(examples.map(({ node }) => node));
  const strange = nodes.find((node) => own.has(node.name) && !checkKataNode(node, handler, known).starts);
  return strange === undefined ? undefined : `The node ${strange.name} does not show that it has the handler ${handler}.`;
}

/** Why a handler starts no accepted sandbox in this cluster; `undefined` if it does. */
function nothingKnown(handler: string, { acceptedHandlers }: ClusterSnapshot): string | undefined {
  switch (handlerKind(handler, acceptedHandlers)) {
    case 'aks':
    case 'accepted':
      return undefined;
    case 'starts-vm':
      return 'which starts a VM type that AKS does not support and the policy does not accept';
    case 'ordinary':
      return 'which starts no pod VM';
    case 'unknown':
      return 'and whether that handler starts a pod VM is unknown';
  }
}

/** What admission should have added to the pods for their class and did not, as far as the pods and their nodes show. */
function notInjected(
  { features, selectorMissing = 0 }: PodGroup,
  { name, nodeSelector }: RuntimeClass,
  nodes: readonly KubernetesNode[],
): string | undefined {
  if (features.noOverhead > 0) return `${features.noOverhead} pods have no overhead: the RuntimeClass ${name} injected none.`;
  const selector = Object.entries(nodeSelector);
  if (selector.length === 0) return `The RuntimeClass ${name} defines no node selector.`;
  if (selectorMissing > 0) return `${selectorMissing} pods lack the node selector that the RuntimeClass ${name} injects.`;
  const outside = nodes.find(({ labels }) => selector.some(([key, value]) => labels[key] !== value));
  return outside === undefined ? undefined : `The node ${outside.name} does not match the node selector of the RuntimeClass ${name}.`;
}

/** The nodes that may run a group's pods: the known ones if every pod is an example, otherwise the Kata nodes of its pools. */
function nodesOf(
  { examples, pods, podsByNodePool }: PodGroup,
  nodes: readonly KubernetesNode[],
  accepted: readonly string[] | undefined,
): readonly KubernetesNode[] {
  const own = new Set(examples.map(({ node }) => node));
  if (examples.length >= pods) return nodes.filter(({ name }) => own.has(name));
  return nodes.filter((node) => own.has(node.name) || (isKataNode(node, accepted) && Object.hasOwn(podsByNodePool, poolKey(node))));
}

/** Whether a pool's nodes can start pod VMs for a class, and whether all expected evidence of that is present. */
function resolutionOfPool(
  nodes: readonly KubernetesNode[],
  { runtimeClasses, nodes: seen, acceptedHandlers, knownImages }: ClusterSnapshot,
): Resolution {
  const no = (obstacle: string): Resolution => ({ obstacle });
  if (seen.state === 'unavailable') return no(`The nodes could not be read: ${seen.reason.message}`);
  if (nodes.length === 0) return no('The pool has no node.');
  if (runtimeClasses.state === 'unavailable') return no(`The RuntimeClasses could not be read: ${runtimeClasses.reason.message}`);
  const classes = runtimeClasses.value.filter(({ handler }) => isSandboxHandler(handler, acceptedHandlers));
  const ready = nodes.filter(({ ready: isReady }) => isReady);
  if (ready.length === 0) return no('No node of the pool is ready.');
  const tried = classes.map((one) => withClosed(resolutionByClass(ready, one, knownImages), ready, one));
  const best = tried.find(({ obstacle, doubt }) => obstacle === undefined && doubt === undefined);
  const nearest = best ?? tried.find(({ obstacle }) => obstacle === undefined) ?? tried[0];
  return nearest ?? no('No RuntimeClass uses a handler that starts pod VMs.');
}

/** In a pool whose nodes are all unschedulable, running pods stay and no new pods start. */
function withClosed(resolution: Resolution, ready: readonly KubernetesNode[], { tolerations = [] }: RuntimeClass): Resolution {
  const closed = ready.map((node) => whyClosed(node, tolerations));
  if (resolution.obstacle !== undefined || closed.some((why) => why === undefined)) return resolution;
  const doubt = resolution.doubt ?? `No node of the pool accepts new pods: ${[...new Set(closed)].join(' and ')}.`;
  return { ...resolution, doubt };
}

function resolutionByClass(
  nodes: readonly KubernetesNode[],
  { name, handler, nodeSelector, overheadMemory }: RuntimeClass,
  known: KnownImages | undefined,
): Resolution {
  const without = nodes.find((node) => !checkKataNode(node, handler, known).starts);
  if (without !== undefined) return { obstacle: `The node ${without.name} does not list the handler ${handler}.` };
  const { doubt, notes } = checkKataNodes(nodes, handler, known);
  const selector = Object.entries(nodeSelector);
  const outside = nodes.find(({ labels }) => selector.some(([key, value]) => labels[key] !== value));
  if (overheadMemory === undefined) return { doubt: `The RuntimeClass ${name} defines no overhead.`, notes };
  if (selector.length === 0) return { doubt: `The RuntimeClass ${name} defines no node selector.`, notes };
  if (outside !== undefined)
    return { doubt: `The node ${outside.name} does not match the node selector of the RuntimeClass ${name}.`, notes };
  return { ...given({ doubt }), notes };
}

/** Isolation step of one workload. */
export interface WorkloadIsolation {
  readonly group: PodGroup;
  readonly evidence: IsolationEvidence;
}

/** The step of every live workload that requests a sandbox: its class starts a pod VM, or the class is unknown. */
export function isolationOfWorkloads(snapshot: ClusterSnapshot): readonly WorkloadIsolation[] {
  const { workloads, runtimeClasses } = snapshot;
  if (workloads.state === 'unavailable') return [];
  const handlers = new Map(observedValue(runtimeClasses)?.map(({ name, handler }) => [name, handler]) ?? []);
  return workloads.value
    .filter((group) => group.runtimeClassName !== undefined && activePods(group) > 0)
    .filter(({ runtimeClassName = '' }) => isSandboxHandler(handlers.get(runtimeClassName) ?? 'kata', snapshot.acceptedHandlers))
    .map((group) => ({ group, evidence: isolationOf(group, snapshot) }));
}
