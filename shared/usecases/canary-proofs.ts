import type { Policy } from '../domain/policy/policy.ts';
import { Fault } from '../domain/snapshot/fault.ts';
import type { IsolationProof, KubernetesNode } from '../domain/snapshot/snapshot.ts';
import type { Canary, IsolationProbe, ProbeReading } from '../ports/isolation-probe.ts';
import { ofNode, resultOf } from './isolation-readings.ts';

/** The part of a snapshot that says where canaries can start. */
interface CanaryGround {
  readonly nodes: readonly KubernetesNode[];
  /** Sandbox handlers by RuntimeClass name. */
  readonly handlers: ReadonlyMap<string, string>;
  readonly observedAt: string;
}

/**
 * Runs canaries: one with and one without a pod VM in each Kata pool, and one on a node without Kata. Comparing the three kernels shows
 * the isolation.
 */
export async function canaryProofs(
  probe: IsolationProbe,
  { nodes, handlers, observedAt: at }: CanaryGround,
  { namespace, image, resources }: Policy['probe'],
  abortSignal: AbortSignal,
): Promise<readonly IsolationProof[]> {
  await probe.sweep(namespace, abortSignal);
  if (image === '') throw new Fault('not-asked', 'The canary needs an image: set probe.image in the policy.');
  const proofs: IsolationProof[] = [];
  let looked = false;
  let last: Fault | undefined;
  for (const { node, runtimeClassName, closed } of canaryPlaces(nodes, handlers)) {
    const canary = { namespace, image, resources, node: node.name, ...named(runtimeClassName) };
    const tried = closed ? NO_PLACE : (last ?? (await attempt(probe, canary, abortSignal)));
    // The results of earlier canaries stay valid when a later one fails.
    if (tried instanceof Fault && !looked) throw tried;
    if (tried instanceof Fault) last = tried;
    else looked ||= !closed;
    const reading = tried instanceof Fault ? ({ state: 'unknown', reason: tried.message } as const) : tried;
    proofs.push({
      namespace,
      pod: `canary on ${node.name}`,
      ownerKind: 'Canary',
      ownerName: runtimeClassName ?? 'runc',
      ...named(runtimeClassName),
      method: 'canary',
      at,
      ...ofNode(node),
      result: resultOf(reading),
    });
  }
  return proofs;
}

async function attempt(probe: IsolationProbe, canary: Canary, abortSignal: AbortSignal): Promise<ProbeReading | Fault> {
  if (abortSignal.aborted) return { state: 'unknown', reason: 'The probe ended before it started a canary on this node.' };
  try {
    return await probe.canary(canary, abortSignal);
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}

const NO_PLACE: ProbeReading = { state: 'unknown', reason: 'No node of the pool is ready and schedulable, so no canary was started.' };

function named(runtimeClassName: string | undefined) {
  return runtimeClassName === undefined ? {} : { runtimeClassName };
}

interface CanaryPlace {
  readonly node: KubernetesNode;
  readonly runtimeClassName?: string;
  /** No canary can start there. */
  readonly closed: boolean;
}

function canaryPlaces(nodes: readonly KubernetesNode[], handlers: ReadonlyMap<string, string>): readonly CanaryPlace[] {
  const usable = ({ ready, unschedulable }: KubernetesNode) => ready && !unschedulable;
  const classOf = (node: KubernetesNode) => [...handlers].find(([, handler]) => node.runtimeHandlers?.includes(handler) === true)?.[0];
  const pools = Map.groupBy(
    nodes.filter((node) => classOf(node) !== undefined),
    ({ nodePool }) => nodePool ?? '-',
  );
  const sandboxed = [...pools.values()].flatMap((ofPool): readonly CanaryPlace[] => {
    const open = ofPool.find(usable);
    const node = open ?? ofPool[0];
    const runtimeClassName = node === undefined ? undefined : classOf(node);
    if (node === undefined || runtimeClassName === undefined) return [];
    // A pool without a usable node stays in the list. Otherwise an earlier disproof in it would look as if the pool were gone.
    if (open === undefined) return [{ node, runtimeClassName, closed: true }];
    return [
      { node, runtimeClassName, closed: false },
      { node, closed: false },
    ];
  });
  const plain = nodes.find((node) => usable(node) && classOf(node) === undefined);
  return plain === undefined ? sandboxed : [...sandboxed, { node: plain, closed: false }];
}
