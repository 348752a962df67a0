import { FieldHead } from './field-head.ts';
import { kubernetes } from './kubernetes.generated.js';
import type { WirePod } from './messages.ts';

/*
 * Reads the fields that decide about most pods from their protobuf bytes, as offsets instead of strings. Field numbers are
 * those of `kubernetes.proto`. Kubernetes writes the fields of an object in the order of their numbers, so reading stops
 * after the last field that is needed. Source: the generated `MarshalToSizedBuffer` of k8s.io/api/core/v1.
 */

const POD = { metadata: 1, spec: 2, status: 3 };
const METADATA = { name: 1, namespace: 3, creationTimestamp: 8, labels: 11, ownerReferences: 13 };
const SPEC = { nodeSelector: 7, nodeName: 10, hostNetwork: 11, hostPID: 12, hostIPC: 13, tolerations: 22, runtimeClassName: 29 };
const STATUS = { phase: 1 };
const TIME = { seconds: 1 };

/** A range of bytes: one field, or all its repetitions. */
class Stretch {
  start = 0;
  end = 0;

  clear(): void {
    this.start = 0;
    this.end = 0;
  }

  set(start: number, end: number): void {
    this.start = start;
    this.end = end;
  }

  /** Adds a repetition; `false` if it is not adjacent to the one before. */
  extend(start: number, end: number): boolean {
    const follows = this.end === 0 || this.end === start;
    if (this.end === 0) this.start = start;
    this.end = end;
    return follows;
  }
}

/** Reads the head of one pod; reused for the next pod. */
export class PodHead {
  readonly name = new Stretch();
  readonly namespace = new Stretch();
  readonly labels = new Stretch();
  readonly owners = new Stretch();
  readonly node = new Stretch();
  readonly nodeSelector = new Stretch();
  readonly runtimeClass = new Stretch();
  readonly tolerations = new Stretch();
  readonly phase = new Stretch();
  readonly metadata = new Stretch();
  readonly spec = new Stretch();
  readonly status = new Stretch();
  /** The creation time in seconds since 1970, if the pod has one. */
  created: number | undefined;
  hostNetwork = false;
  hostPid = false;
  hostIpc = false;
  readonly #shared = [this.namespace, this.labels, this.owners, this.runtimeClass, this.nodeSelector, this.tolerations];
  readonly #stretches = [...this.#shared, this.name, this.node, this.phase, this.metadata, this.spec, this.status];
  #bytes: Buffer = Buffer.alloc(0);
  readonly #field = new FieldHead();
  readonly #inner = new FieldHead();
  readonly #time = new FieldHead();

  /**
   * Reads the head of the pod between two offsets. `false` if the layout is not the one that Kubernetes writes; the pod must then be
   * decoded.
   */
  read(bytes: Buffer, start: number, end: number): boolean {
    this.#bytes = bytes;
    for (const stretch of this.#stretches) stretch.clear();
    this.created = undefined;
    this.hostNetwork = false;
    this.hostPid = false;
    this.hostIpc = false;
    const field = this.#field;
    let isUsual = true;
    for (let at = start; at < end; at = field.end) {
      if (!field.read(bytes, at, end) || field.end > end) return false;
      if (field.field === POD.metadata) isUsual = this.#readMetadata(field.at, field.end) && isUsual;
      else if (field.field === POD.spec) isUsual = this.#readSpec(field.at, field.end) && isUsual;
      else if (field.field === POD.status) isUsual = this.#readStatus(field.at, field.end) && isUsual;
    }
    return isUsual;
  }

  /** Whether the pod names a class. */
  get hasClass(): boolean {
    return this.runtimeClass.start !== this.runtimeClass.end;
  }

  /** Whether the pod has a node. */
  get isScheduled(): boolean {
    return this.node.start !== this.node.end;
  }

  /** Whether a range contains an ASCII text. */
  is({ start, end }: Stretch, text: string): boolean {
    if (end - start !== text.length) return false;
    for (let at = 0; at < text.length; at++) if (this.#bytes[start + at] !== text.charCodeAt(at)) return false;
    return true;
  }

  /** The text of a range. */
  text({ start, end }: Stretch): string {
    return this.#bytes.toString('utf8', start, end);
  }

  /** The ranges that two pods of one workload share: namespace, labels, owners, class, node selector, tolerations. */
  get shared(): readonly Stretch[] {
    return this.#shared;
  }

  /** The bytes that contain the ranges. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  #readMetadata(start: number, end: number): boolean {
    const field = this.#inner;
    // A second metadata field would be merged with the first, which only the decoder does.
    let isUsual = this.metadata.end === 0;
    this.metadata.set(start, end);
    for (let at = start; at < end; at = field.end) {
      if (!field.read(this.#bytes, at, end) || field.end > end) return false;
      if (field.field > METADATA.ownerReferences) break;
      if (field.field === METADATA.name) this.name.set(field.at, field.end);
      else if (field.field === METADATA.namespace) this.namespace.set(field.at, field.end);
      else if (field.field === METADATA.labels) isUsual = this.labels.extend(at, field.end) && isUsual;
      else if (field.field === METADATA.ownerReferences) isUsual = this.owners.extend(at, field.end) && isUsual;
      else if (field.field === METADATA.creationTimestamp) this.created = this.#seconds(field.at, field.end);
    }
    return isUsual;
  }

  #readSpec(start: number, end: number): boolean {
    const field = this.#inner;
    let isUsual = this.spec.end === 0;
    this.spec.set(start, end);
    for (let at = start; at < end; at = field.end) {
      if (!field.read(this.#bytes, at, end) || field.end > end) return false;
      if (field.field > SPEC.runtimeClassName) break;
      if (field.field === SPEC.nodeSelector) isUsual = this.nodeSelector.extend(at, field.end) && isUsual;
      else if (field.field === SPEC.nodeName) this.node.set(field.at, field.end);
      else if (field.field === SPEC.runtimeClassName) this.runtimeClass.set(field.at, field.end);
      else if (field.field === SPEC.hostNetwork) this.hostNetwork = field.value !== 0;
      else if (field.field === SPEC.hostPID) this.hostPid = field.value !== 0;
      else if (field.field === SPEC.hostIPC) this.hostIpc = field.value !== 0;
      else if (field.field === SPEC.tolerations) isUsual = this.tolerations.extend(at, field.end) && isUsual;
    }
    return isUsual;
  }

  #readStatus(start: number, end: number): boolean {
    const field = this.#inner;
    const isUsual = this.status.end === 0;
    this.status.set(start, end);
    for (let at = start; at < end; at = field.end) {
      if (!field.read(this.#bytes, at, end) || field.end > end) return false;
      if (field.field > STATUS.phase) break;
      this.phase.set(field.at, field.end);
    }
    return isUsual;
  }

  #seconds(start: number, end: number): number | undefined {
    const isThere = this.#time.read(this.#bytes, start, end) && this.#time.field === TIME.seconds;
    return isThere ? this.#time.value : undefined;
  }
}

/** Decodes a head to a pod, without the parts that the head skips. */
export function decodeHead(head: PodHead): WirePod {
  // A range of whole fields is itself a valid message.
  const spec = (stretch: Stretch) => kubernetes.PodSpec.decode(head.bytes.subarray(stretch.start, stretch.end));
  return {
    metadata: kubernetes.ObjectMeta.decode(head.bytes.subarray(head.metadata.start, head.metadata.end)),
    spec: {
      runtimeClassName: head.text(head.runtimeClass),
      nodeSelector: spec(head.nodeSelector).nodeSelector,
      tolerations: spec(head.tolerations).tolerations,
    },
    status: { phase: head.text(head.phase) },
  };
}

/** A copy of the bytes that the pods of one workload share, so that the next pod is compared without creating strings. */
export class SharedBytes {
  #bytes = Buffer.allocUnsafe(4_096);
  #ends: number[] = [];

  /** Copies what a pod shares with the other pods of its workload. */
  keep({ bytes, shared }: PodHead): void {
    this.#ends.length = 0;
    let length = 0;
    for (const { start, end } of shared) {
      this.#makeRoom(length, length + end - start);
      this.#bytes.set(bytes.subarray(start, end), length);
      length += end - start;
      this.#ends.push(length);
    }
  }

  /** Whether a pod shares exactly these bytes. */
  equals({ bytes, shared }: PodHead): boolean {
    let own = 0;
    for (let part = 0; part < shared.length; part++) {
      const { start = 0, end = 0 } = shared[part] ?? {};
      if (own + end - start !== this.#ends[part]) return false;
      for (let at = start; at < end; at++, own++) if (bytes[at] !== this.#bytes[own]) return false;
    }
    return true;
  }

  #makeRoom(used: number, needed: number): void {
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(needed * 2);
    this.#bytes.copy(larger, 0, 0, used);
    this.#bytes = larger;
  }
}
