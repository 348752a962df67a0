import { createHash } from 'node:crypto';
import { matchesGlobs } from '../policy/glob.ts';
import { acceptedHandlers, isSandboxHandler } from '../policy/handlers.ts';
import type { Policy } from '../policy/policy.ts';
import { SYSTEM_NAMESPACES } from '../policy/system-namespaces.ts';
import { DAY_MS } from '../snapshot/day.ts';
import { given } from '../snapshot/given.ts';
import type { PodGroup } from '../snapshot/pod-group.ts';
import type { ClusterSnapshot, IsolationProof, KubernetesNode } from '../snapshot/snapshot.ts';
import { kindOf } from '../snapshot/subject.ts';

/** A running sandboxed pod to probe, with the kernel that its node reports. */
export interface ProbeTarget {
  readonly namespace: string;
  readonly pod: string;
  readonly ownerKind: string;
  readonly ownerName: string;
  /** The API group of the owner, unless it is built into Kubernetes. */
  readonly ownerGroup?: string;
  readonly runtimeClassName: string;
  readonly node: KubernetesNode;
}

/** The pods to probe now, and the earlier proofs that are still valid. */
export interface ProbePlan {
  readonly targets: readonly ProbeTarget[];
  /** Replacements for targets that must not be probed, in order. */
  readonly reserves: readonly ProbeTarget[];
  readonly kept: readonly IsolationProof[];
}

type Seen = Pick<ClusterSnapshot, 'cluster' | 'observedAt'> & {
  readonly nodes: readonly KubernetesNode[];
  readonly handlers: ReadonlyMap<string, string>;
  readonly groups: readonly PodGroup[];
};

/** Whether the policy allows probing a cluster's pods. */
export function mayProbe(clusterName: string, { probe }: Policy): boolean {
  return matchesGlobs(clusterName, probe.clusters);
}

/**
 * Selects the pods to probe: for each node pool as many as the policy requests, drawn by the seed, minus
 * the proofs that are still valid. A proof ends after its time, or when its node restarts or changes its image.
 */
export function planProbe(seen: Seen, policy: Policy, earlier: readonly IsolationProof[], seed: string): ProbePlan {
  const nodes = new Map(seen.nodes.map((node) => [node.name, node]));
  // A canary proves no workload. If it were kept beside new readings, it would represent pools that were not probed again.
  const kept = earlier.filter((proof) => proof.method === 'exec' && stillHolds(proof, nodes.get(proof.node), seen, policy));
  const covered = Map.groupBy(kept, (proof) => poolOf(nodes.get(proof.node)));
  const keptPods = new Set(kept.map(({ namespace, pod }) => `${namespace}/${pod}`));
  const candidates = seen.groups
    .flatMap((group) => candidatesOf(group, nodes, seen.handlers, policy))
    .filter(({ namespace, pod }) => !keptPods.has(`${namespace}/${pod}`));
  const pools = [...Map.groupBy(candidates, ({ node }) => poolOf(node))].map(([pool, ofPool]) => {
    const ordered = drawn(ofPool, seed);
    const wanted = Math.max(0, policy.probe.podsPerPool - (covered.get(pool)?.length ?? 0));
    return { targets: ordered.slice(0, wanted), reserves: ordered.slice(wanted) };
  });
  return { targets: pools.flatMap(({ targets }) => targets), reserves: pools.flatMap(({ reserves }) => reserves), kept };
}

function stillHolds(proof: IsolationProof, node: KubernetesNode | undefined, seen: Seen, { probe }: Policy): boolean {
  if (node === undefined || proof.result.state !== 'read') return false;
  const age = Date.parse(seen.observedAt) - Date.parse(proof.at);
  const sameBoot = node.bootId === proof.nodeBootId && node.nodeImageVersion === proof.nodeImageVersion;
  return sameBoot && age >= 0 && age < probe.renewAfterDays * DAY_MS;
}

function candidatesOf(
  group: PodGroup,
  nodes: ReadonlyMap<string, KubernetesNode>,
  handlers: ReadonlyMap<string, string>,
  policy: Policy,
): readonly ProbeTarget[] {
  const { namespace, ownerKind, ownerName, ownerGroup, runtimeClassName, phases } = group;
  if (runtimeClassName === undefined || phases.running === 0) return [];
  if (!isSandboxHandler(handlers.get(runtimeClassName) ?? '', acceptedHandlers(policy))) return [];
  if (matchesGlobs(namespace, SYSTEM_NAMESPACES) && !policy.probe.includeSystemNamespaces) return [];
  const owner = { ownerKind, ownerName, ...given({ ownerGroup }) };
  return group.examples.flatMap(({ name: pod, node: nodeName }) => {
    const node = nodeName === undefined ? undefined : nodes.get(nodeName);
    return node === undefined ? [] : [{ namespace, pod, ...owner, runtimeClassName, node }];
  });
}

/** In an order that depends only on the seed, one pod of each workload before a second of any. */
function drawn(candidates: readonly ProbeTarget[], seed: string): readonly ProbeTarget[] {
  const rank = ({ namespace, pod }: ProbeTarget) => createHash('sha256').update(`${seed}\n${namespace}/${pod}`).digest('hex');
  const ordered = candidates
    .map((target) => ({ target, rank: rank(target) }))
    .toSorted((a, b) => (a.rank < b.rank ? -1 : 1))
    .map(({ target }) => target);
  const taken = new Map<string, number>();
  return ordered
    .map((target) => {
      const workload = `${target.namespace}/${kindOf(target)}/${target.ownerName}`;
      const turn = taken.get(workload) ?? 0;
      taken.set(workload, turn + 1);
      return { target, turn };
    })
    .toSorted((a, b) => a.turn - b.turn)
    .map(({ target }) => target);
}

function poolOf(node: KubernetesNode | undefined): string {
  return node?.nodePool ?? '-';
}
