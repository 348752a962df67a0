import type { PodExample, PodGroup } from '../../domain/snapshot/snapshot.ts';
import type { WirePod } from '../wire/messages.ts';
import { type Counts, countFeatures } from './pod-features.ts';
import type { PodOwner } from './pod-owner.ts';

/** A group while it is counted. */
export interface OpenGroup extends Counts<Omit<PodGroup, 'phases' | 'placement' | 'features' | 'podsByNodePool' | 'examples'>> {
  readonly phases: Counts<PodGroup['phases']>;
  readonly placement: Counts<PodGroup['placement']>;
  readonly features: Counts<PodGroup['features']>;
  /** A map, because a node pool may well be called `constructor`. */
  readonly podsByNodePool: Map<string, number>;
  examples: PodExample[];
  /** Every how many pods one is kept as an example; doubles as the group grows, so that they lie evenly. */
  stride: number;
}

const MAX_EXAMPLES = 5;
const CREATING = 'ContainerCreating';

/** A group without pods. */
export function openGroup(namespace: string, owner: PodOwner, runtimeClassName: string | undefined, labels: PodGroup['labels']): OpenGroup {
  return {
    namespace,
    ownerKind: owner.kind,
    ownerName: owner.name,
    labels,
    ...(runtimeClassName === undefined ? {} : { runtimeClassName }),
    pods: 0,
    phases: { pending: 0, running: 0, succeeded: 0, failed: 0, unknown: 0 },
    waiting: 0,
    placement: { unscheduled: 0, handlerListed: 0, handlerMissing: 0, unknown: 0, onKataNode: 0 },
    features: { hostPath: 0, hostNetwork: 0, hostPid: 0, hostIpc: 0, privileged: 0, noMemoryLimit: 0, noOverhead: 0 },
    podsByNodePool: new Map(),
    examples: [],
    stride: 1,
  };
}

/** Counts everything of a pod but its place. */
export function countPod(group: OpenGroup, { metadata, spec, status }: WirePod): void {
  group.pods += 1;
  countPhase(group, metadata, status);
  countFeatures(group.features, spec ?? {});
  keepExample(group, metadata?.name ?? '', spec?.nodeName || undefined);
}

/** Counts pods of a node pool. */
export function countPool({ podsByNodePool }: OpenGroup, pool: string, pods = 1): void {
  podsByNodePool.set(pool, (podsByNodePool.get(pool) ?? 0) + pods);
}

/** Adds the pods of another group of the same workload. */
export function merge(into: OpenGroup, from: OpenGroup): void {
  into.pods += from.pods;
  into.waiting += from.waiting;
  addUp(into.phases, from.phases);
  addUp(into.placement, from.placement);
  addUp(into.features, from.features);
  if (from.selectorMissing !== undefined) into.selectorMissing = (into.selectorMissing ?? 0) + from.selectorMissing;
  for (const [pool, pods] of from.podsByNodePool) countPool(into, pool, pods);
  waitingSince(into, from.oldestWaitingSince);
  const examples = [...into.examples, ...from.examples];
  const step = (examples.length - 1) / (MAX_EXAMPLES - 1);
  into.examples =
    step <= 1
      ? examples
      : Array.from({ length: MAX_EXAMPLES }, (_, at) => examples[Math.round(at * step)]).filter((one) => one !== undefined);
}

/** The finished group. */
export function closeGroup({ stride: _, podsByNodePool, ...group }: OpenGroup): PodGroup {
  return { ...group, podsByNodePool: Object.fromEntries(podsByNodePool) };
}

function addUp<K extends string>(into: Record<K, number>, from: Readonly<Record<K, number>>): void {
  for (const name in from) into[name] += from[name];
}

function countPhase(group: OpenGroup, metadata: WirePod['metadata'], status: WirePod['status']): void {
  const { phases } = group;
  switch (status?.phase) {
    case 'Running':
      phases.running += 1;
      break;
    case 'Pending':
      phases.pending += 1;
      break;
    case 'Succeeded':
      phases.succeeded += 1;
      return;
    case 'Failed':
      phases.failed += 1;
      return;
    default:
      phases.unknown += 1;
  }
  if (status?.phase !== 'Pending' && !isCreating(status)) return;
  group.waiting += 1;
  const seconds = metadata?.creationTimestamp?.seconds;
  if (typeof seconds === 'number') waitingSince(group, new Date(seconds * 1000).toISOString());
}

function isCreating(status: WirePod['status']): boolean {
  const creating = ({ state }: NonNullable<NonNullable<WirePod['status']>['containerStatuses']>[number]) =>
    state?.waiting?.reason === CREATING;
  return (status?.containerStatuses?.some(creating) ?? false) || (status?.initContainerStatuses?.some(creating) ?? false);
}

function waitingSince(group: OpenGroup, since: string | undefined): void {
  if (since !== undefined && (group.oldestWaitingSince === undefined || since < group.oldestWaitingSince)) group.oldestWaitingSince = since;
}

function keepExample(group: OpenGroup, name: string, node: string | undefined): void {
  const at = group.pods - 1;
  if (at % group.stride !== 0) return;
  if (group.examples.length === MAX_EXAMPLES) {
    group.examples = group.examples.filter((_, index) => index % 2 === 0);
    group.stride *= 2;
    if (at % group.stride !== 0) return;
  }
  group.examples.push({ name, ...(node === undefined ? {} : { node }) });
}
