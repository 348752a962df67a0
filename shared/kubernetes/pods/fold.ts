import type { PodGroup } from '../../domain/snapshot/pod-group.ts';
import { boundedLabels, boundedName } from '../bounds.ts';
import type { ListPage } from '../wire/list-page.ts';
import type { WirePod } from '../wire/messages.ts';
import { tolerationsOf } from '../wire/opened.ts';
import { PodBody } from '../wire/pod-body.ts';
import { decodeHead, PodHead, SharedBytes } from '../wire/pod-head.ts';
import { PODS } from '../wire/resources.ts';
import { type FoldContext, type NodePlace, ownSelectorOf, toleratedOf } from './fold-context.ts';
import { NewestRuns } from './newest-runs.ts';
import {
  closeGroup,
  countPod,
  countPool,
  countRunningPod,
  countSandbox,
  mark,
  merge,
  nameOf,
  narrowSelector,
  narrowTolerated,
  nodeOf,
  type OpenGroup,
  openGroup,
} from './pod-group.ts';
import { ownerOf, stableLabels } from './pod-owner.ts';
import { isFinished } from './pod-times.ts';

/** Whether another list gave a pod already. */
export type IsCounted = (namespace: string, name: string) => boolean;

/** Counts pods one by one for each workload; no pod is kept after its `add`. */
export class PodFold {
  readonly #context: FoldContext;
  readonly #isCounted: IsCounted | undefined;
  readonly #groups = new Map<string, OpenGroup>();
  readonly #runs = new NewestRuns();
  #left = 0;
  #pods = 0;
  /** Lists are sorted by name, so the pods of a workload are adjacent. */
  #last: { readonly pod: WirePod; readonly group: OpenGroup } | undefined;
  readonly #head = new PodHead();
  readonly #body = new PodBody();
  readonly #shared = new SharedBytes();
  /** The family of the pods with the shared bytes. */
  #family: Family | undefined;

  constructor(context: FoldContext, isCounted?: IsCounted) {
    this.#context = context;
    this.#isCounted = isCounted;
  }

  /** Number of pods counted so far. */
  get pods(): number {
    return this.#pods;
  }

  /** Number of pods whose workload exceeded the maximum. */
  get left(): number {
    return this.#left;
  }

  /** Counts a pod. */
  add(pod: WirePod): void {
    if (this.#isCounted?.(pod.metadata?.namespace ?? '', pod.metadata?.name ?? '') === true) return;
    this.#pods += 1;
    const group = this.#groupOf(pod);
    if (group === 'out of date') return;
    if (group === undefined) {
      this.#left += 1;
      return;
    }
    const name = boundedName(pod.metadata?.name);
    const node = boundedName(pod.spec?.nodeName) || undefined;
    countPod(group, pod, name, node, this.#context.claims);
    this.#place(group, name, node === undefined ? 'unscheduled' : this.#context.nodes?.get(node));
    this.#compareWithClass(group, this.#lacksSelector(group, pod), pod.metadata?.creationTimestamp?.seconds ?? undefined, name);
    this.#narrow(group, pod);
  }

  /**
   * Counts a pod that is encoded between two offsets. Most pods are running: their counts are read directly from the bytes, and strings
   * are created only if a pod differs from the one before. The others are decoded.
   */
  addBytes(bytes: Buffer, start: number, end: number): void {
    const head = this.#head;
    if (!head.read(bytes, start, end) || !head.is(head.phase, 'Running') || (head.hasClass && !this.#body.read(head))) {
      this.add(PODS.fromProtobuf(bytes.subarray(start, end)));
      return;
    }
    if (this.#isCounted?.(head.text(head.namespace), head.text(head.name)) === true) return;
    this.#pods += 1;
    if (this.#family === undefined || !this.#shared.equals(head)) this.#family = this.#familyOf(head);
    if (this.#family === undefined) this.#left += 1;
    else this.#addMember(this.#family, head);
  }

  /** Counts the pods of a page, without decoding them where possible. */
  addPage(page: ListPage<WirePod>): void {
    if (page.walk((bytes, start, end) => this.addBytes(bytes, start, end))) return;
    for (const pod of page.items()) this.add(pod);
  }

  /** Returns what pods with the same shared bytes have in common; `undefined` if their workload exceeds the maximum. */
  #familyOf(head: PodHead): Family | undefined {
    const pod = decodeHead(head);
    const group = this.#findGroup(pod);
    if (group === undefined || group === 'out of date') return undefined;
    this.#narrow(group, pod);
    this.#shared.keep(head);
    return { group, selectorMissing: this.#lacksSelector(group, pod) };
  }

  #addMember({ group, selectorMissing }: Family, head: PodHead): void {
    countRunningPod(group, head);
    if (head.hasClass) countSandbox(group, head, this.#body);
    this.#place(group, head, head.isScheduled ? this.#placeOf(head) : 'unscheduled');
    this.#compareWithClass(group, selectorMissing, head.created, head);
    if (isByPod(group)) this.#family = undefined;
  }

  /** Adds the counts of another fold with other pods; the other must not be used afterwards. */
  absorb(other: PodFold): void {
    this.#pods += other.#pods;
    this.#left += other.#left;
    for (const [key, group] of other.#groups) {
      const held = this.#groups.get(key);
      if (held !== undefined) merge(held, group);
      else if (this.#groups.size < this.#context.maxWorkloads) this.#groups.set(key, group);
      else this.#left += group.pods;
    }
    for (const key of this.#runs.absorb(other.#runs)) this.#groups.delete(key);
  }

  /** Returns the counted groups. */
  groups(): readonly PodGroup[] {
    return Array.from(this.#groups.values(), closeGroup);
  }

  #groupOf(pod: WirePod): OpenGroup | 'out of date' | undefined {
    const last = this.#last;
    if (last !== undefined && isSibling(last.pod, pod)) {
      return last.group;
    }
    const group = this.#findGroup(pod);
    this.#last = group === undefined || group === 'out of date' || isByPod(group) ? undefined : { pod, group };
    return group;
  }

  #findGroup(pod: WirePod): OpenGroup | 'out of date' | undefined {
    const { metadata, spec } = pod;
    const owner = ownerOf(metadata);
    const namespace = boundedName(metadata?.namespace);
    const runtimeClassName = boundedName(spec?.runtimeClassName) || undefined;
    const finished = isFinished(pod);
    const labels = boundedLabels(stableLabels(metadata?.labels ?? {}));
    // Names and labels may contain any character; JSON keeps them separate.
    const workload = JSON.stringify([namespace, owner.group, owner.kind, owner.name]);
    const run = finished ? (owner.run ?? 0) : -1;
    const key = JSON.stringify([workload, runtimeClassName, run, Object.entries(labels.labels).sort(), labels.labelsCut]);
    for (const gone of this.#runs.see(workload, owner)) this.#groups.delete(gone);
    if (finished && this.#runs.isOlder(workload, owner)) return 'out of date';
    const held = this.#groups.get(key);
    if (held !== undefined || this.#groups.size >= this.#context.maxWorkloads) return held;
    const group = openGroup({ namespace, owner: { ...owner, name: boundedName(owner.name) }, ...labels, runtimeClassName, finished });
    this.#groups.set(key, group);
    if (finished) this.#runs.keep(workload, key);
    return group;
  }

  /** Returns the node of a scheduled pod, if the node was read. */
  #placeOf(head: PodHead): NodePlace | undefined {
    const { nodes, nodesByBytes } = this.#context;
    // A name that was cut to the maximum length has other bytes.
    return nodesByBytes?.get(head.bytes, head.node.start, head.node.end) ?? nodes?.get(nodeOf(head));
  }

  /** Counts a pod's placement; `name` is the pod's name, or a head from which it is read when needed. */
  #place(group: OpenGroup, name: string | PodHead, place: NodePlace | 'unscheduled' | undefined): void {
    const { placement, runtimeClassName } = group;
    if (place === 'unscheduled') {
      placement.unscheduled += 1;
      return;
    }
    if (place === undefined) {
      placement.unknown += 1;
      return;
    }
    const meaning = runtimeClassName === undefined ? undefined : this.#context.classes?.get(runtimeClassName);
    countPool(group, place.pool);
    if (place.isKata === true) placement.onKataNode += 1;
    if (place.isKata === true && meaning?.isSandbox !== true) mark(group, 'onKataNode', textOf(name));
    const listed = runtimeClassName === undefined ? true : meaning && place.lists.get(meaning.handler);
    placement[listed === undefined ? 'unknown' : listed ? 'handlerListed' : 'handlerMissing'] += 1;
    if (listed === false) mark(group, 'handlerMissing', textOf(name));
  }

  /**
   * Narrows down the nodes on which all pods could run, by the pod's own tolerations and selector. The selector of a sandboxed pod does
   * not help.
   */
  #narrow(group: OpenGroup, pod: WirePod): void {
    if (this.#context.taints.length > 0) narrowTolerated(group, toleratedOf(this.#context.taints, tolerationsOf(pod)));
    const meaning = this.#context.classes?.get(group.runtimeClassName ?? '');
    if (meaning?.isSandbox !== true) narrowSelector(group, ownSelectorOf(pod, meaning));
  }

  /** Whether a pod lacks the labels that its class adds to the node selector. */
  #lacksSelector({ runtimeClassName }: OpenGroup, { spec }: WirePod): boolean {
    const meaning = runtimeClassName === undefined ? undefined : this.#context.classes?.get(runtimeClassName);
    return meaning?.selector.some(([label, value]) => spec?.nodeSelector?.[label] !== value) ?? false;
  }

  /** Counts a pod that is older than its class, or lacks the class's node selector. */
  #compareWithClass(group: OpenGroup, selectorMissing: boolean, created: number | undefined, name: string | PodHead): void {
    if (selectorMissing) group.selectorMissing = (group.selectorMissing ?? 0) + 1;
    const { runtimeClassName } = group;
    const classCreated = runtimeClassName === undefined ? undefined : this.#context.classes?.get(runtimeClassName)?.createdAt;
    if (created === undefined || classCreated === undefined || created >= classCreated) return;
    group.olderThanClass = (group.olderThanClass ?? 0) + 1;
    mark(group, 'olderThanClass', textOf(name));
  }
}

/** What pods have in common when everything that decides about their group and class is the same. */
interface Family {
  readonly group: OpenGroup;
  readonly selectorMissing: boolean;
}

function textOf(name: string | PodHead): string {
  return typeof name === 'string' ? name : nameOf(name);
}

/** Whether the group depends on more than the pod's owner: on its own name, or on its creation time. */
function isByPod({ ownerKind }: OpenGroup): boolean {
  return ownerKind === 'Pod' || ownerKind === 'Job' || ownerKind === 'CronJob';
}

/** Whether two pods agree in everything that decides about their group; never for pods without a controller. */
function isSibling(one: WirePod, other: WirePod): boolean {
  const [a, b] = [one.metadata, other.metadata];
  const [owner, same] = [a?.ownerReferences?.[0], b?.ownerReferences?.[0]];
  if (owner?.controller !== true || same?.controller !== true) return false;
  if (owner.name !== same.name || owner.kind !== same.kind || owner.apiVersion !== same.apiVersion) return false;
  if (a?.namespace !== b?.namespace || (one.spec?.runtimeClassName || '') !== (other.spec?.runtimeClassName || '')) return false;
  if (isFinished(one) !== isFinished(other)) return false;
  return hasSame(a?.labels ?? {}, b?.labels ?? {}) && hasSame(b?.labels ?? {}, a?.labels ?? {});
}

/** Whether each label of one is also a label of the other. */
function hasSame(labels: Readonly<Record<string, string>>, others: Readonly<Record<string, string>>): boolean {
  for (const name in labels) if (labels[name] !== others[name]) return false;
  return true;
}
