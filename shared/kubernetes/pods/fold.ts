import type { PodGroup } from '../../domain/snapshot/snapshot.ts';
import { boundedLabels, boundedName } from '../bounds.ts';
import type { WirePod } from '../wire/messages.ts';
import { tolerationsOf } from '../wire/opened.ts';
import { PodHead, SharedBytes } from '../wire/pod-head.ts';
import { PODS } from '../wire/resources.ts';
import { type FoldContext, toleratedOf } from './fold-context.ts';
import { NewestRuns } from './newest-runs.ts';
import {
  closeGroup,
  countPlainPod,
  countPod,
  countPool,
  mark,
  merge,
  nameOf,
  narrowTolerated,
  type OpenGroup,
  openGroup,
} from './pod-group.ts';
import { ownerOf, stableLabels } from './pod-owner.ts';
import { isFinished } from './pod-times.ts';

/** Takes pods one by one and keeps only counts for each workload; no pod outlives its `add`. */
export class PodFold {
  readonly #context: FoldContext;
  readonly #groups = new Map<string, OpenGroup>();
  readonly #runs = new NewestRuns();
  #left = 0;
  #pods = 0;
  /** Lists come in the order of names, so that the pods of a workload follow each other. */
  #last: { readonly pod: WirePod; readonly group: OpenGroup } | undefined;
  readonly #head = new PodHead();
  /** What the last pod shares with its siblings, when it may have any. */
  readonly #shared = new SharedBytes();

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
    if (group === 'out of date') return;
    if (group === undefined) {
      this.#left += 1;
      return;
    }
    const name = boundedName(pod.metadata?.name);
    const node = boundedName(pod.spec?.nodeName) || undefined;
    countPod(group, pod, name, node, this.#context.claims);
    this.#place(group, name, node);
    this.#compareWithClass(group, pod, name);
    if (this.#context.taints.length > 0) narrowTolerated(group, toleratedOf(this.#context.taints, tolerationsOf(pod)));
  }

  /**
   * Counts a pod that lies encoded between two places. Most pods run without a class and follow a sibling: of those
   * nothing but the head is read. The rest is decoded.
   */
  addBytes(bytes: Buffer, start: number, end: number): void {
    const head = this.#head;
    const isUsual = head.read(bytes, start, end);
    const group = this.#last?.group;
    if (isUsual && group !== undefined && isPlain(head) && this.#shared.equals(head)) {
      this.#addLike(group, head);
      return;
    }
    this.add(PODS.fromProtobuf(bytes.subarray(start, end)));
    if (isUsual && this.#last !== undefined && !isFinished(this.#last.pod)) this.#shared.keep(head);
    else this.#shared.forget();
  }

  /** Counts a plain pod of a group by its head. */
  #addLike(group: OpenGroup, head: PodHead): void {
    this.#pods += 1;
    const node = boundedName(head.text(head.node)) || undefined;
    countPlainPod(group, head, node);
    this.#place(group, head, node);
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
    for (const key of this.#runs.absorb(other.#runs)) this.#groups.delete(key);
  }

  /** What was counted. */
  groups(): readonly PodGroup[] {
    return Array.from(this.#groups.values(), closeGroup);
  }

  #groupOf(pod: WirePod): OpenGroup | 'out of date' | undefined {
    const last = this.#last;
    if (last !== undefined && isSibling(last.pod, pod)) {
      this.#last = { pod, group: last.group };
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
    // Names and labels may hold anything: JSON keeps every text apart from its neighbors.
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

  /** Counts where a pod sits; the name is that of a pod, or is read from its head where it is needed. */
  #place(group: OpenGroup, name: string | PodHead, node: string | undefined): void {
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
    const meaning = runtimeClassName === undefined ? undefined : this.#context.classes?.get(runtimeClassName);
    countPool(group, place.pool);
    if (place.isKata === true) placement.onKataNode += 1;
    if (place.isKata === true && meaning?.isSandbox !== true) mark(group, 'onKataNode', textOf(name));
    const listed = runtimeClassName === undefined ? true : meaning && place.lists(meaning.handler);
    placement[listed === undefined ? 'unknown' : listed ? 'handlerListed' : 'handlerMissing'] += 1;
    if (listed === false) mark(group, 'handlerMissing', textOf(name));
  }

  /** Counts a pod that is older than its class, or lacks what the class adds to its node selector. */
  #compareWithClass(group: OpenGroup, { metadata, spec }: WirePod, name: string): void {
    const { runtimeClassName } = group;
    const meaning = runtimeClassName === undefined ? undefined : this.#context.classes?.get(runtimeClassName);
    if (meaning === undefined) return;
    if (meaning.selector.some(([label, value]) => spec?.nodeSelector?.[label] !== value)) {
      group.selectorMissing = (group.selectorMissing ?? 0) + 1;
    }
    const created = metadata?.creationTimestamp?.seconds;
    if (typeof created !== 'number' || meaning.createdAt === undefined || created >= meaning.createdAt) return;
    group.olderThanClass = (group.olderThanClass ?? 0) + 1;
    mark(group, 'olderThanClass', name);
  }
}

function textOf(name: string | PodHead): string {
  return typeof name === 'string' ? name : nameOf(name);
}

/** Whether a pod runs without a class: nothing but its place is judged. */
function isPlain(head: PodHead): boolean {
  return head.runtimeClass.start === head.runtimeClass.end && head.is(head.phase, 'Running');
}

/** Whether more than the pod's owner decides about its workload: its own name, or the time that it was created. */
function isByPod({ ownerKind }: OpenGroup): boolean {
  return ownerKind === 'Pod' || ownerKind === 'Job' || ownerKind === 'CronJob';
}

/** Whether two pods agree in everything that decides about their group; pods without a controller never do. */
function isSibling(one: WirePod, other: WirePod): boolean {
  const [a, b] = [one.metadata, other.metadata];
  const [owners, others] = [a?.ownerReferences ?? [], b?.ownerReferences ?? []];
  const [owner, same] = [owners[0], others[0]];
  if (owners.length !== 1 || others.length !== 1 || owner?.controller !== true || same?.controller !== true) return false;
  if (owner.name !== same.name || owner.kind !== same.kind || owner.apiVersion !== same.apiVersion) return false;
  if (a?.namespace !== b?.namespace || (one.spec?.runtimeClassName || '') !== (other.spec?.runtimeClassName || '')) return false;
  if (isFinished(one) !== isFinished(other)) return false;
  return hasSame(a?.labels ?? {}, b?.labels ?? {}) && hasSame(b?.labels ?? {}, a?.labels ?? {});
}

/** Whether every label of one is the other's too. */
function hasSame(labels: Readonly<Record<string, string>>, others: Readonly<Record<string, string>>): boolean {
  for (const name in labels) if (labels[name] !== others[name]) return false;
  return true;
}
