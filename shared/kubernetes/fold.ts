import { isKataHandler, isKataNode } from '../domain/kata-evidence.ts';
import type { KubernetesNode, PodExample, PodGroup, RuntimeClass } from '../domain/snapshot.ts';
import type { WireContainer, WirePod } from './wire/messages.ts';

/** Labels that differ from pod to pod, or from one revision to the next, of one workload. */
const VARYING_LABELS: ReadonlySet<string> = new Set([
  'pod-template-hash',
  'controller-revision-hash',
  'pod-template-generation',
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
  'batch.kubernetes.io/job-completion-index',
  'batch.kubernetes.io/controller-uid',
  'controller-uid',
]);
const MAX_EXAMPLES = 5;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A group while it is counted. */
interface Group extends Mutable<Omit<PodGroup, 'phases' | 'placement' | 'features' | 'podsByNodePool' | 'examples'>> {
  readonly phases: Mutable<PodGroup['phases']>;
  readonly placement: Mutable<PodGroup['placement']>;
  readonly features: Mutable<PodGroup['features']>;
  readonly podsByNodePool: Record<string, number>;
  examples: PodExample[];
  /** Every how many pods one is kept as an example; doubles as the group grows, so that they lie evenly. */
  stride: number;
}

/** Where pods may sit and what their classes mean; `undefined` for what could not be seen. */
export interface FoldContext {
  readonly nodes: readonly KubernetesNode[] | undefined;
  readonly runtimeClasses: readonly RuntimeClass[] | undefined;
  /** Workloads beyond this many are not kept: memory grows with workloads. */
  readonly maxWorkloads: number;
}

interface NodePlace {
  readonly pool: string;
  readonly isKata: boolean;
  readonly handlers: ReadonlySet<string> | undefined;
}

/** Takes pods one by one and keeps only counts for each workload; no pod outlives its `add`. */
export class PodFold {
  readonly #groups = new Map<string, Group>();
  readonly #places: ReadonlyMap<string, NodePlace> | undefined;
  readonly #handlers: ReadonlyMap<string, string> | undefined;
  readonly #maxWorkloads: number;
  #left = 0;
  #pods = 0;

  constructor({ nodes, runtimeClasses, maxWorkloads }: FoldContext) {
    this.#places = nodes && new Map(nodes.map((node) => [node.name, placeOf(node)]));
    this.#handlers = runtimeClasses && new Map(runtimeClasses.map(({ name, handler }) => [name, handler]));
    this.#maxWorkloads = maxWorkloads;
  }

  /** Pods taken so far. */
  get pods(): number {
    return this.#pods;
  }

  /** Pods whose workload found no room. */
  get left(): number {
    return this.#left;
  }

  add(pod: WirePod): void {
    this.#pods += 1;
    const group = this.#groupOf(pod);
    if (group === undefined) {
      this.#left += 1;
      return;
    }
    group.pods += 1;
    countPhase(group, pod);
    countFeatures(group, pod);
    this.#place(group, pod);
    keepExample(group, pod);
  }

  groups(): readonly PodGroup[] {
    return [...this.#groups.values()].map(({ stride: _, ...group }) => group);
  }

  #groupOf({ metadata, spec }: WirePod): Group | undefined {
    const namespace = metadata?.namespace ?? '';
    const owner = ownerOf(metadata);
    const runtimeClassName = spec?.runtimeClassName || undefined;
    const labels = stableLabels(metadata?.labels ?? {});
    const key = JSON.stringify([namespace, owner, runtimeClassName, labels]);
    const held = this.#groups.get(key);
    if (held !== undefined || this.#groups.size >= this.#maxWorkloads) return held;
    const group: Group = {
      namespace,
      ownerKind: owner.kind,
      ownerName: owner.name,
      labels: Object.fromEntries(labels),
      ...(runtimeClassName === undefined ? {} : { runtimeClassName }),
      pods: 0,
      phases: { pending: 0, running: 0, succeeded: 0, failed: 0, unknown: 0 },
      waiting: 0,
      placement: { unscheduled: 0, handlerListed: 0, handlerMissing: 0, unknown: 0, onKataNode: 0 },
      features: { hostPath: 0, hostNetwork: 0, hostPid: 0, hostIpc: 0, privileged: 0, noMemoryLimit: 0, noOverhead: 0 },
      podsByNodePool: {},
      examples: [],
      stride: 1,
    };
    this.#groups.set(key, group);
    return group;
  }

  #place({ placement, podsByNodePool, runtimeClassName }: Group, { spec }: WirePod): void {
    const nodeName = spec?.nodeName || undefined;
    if (nodeName === undefined) {
      placement.unscheduled += 1;
      return;
    }
    const place = this.#places?.get(nodeName);
    if (place === undefined) {
      placement.unknown += 1;
      return;
    }
    podsByNodePool[place.pool] = (podsByNodePool[place.pool] ?? 0) + 1;
    if (place.isKata) placement.onKataNode += 1;
    const listed = this.#isListed(place, runtimeClassName);
    if (listed === undefined) placement.unknown += 1;
    else if (listed) placement.handlerListed += 1;
    else placement.handlerMissing += 1;
  }

  /** Whether a node lists the handler of a class; `undefined` when the class could not be seen. */
  #isListed({ handlers, isKata }: NodePlace, runtimeClassName: string | undefined): boolean | undefined {
    if (runtimeClassName === undefined) return true;
    if (this.#handlers === undefined) return undefined;
    const handler = this.#handlers.get(runtimeClassName);
    if (handler === undefined) return false;
    if (handlers !== undefined) return handlers.has(handler);
    return isKataHandler(handler) ? isKata : undefined;
  }
}

function placeOf(node: KubernetesNode): NodePlace {
  return {
    pool: node.nodePool ?? node.labels['karpenter.sh/nodepool'] ?? '-',
    isKata: isKataNode(node),
    handlers: node.runtimeHandlers && new Set(node.runtimeHandlers),
  };
}

/** A ReplicaSet's name is its Deployment's and the hash that its pods carry as a label. */
function ownerOf(metadata: WirePod['metadata']): { readonly kind: string; readonly name: string } {
  const owners = metadata?.ownerReferences ?? [];
  const owner = owners.find(({ controller }) => controller === true) ?? owners[0];
  if (owner === undefined) return { kind: 'Pod', name: metadata?.name ?? '' };
  const { kind, name } = owner;
  const hash = metadata?.labels?.['pod-template-hash'];
  if (kind === 'ReplicaSet' && hash !== undefined && name?.endsWith(`-${hash}`) === true) {
    return { kind: 'Deployment', name: name.slice(0, -hash.length - 1) };
  }
  return { kind: kind ?? '', name: name ?? '' };
}

function stableLabels(labels: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(labels)
    .filter(([name]) => !VARYING_LABELS.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

function countPhase(group: Group, { metadata, status }: WirePod): void {
  const phase = status?.phase?.toLowerCase();
  const { phases } = group;
  if (phase === 'pending' || phase === 'running' || phase === 'succeeded' || phase === 'failed') phases[phase] += 1;
  else phases.unknown += 1;
  const statuses = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
  const isCreating = statuses.some(({ state }) => state?.waiting?.reason === 'ContainerCreating');
  if (phase !== 'pending' && !isCreating) return;
  group.waiting += 1;
  const seconds = metadata?.creationTimestamp?.seconds;
  if (seconds === null || seconds === undefined) return;
  const since = new Date(seconds * 1000).toISOString();
  if (group.oldestWaitingSince === undefined || since < group.oldestWaitingSince) group.oldestWaitingSince = since;
}

function countFeatures({ features }: Group, { spec }: WirePod): void {
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  const ephemeral = spec?.ephemeralContainers?.flatMap(({ ephemeralContainerCommon: common }) => common ?? []) ?? [];
  if (spec?.volumes?.some(({ volumeSource }) => volumeSource?.hostPath !== null && volumeSource?.hostPath !== undefined))
    features.hostPath += 1;
  if (spec?.hostNetwork === true) features.hostNetwork += 1;
  if (spec?.hostPID === true) features.hostPid += 1;
  if (spec?.hostIPC === true) features.hostIpc += 1;
  if ([...containers, ...ephemeral].some(isPrivileged)) features.privileged += 1;
  const podLimit = spec?.resources?.limits?.memory !== undefined;
  if (!podLimit && (spec?.containers ?? []).some(({ resources }) => resources?.limits?.memory === undefined)) features.noMemoryLimit += 1;
  if (spec?.overhead?.memory === undefined) features.noOverhead += 1;
}

function isPrivileged({ securityContext }: WireContainer): boolean {
  return securityContext?.privileged === true;
}

function keepExample(group: Group, { metadata, spec }: WirePod): void {
  if ((group.pods - 1) % group.stride !== 0) return;
  if (group.examples.length === MAX_EXAMPLES) {
    group.examples = group.examples.filter((_, at) => at % 2 === 0);
    group.stride *= 2;
    if ((group.pods - 1) % group.stride !== 0) return;
  }
  const node = spec?.nodeName || undefined;
  group.examples.push({ name: metadata?.name ?? '', ...(node === undefined ? {} : { node }) });
}
