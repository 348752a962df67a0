import { readProbeOutput } from '../domain/isolation/probe-output.ts';
import { mayProbe, type ProbePlan, planProbe } from '../domain/isolation/probe-targets.ts';
import { KATA_HANDLERS, type Policy } from '../domain/policy/policy.ts';
import { Fault } from '../domain/snapshot/fault.ts';
import { FULL, type Observation, unavailable } from '../domain/snapshot/observation.ts';
import type { ClusterSnapshot, IsolationProof, KubernetesNode } from '../domain/snapshot/snapshot.ts';
import type { IsolationProbe, ProbeReading } from '../ports/isolation-probe.ts';

/** How pods are probed; `off` is the default and touches nothing. */
export type ProbeMode = 'off' | 'exec' | 'canary';

type Seen = Pick<ClusterSnapshot, 'cluster' | 'observedAt' | 'nodes' | 'runtimeClasses' | 'workloads'>;

/**
 * Probes a sample of the sandboxed pods of a cluster, if the operator asked for it. What could not be
 * probed is an unknown reading with its reason; a missing permission makes the whole part unavailable.
 */
export async function probeCluster(
  openProbe: () => Promise<IsolationProbe>,
  mode: ProbeMode,
  seen: Seen,
  policy: Policy,
  earlier: readonly IsolationProof[],
  abortSignal: AbortSignal,
): Promise<Observation<readonly IsolationProof[]>> {
  if (mode === 'off') return unavailable('not-asked', 'The isolation probe is off.');
  if (!mayProbe(seen.cluster.name, policy)) return unavailable('not-asked', 'The policy does not let this cluster be probed.');
  const { nodes, runtimeClasses, workloads } = seen;
  for (const part of [nodes, runtimeClasses, workloads]) {
    if (part.state === 'unavailable') return unavailable(part.reason.code, `Nothing to probe could be seen: ${part.reason.message}`);
  }
  if (nodes.state !== 'observed' || runtimeClasses.state !== 'observed' || workloads.state !== 'observed') {
    return unavailable('malformed', 'Nothing to probe could be seen.');
  }
  const handlers = new Map(runtimeClasses.value.map(({ name, handler }) => [name, handler]));
  const evidence = { ...seen, nodes: nodes.value, handlers, groups: workloads.value };
  let probe: IsolationProbe | undefined;
  try {
    probe = await openProbe();
    const proofs =
      mode === 'exec'
        ? await execProofs(probe, planProbe(evidence, policy, earlier, seen.observedAt), seen.observedAt, abortSignal)
        : await canaryProofs(probe, nodes.value, handlers, policy, seen.observedAt, abortSignal);
    return { state: 'observed', value: proofs, coverage: FULL };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return unavailable(error.code, error.message);
  } finally {
    probe?.close();
  }
}

/** Pods are read one after another: a probe must not be felt by those who use the cluster. */
async function execProofs(
  probe: IsolationProbe,
  { targets, kept }: ProbePlan,
  at: string,
  abortSignal: AbortSignal,
): Promise<readonly IsolationProof[]> {
  const proofs = [...kept];
  for (const target of targets) {
    const { namespace, pod, ownerKind, ownerName, runtimeClassName, node } = target;
    const reading = await probe.exec(target, abortSignal);
    proofs.push({ namespace, pod, ownerKind, ownerName, runtimeClassName, method: 'exec', at, ...ofNode(node), result: resultOf(reading) });
  }
  return proofs;
}

/**
 * One canary in a pod VM and one without for each Kata pool, and one on a plain node: the three columns
 * that make the proof plain to see.
 */
async function canaryProofs(
  probe: IsolationProbe,
  nodes: readonly KubernetesNode[],
  handlers: ReadonlyMap<string, string>,
  { probe: { namespace, image, resources } }: Policy,
  at: string,
  abortSignal: AbortSignal,
): Promise<readonly IsolationProof[]> {
  await probe.sweep(namespace, abortSignal);
  if (image === '') throw new Fault('not-asked', 'The canary needs an image: set probe.image in the policy.');
  const proofs: IsolationProof[] = [];
  for (const { node, runtimeClassName, closed } of canaryPlaces(nodes, handlers)) {
    const canary = { namespace, image, resources, node: node.name, ...named(runtimeClassName) };
    const reading = closed ? NO_PLACE : await probe.canary(canary, abortSignal);
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

const NO_PLACE: ProbeReading = { state: 'unknown', reason: 'No node of the pool is ready and takes pods, so that no canary was started.' };

function named(runtimeClassName: string | undefined) {
  return runtimeClassName === undefined ? {} : { runtimeClassName };
}

interface CanaryPlace {
  readonly node: KubernetesNode;
  readonly runtimeClassName?: string;
  /** Nothing can be started there. */
  readonly closed: boolean;
}

function canaryPlaces(nodes: readonly KubernetesNode[], handlers: ReadonlyMap<string, string>): readonly CanaryPlace[] {
  const usable = ({ ready, unschedulable }: KubernetesNode) => ready && !unschedulable;
  const classOf = (node: KubernetesNode) =>
    [...handlers].find(([, handler]) => KATA_HANDLERS.includes(handler) && node.runtimeHandlers?.includes(handler) === true)?.[0];
  const pools = Map.groupBy(
    nodes.filter((node) => classOf(node) !== undefined),
    ({ nodePool }) => nodePool ?? '-',
  );
  const sandboxed = [...pools.values()].flatMap((ofPool): readonly CanaryPlace[] => {
    const open = ofPool.find(usable);
    const node = open ?? ofPool[0];
    const runtimeClassName = node === undefined ? undefined : classOf(node);
    if (node === undefined || runtimeClassName === undefined) return [];
    // A pool that is only closed is still there: left out, what a canary once disproved would seem gone.
    if (open === undefined) return [{ node, runtimeClassName, closed: true }];
    return [
      { node, runtimeClassName, closed: false },
      { node, closed: false },
    ];
  });
  const plain = nodes.find((node) => usable(node) && classOf(node) === undefined);
  return plain === undefined ? sandboxed : [...sandboxed, { node: plain, closed: false }];
}

function ofNode(node: KubernetesNode) {
  return {
    node: node.name,
    ...(node.nodePool === undefined ? {} : { nodePool: node.nodePool }),
    ...(node.nodeImageVersion === undefined ? {} : { nodeImageVersion: node.nodeImageVersion }),
    nodeBootId: node.bootId,
    nodeKernel: node.kernelVersion,
  };
}

function resultOf(reading: ProbeReading): IsolationProof['result'] {
  if (reading.state === 'unknown') return reading;
  const kernel = readProbeOutput(reading.output);
  return kernel === undefined ? { state: 'unknown', reason: 'What the pod printed holds no boot id.' } : { state: 'read', ...kernel };
}
