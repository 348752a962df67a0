import type { PodExample, PodFeatures, PodGroup, PodMark } from '../../domain/snapshot/pod-group.ts';
import { boundedName } from '../bounds.ts';
import type { WirePod } from '../wire/messages.ts';
import type { PodBody } from '../wire/pod-body.ts';
import type { PodHead } from '../wire/pod-head.ts';
import type { ClaimedVolumes } from './fold-context.ts';
import { findFeatures } from './pod-features.ts';
import type { PodOwner } from './pod-owner.ts';
import { endOf, isFinished, waitOf } from './pod-times.ts';

/** A mutable type for counting. */
type Counts<T> = { -readonly [K in keyof T]: T[K] };

type Plain = 'phases' | 'placement' | 'features' | 'podsByNodePool' | 'examples' | 'marked' | 'lastEnded' | 'tolerates' | 'nodeSelector';

/** A group that is still being counted. */
export interface OpenGroup extends Counts<Omit<PodGroup, Plain>> {
  readonly phases: Counts<PodGroup['phases']>;
  readonly placement: Counts<PodGroup['placement']>;
  readonly features: Counts<PodGroup['features']>;
  /** A map, because a node pool may be named `constructor`. */
  readonly podsByNodePool: Map<string, number>;
  readonly marked: { -readonly [K in PodMark]?: string[] };
  /** Seconds since 1970. */
  readonly created: { oldest: number; newest: number };
  ended: { at: number; phase: 'succeeded' | 'failed' } | undefined;
  /** Taints that all pods so far tolerate. */
  tolerated: readonly string[] | undefined;
  /** Labels that all pods so far require of their node. */
  selector: ReadonlyMap<string, string> | undefined;
  examples: PodExample[];
  /** Every how many pods one is kept as an example. Doubles as the group grows, so that examples are evenly distributed. */
  stride: number;
}

/** What all pods of a group share. */
export interface GroupIdentity {
  readonly namespace: string;
  readonly owner: PodOwner;
  readonly labels: PodGroup['labels'];
  readonly labelsCut?: number;
  readonly runtimeClassName: string | undefined;
  readonly finished: boolean;
}

const MAX_EXAMPLES = 5;
const MAX_MARKED = 3;

/** Returns a group without pods. */
export function openGroup({ namespace, owner, labels, labelsCut, runtimeClassName, finished }: GroupIdentity): OpenGroup {
  return {
    namespace,
    ownerKind: owner.kind,
    ownerName: owner.name,
    ...(owner.group === undefined ? {} : { ownerGroup: owner.group }),
    labels,
    ...(labelsCut === undefined ? {} : { labelsCut }),
    ...(runtimeClassName === undefined ? {} : { runtimeClassName }),
    ...(finished && owner.run !== undefined ? { lastRunAt: new Date(owner.run * 60_000).toISOString() } : {}),
    pods: 0,
    phases: { pending: 0, running: 0, succeeded: 0, failed: 0, unknown: 0 },
    waiting: 0,
    placement: { unscheduled: 0, handlerListed: 0, handlerMissing: 0, unknown: 0, onKataNode: 0 },
    features: { hostPath: 0, hostNetwork: 0, hostPid: 0, hostIpc: 0, privileged: 0, noMemoryLimit: 0, noOverhead: 0 },
    podsByNodePool: new Map(),
    marked: {},
    created: { oldest: Number.POSITIVE_INFINITY, newest: Number.NEGATIVE_INFINITY },
    ended: undefined,
    tolerated: undefined,
    selector: undefined,
    examples: [],
    stride: 1,
  };
}

/** Counts everything about a pod except its placement. */
export function countPod(group: OpenGroup, pod: WirePod, name: string, node: string | undefined, claims: ClaimedVolumes): void {
  group.pods += 1;
  const seconds = pod.metadata?.creationTimestamp?.seconds;
  if (typeof seconds === 'number') span(group.created, seconds, seconds);
  countPhase(group, pod);
  if (isFinished(pod)) countEnd(group, pod);
  else countWait(group, pod, name);
  // A pod without a class has no sandbox to weaken; only features that would prevent one count.
  if (group.runtimeClassName === undefined) countHostNamespaces(group, hostNamespacesOf(pod));
  else {
    findFeatures(pod, claims, (feature) => countFeature(group, feature, name));
  }
  keepExample(group, name, node);
}

/** Counts a running pod from its head, except placement and sandbox; the group must have the pod's labels and owner. */
export function countRunningPod(group: OpenGroup, head: PodHead): void {
  group.pods += 1;
  group.phases.running += 1;
  if (head.created !== undefined) span(group.created, head.created, head.created);
  if (group.runtimeClassName === undefined) countHostNamespaces(group, head);
  if (isExample(group)) keepExample(group, nameOf(head), nodeOf(head) || undefined);
}

/** Counts the features of a sandboxed pod without claims. */
export function countSandbox(group: OpenGroup, head: PodHead, body: PodBody): void {
  if (body.hostPath) countFeature(group, 'hostPath', nameOf(head));
  if (head.hostNetwork) countFeature(group, 'hostNetwork', nameOf(head));
  if (head.hostPid) countFeature(group, 'hostPid', nameOf(head));
  if (head.hostIpc) countFeature(group, 'hostIpc', nameOf(head));
  if (body.privileged) countFeature(group, 'privileged', nameOf(head));
  if (!body.memoryLimit) countFeature(group, 'noMemoryLimit', nameOf(head));
  if (!body.overhead) countFeature(group, 'noOverhead', nameOf(head));
}

function countFeature(group: OpenGroup, feature: keyof PodFeatures, name: string): void {
  group.features[feature] = (group.features[feature] ?? 0) + 1;
  mark(group, feature, name);
}

/** Returns the name of a pod as it is stored. */
export function nameOf(head: PodHead): string {
  return boundedName(head.text(head.name));
}

/** Returns the name of a pod's node as it is stored; empty if it has none. */
export function nodeOf(head: PodHead): string {
  return boundedName(head.text(head.node));
}

interface HostNamespaces {
  readonly hostNetwork: boolean;
  readonly hostPid: boolean;
  readonly hostIpc: boolean;
}

function hostNamespacesOf({ spec }: WirePod): HostNamespaces {
  return { hostNetwork: spec?.hostNetwork === true, hostPid: spec?.hostPID === true, hostIpc: spec?.hostIPC === true };
}

function countHostNamespaces({ features }: OpenGroup, { hostNetwork, hostPid, hostIpc }: HostNamespaces): void {
  if (hostNetwork) features.hostNetwork += 1;
  if (hostPid) features.hostPid += 1;
  if (hostIpc) features.hostIpc += 1;
}

/** Counts pods of a node pool. */
export function countPool({ podsByNodePool }: OpenGroup, pool: string, pods = 1): void {
  podsByNodePool.set(pool, (podsByNodePool.get(pool) ?? 0) + pods);
}

/** Records the name of a pod with a mark: the first few in order of name, so that two scans record the same ones. */
export function mark({ marked }: OpenGroup, of: PodMark, name: string): void {
  const names = marked[of] ?? [];
  const last = names[MAX_MARKED - 1];
  if (last !== undefined && last <= name) return;
  marked[of] = [...names, name].sort().slice(0, MAX_MARKED);
}

/** Keeps only the taints that this pod tolerates too. */
export function narrowTolerated(group: OpenGroup, tolerated: readonly string[]): void {
  group.tolerated = group.tolerated?.filter((taint) => tolerated.includes(taint)) ?? tolerated;
}

/** Keeps only the node labels that this pod requires too. */
export function narrowSelector(group: OpenGroup, selector: ReadonlyMap<string, string>): void {
  group.selector =
    group.selector === undefined ? selector : new Map([...group.selector].filter(([key, value]) => selector.get(key) === value));
}

/** Adds the pods of another group of the same workload. */
export function merge(into: OpenGroup, from: OpenGroup): void {
  into.pods += from.pods;
  into.waiting += from.waiting;
  addUp(into.phases, from.phases);
  addUp(into.placement, from.placement);
  for (const [name, count] of Object.entries(from.features) as [keyof OpenGroup['features'], number][]) {
    into.features[name] = (into.features[name] ?? 0) + count;
  }
  for (const count of ['selectorMissing', 'gated', 'olderThanClass'] as const) {
    if (from[count] !== undefined) into[count] = (into[count] ?? 0) + from[count];
  }
  for (const [pool, pods] of from.podsByNodePool) countPool(into, pool, pods);
  for (const [of, names] of Object.entries(from.marked) as [PodMark, string[]][]) for (const name of names) mark(into, of, name);
  span(into.created, from.created.oldest, from.created.newest);
  if (from.ended !== undefined) endedAt(into, from.ended);
  if (from.tolerated !== undefined) narrowTolerated(into, from.tolerated);
  if (from.selector !== undefined) narrowSelector(into, from.selector);
  waitingSince(into, from.oldestWaitingSince, from.waitingReason);
  const examples = [...into.examples, ...from.examples];
  const step = (examples.length - 1) / (MAX_EXAMPLES - 1);
  into.examples =
    step <= 1
      ? examples
      : Array.from({ length: MAX_EXAMPLES }, (_, at) => examples[Math.round(at * step)]).filter((one) => one !== undefined);
}

/** Converts an open group into a pod group. */
export function closeGroup({ stride: _, podsByNodePool, created, ended, tolerated = [], selector, marked, ...group }: OpenGroup): PodGroup {
  return {
    ...group,
    ...(created.oldest > created.newest ? {} : { oldestCreatedAt: iso(created.oldest), newestCreatedAt: iso(created.newest) }),
    ...(ended === undefined ? {} : { lastEnded: { at: iso(ended.at), phase: ended.phase } }),
    ...(tolerated.length === 0 ? {} : { tolerates: tolerated }),
    ...(selector === undefined || selector.size === 0 ? {} : { nodeSelector: Object.fromEntries(selector) }),
    ...(Object.keys(marked).length === 0 ? {} : { marked }),
    podsByNodePool: Object.fromEntries(podsByNodePool),
  };
}

function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

function span(created: OpenGroup['created'], oldest: number, newest: number): void {
  created.oldest = Math.min(created.oldest, oldest);
  created.newest = Math.max(created.newest, newest);
}

function addUp<K extends string>(into: Record<K, number>, from: Readonly<Record<K, number>>): void {
  for (const name in from) into[name] += from[name];
}

function countPhase({ phases }: OpenGroup, { status }: WirePod): void {
  switch (status?.phase) {
    case 'Running':
      phases.running += 1;
      break;
    case 'Pending':
      phases.pending += 1;
      break;
    case 'Succeeded':
      phases.succeeded += 1;
      break;
    case 'Failed':
      phases.failed += 1;
      break;
    default:
      phases.unknown += 1;
  }
}

function countEnd(group: OpenGroup, pod: WirePod): void {
  const at = endOf(pod);
  if (at !== undefined) endedAt(group, { at, phase: pod.status?.phase === 'Succeeded' ? 'succeeded' : 'failed' });
}

function endedAt(group: OpenGroup, end: NonNullable<OpenGroup['ended']>): void {
  if (group.ended === undefined || end.at > group.ended.at) group.ended = end;
}

function countWait(group: OpenGroup, pod: WirePod, name: string): void {
  // A running pod without a class may have a container that is restarting; it does not wait for a sandbox.
  if (group.runtimeClassName === undefined && pod.status?.phase !== 'Pending') return;
  const wait = waitOf(pod);
  if (wait === 'gated') group.gated = (group.gated ?? 0) + 1;
  if (wait === undefined || wait === 'gated') return;
  group.waiting += 1;
  mark(group, 'waiting', name);
  waitingSince(group, wait.since === undefined ? undefined : iso(wait.since), wait.reason);
}

/** Records the longest wait, and the first reason. */
function waitingSince(group: OpenGroup, since: string | undefined, reason: string | undefined): void {
  if (since !== undefined && (group.oldestWaitingSince === undefined || since < group.oldestWaitingSince)) group.oldestWaitingSince = since;
  if (reason !== undefined) group.waitingReason ??= reason;
}

/** Whether the last counted pod becomes an example. */
function isExample({ pods, stride }: OpenGroup): boolean {
  return (pods - 1) % stride === 0;
}

function keepExample(group: OpenGroup, name: string, node: string | undefined): void {
  if (!isExample(group)) return;
  if (group.examples.length === MAX_EXAMPLES) {
    group.examples = group.examples.filter((_, index) => index % 2 === 0);
    group.stride *= 2;
    if (!isExample(group)) return;
  }
  group.examples.push({ name, ...(node === undefined ? {} : { node }) });
}
