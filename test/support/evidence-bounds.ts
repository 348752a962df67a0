import { kataImageOf } from '../../shared/domain/images/kata-images.ts';
import type { PodGroup } from '../../shared/domain/snapshot/pod-group.ts';
import type { ClusterSnapshot, IsolationProof, KubernetesNode } from '../../shared/domain/snapshot/snapshot.ts';

/*
 * The evidence that each step needs, written a second time from the specification and not from the code:
 * necessary conditions, so that a step above them is above the evidence.
 */

const HANDLERS = ['kata', 'kata-cc', 'kata-preview'];
const LABEL = 'kubernetes.azure.com/kata-vm-isolation';

/** The steps that the evidence allows. */
export interface Bounds {
  readonly mayBeResolved: boolean;
  readonly mayBeProven: boolean;
  readonly isDisproved: boolean;
}

/** The limits of a workload. */
export function boundsOfGroup(group: PodGroup, snapshot: ClusterSnapshot): Bounds {
  const { nodes, runtimeClasses } = snapshot;
  const proofs = readings(snapshot).filter(({ method, ownerName, runtimeClassName }) => {
    return method === 'exec' && ownerName === group.ownerName && runtimeClassName === group.runtimeClassName;
  });
  const runtimeClass =
    runtimeClasses.state === 'observed' ? runtimeClasses.value.find(({ name }) => name === group.runtimeClassName) : undefined;
  const stands =
    runtimeClass !== undefined &&
    HANDLERS.includes(runtimeClass.handler) &&
    nodes.state === 'observed' &&
    group.placement.handlerMissing + group.placement.unknown === 0 &&
    group.placement.handlerListed > 0 &&
    group.phases.running > 0;
  const own = new Set(group.examples.map(({ node }) => node));
  const hosts = nodes.state === 'observed' ? nodes.value.filter(({ name }) => own.has(name)) : [];
  const injected =
    group.features.noOverhead === 0 && group.selectorMissing === undefined && Object.keys(runtimeClass?.nodeSelector ?? {}).length > 0;
  return {
    mayBeResolved: stands && injected && hosts.every((node) => !startsPodVms(node, runtimeClass.handler) || isSound(node)),
    mayBeProven: stands && proofs.some((one) => isOwnKernel(one, snapshot)),
    isDisproved: group.runtimeClassName !== undefined && proofs.some(isShared),
  };
}

/** The limits of the Kata pool of a snapshot. */
export function boundsOfPool(nodePool: string, snapshot: ClusterSnapshot): Bounds {
  const { nodes, runtimeClasses } = snapshot;
  const members = nodes.state === 'observed' ? nodes.value.filter((node) => node.nodePool === nodePool && node.ready) : [];
  const classes = runtimeClasses.state === 'observed' ? runtimeClasses.value.filter(({ handler }) => HANDLERS.includes(handler)) : [];
  const startsOf = classes.filter(({ handler }) => members.length > 0 && members.every((node) => startsPodVms(node, handler)));
  const sandboxed = readings(snapshot).filter((one) => one.runtimeClassName !== undefined && one.nodePool === nodePool);
  const whole = startsOf.some(({ overheadMemory, nodeSelector }) => overheadMemory !== undefined && Object.keys(nodeSelector).length > 0);
  return {
    mayBeResolved: whole && members.every(isSound) && members.every(({ labels }) => labels[LABEL] === 'true'),
    mayBeProven: startsOf.length > 0 && sandboxed.some((one) => isOwnKernel(one, snapshot)),
    isDisproved: sandboxed.some(isShared),
  };
}

function readings({ isolationProofs }: ClusterSnapshot): readonly IsolationProof[] {
  const all = isolationProofs.state === 'observed' ? isolationProofs.value : [];
  return all.filter(({ result, nodeBootId }) => result.state === 'read' && result.bootId !== '' && nodeBootId !== '');
}

function isShared({ result, nodeBootId }: IsolationProof): boolean {
  return result.state === 'read' && result.bootId.toLowerCase() === nodeBootId.toLowerCase();
}

function isOwnKernel(proof: IsolationProof, snapshot: ClusterSnapshot): boolean {
  const node = snapshot.nodes.state === 'observed' ? snapshot.nodes.value.find(({ name }) => name === proof.node) : undefined;
  const current = node?.bootId.toLowerCase() === proof.nodeBootId.toLowerCase() && node.nodeImageVersion === proof.nodeImageVersion;
  const controls = readings(snapshot).filter((one) => one.node === proof.node && one.runtimeClassName === undefined);
  return current && !isShared(proof) && controls.every(isShared);
}

function startsPodVms({ runtimeHandlers, labels, nodeImageVersion }: KubernetesNode, handler: string): boolean {
  return runtimeHandlers?.includes(handler) ?? (labels[LABEL] === 'true' || nodeImageVersion?.includes('kata') === true);
}

/** A Kata image with its known kernel, if any; also by label when the node lists no handlers. */
function isSound({ nodeImageVersion, kernelVersion, runtimeHandlers, labels }: KubernetesNode): boolean {
  if (nodeImageVersion?.includes('katagen2') !== true) return false;
  if (runtimeHandlers === undefined && labels[LABEL] !== 'true') return false;
  const known = kataImageOf(nodeImageVersion);
  return known === undefined || known.nodeKernel === kernelVersion;
}
