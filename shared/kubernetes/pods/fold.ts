import { isKataHandler, isKataNode } from '../../domain/isolation/kata-evidence.ts';
import type { KubernetesNode, PodGroup, RuntimeClass } from '../../domain/snapshot/snapshot.ts';
import type { WirePod } from '../wire/messages.ts';
import { PODS } from '../wire/resources.ts';
import { closeGroup, countPod, countPool, merge, type OpenGroup, openGroup } from './pod-group.ts';
import { ownerOf, stableLabelNames } from './pod-owner.ts';

/** Where pods may sit and what their classes mean; `undefined` for what could not be seen. */
export interface FoldContext {
  readonly nodes: ReadonlyMap<string, NodePlace> | undefined;
  /** Handlers by the name of their class. */
  readonly handlers: ReadonlyMap<string, string> | undefined;
  /** What classes add to the node selector of their pods, by the name of the class. */
  readonly selectors: ReadonlyMap<string, readonly (readonly [label: string, value: string])[]>;
  /** Workloads beyond this many are not kept: memory grows with workloads. */
  readonly maxWorkloads: number;
}

/** What a node can do for its pods. */
export interface NodePlace {
  readonly pool: string;
  readonly isKata: boolean;
  readonly handlers: ReadonlySet<string> | undefined;
}

/** Prepares what the fold looks up for every pod. */
export function foldContext(
  nodes: readonly KubernetesNode[] | undefined,
  runtimeClasses: readonly RuntimeClass[] | undefined,
  maxWorkloads: number,
): FoldContext {
  return {
    nodes: nodes && new Map(nodes.map((node) => [node.name, placeOf(node)])),
    handlers: runtimeClasses && new Map(runtimeClasses.map(({ name, handler }) => [name, handler])),
    selectors: new Map((runtimeClasses ?? []).map(({ name, nodeSelector }) => [name, Object.entries(nodeSelector)])),
    maxWorkloads,
  };
}

function placeOf(node: KubernetesNode): NodePlace {
  return {
    pool: node.nodePool ?? node.labels['karpenter.sh/nodepool'] ?? '-',
    isKata: isKataNode(node),
    handlers: node.runtimeHandlers && new Set(node.runtimeHandlers),
  };
}

/** Takes pods one by one and keeps only counts for each workload; no pod outlives its `add`. */
export class PodFold {
  readonly #context: FoldContext;
  readonly #groups = new Map<string, OpenGroup>();
  #left = 0;
  #pods = 0;
  /** Lists come in the order of names, so that the pods of a workload follow each other. */
  #last: { readonly pod: WirePod; readonly group: OpenGroup } | undefined;

  constructor(context: FoldContext) {
    this.#context = context;
  }

  /** Pods taken so far. */
  get pods(): number {
    return this.#pods;
  }

  /** Pods whose workload found no room. */
  get left(): number {
    return this.#left;
  }

  /** Counts a pod. */
  add(pod: WirePod): void {
    this.#pods += 1;
    const group = this.#groupOf(pod);
    if (group === undefined) {
      this.#left += 1;
      return;
    }
    countPod(group, pod);
    this.#place(group, pod.spec?.nodeName || undefined);
    if (this.#lacksSelector(pod)) group.selectorMissing = (group.selectorMissing ?? 0) + 1;
  }

  /** Counts a pod that lies encoded between two places. */
  addBytes(bytes: Uint8Array, start: number, end: number): void {
    this.add(PODS.fromProtobuf(bytes.subarray(start, end)));
  }

  /** Takes over what another fold of other pods counted; the other is not to be used again. */
  absorb(other: PodFold): void {
    this.#pods += other.#pods;
    this.#left += other.#left;
    for (const [key, group] of other.#groups) {
      const held = this.#groups.get(key);
      if (held !== undefined) merge(held, group);
      else if (this.#groups.size < this.#context.maxWorkloads) this.#groups.set(key, group);
      else this.#left += group.pods;
    }
  }

  /** What was counted. */
  groups(): readonly PodGroup[] {
    return Array.from(this.#groups.values(), closeGroup);
  }

  #groupOf(pod: WirePod): OpenGroup | undefined {
    const last = this.#last;
    const group = last !== undefined && isSibling(last.pod, pod) ? last.group : this.#findGroup(pod);
    this.#last = group && { pod, group };
    return group;
  }

  #findGroup({ metadata, spec }: WirePod): OpenGroup | undefined {
    const namespace = metadata?.namespace ?? '';
    const owner = ownerOf(metadata);
    const runtimeClassName = spec?.runtimeClassName || undefined;
    const labels = metadata?.labels ?? {};
    const names = stableLabelNames(labels);
    // No name or label may hold a line feed, so that no two groups share a key.
    let key = `${namespace}\n${owner.kind}\n${owner.name}\n${runtimeClassName ?? ''}`;
    for (const name of names) key += `\n${name}\n${labels[name]}`;
    const held = this.#groups.get(key);
    if (held !== undefined || this.#groups.size >= this.#context.maxWorkloads) return held;
    const stable = Object.fromEntries(names.map((name) => [name, labels[name] ?? '']));
    const group = openGroup(namespace, owner, runtimeClassName, stable);
    this.#groups.set(key, group);
    return group;
  }

  #place(group: OpenGroup, node: string | undefined): void {
    const { placement, runtimeClassName } = group;
    if (node === undefined) {
      placement.unscheduled += 1;
      return;
    }
    const place = this.#context.nodes?.get(node);
    if (place === undefined) {
      placement.unknown += 1;
      return;
    }
    countPool(group, place.pool);
    if (place.isKata) placement.onKataNode += 1;
    const listed = this.#isListed(place, runtimeClassName);
    placement[listed === undefined ? 'unknown' : listed ? 'handlerListed' : 'handlerMissing'] += 1;
  }

  /** Whether a pod lacks what the admission of its class adds to its node selector. */
  #lacksSelector({ spec }: WirePod): boolean {
    const injected = spec?.runtimeClassName ? this.#context.selectors.get(spec.runtimeClassName) : undefined;
    return injected?.some(([label, value]) => spec?.nodeSelector?.[label] !== value) ?? false;
  }

  /** Whether a node lists the handler of a class; `undefined` when the class or the list could not be seen. */
  #isListed({ handlers, isKata }: NodePlace, runtimeClassName: string | undefined): boolean | undefined {
    if (runtimeClassName === undefined) return true;
    const handler = this.#context.handlers?.get(runtimeClassName);
    if (handler === undefined) return undefined;
    if (handlers !== undefined) return handlers.has(handler);
    return isKataHandler(handler) ? isKata : undefined;
  }
}

/** Whether two pods agree in everything that decides about their group; pods without an owner never do. */
function isSibling(one: WirePod, other: WirePod): boolean {
  const [a, b] = [one.metadata, other.metadata];
  const [owner, same] = [a?.ownerReferences ?? [], b?.ownerReferences ?? []];
  if (owner.length !== 1 || same.length !== 1 || owner[0]?.name !== same[0]?.name || owner[0]?.kind !== same[0]?.kind) return false;
  if (a?.namespace !== b?.namespace || (one.spec?.runtimeClassName || '') !== (other.spec?.runtimeClassName || '')) return false;
  return hasSame(a?.labels ?? {}, b?.labels ?? {}) && hasSame(b?.labels ?? {}, a?.labels ?? {});
}

/** Whether every label of one is the other's too. */
function hasSame(labels: Readonly<Record<string, string>>, others: Readonly<Record<string, string>>): boolean {
  for (const name in labels) if (labels[name] !== others[name]) return false;
  return true;
}
