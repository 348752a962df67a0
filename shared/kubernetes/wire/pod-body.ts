import { FieldHead, NotProtobuf } from './field-head.ts';
import type { PodHead } from './pod-head.ts';

/*
 * Reads the features that weaken a running pod's sandbox, or leave it too little memory, from the protobuf bytes after its head.
 * Field numbers are those of `kubernetes.proto`. Rare cases that need more than these bytes are left to the decoder: claims, debug
 * containers, limits that may be zero, and waits.
 */

const SPEC = { volumes: 1, containers: 2, initContainers: 20, overhead: 32, ephemeralContainers: 34, resources: 40 };
const VOLUME = { source: 2 };
const SOURCE = { hostPath: 1, persistentVolumeClaim: 10, ephemeral: 29 };
const CONTAINER = { resources: 8, securityContext: 15, restartPolicy: 24 };
const SECURITY = { privileged: 2 };
const RESOURCES = { limits: 1 };
const ENTRY = { key: 1, value: 2 };
const QUANTITY = { text: 1 };
const STATUS = { containerStatuses: 8, initContainerStatuses: 10 };
const CONTAINER_STATUS = { state: 2 };
const STATE = { waiting: 1 };
const MEMORY = Buffer.from('memory');
const ALWAYS = Buffer.from('Always');
const [ONE, NINE] = [0x31, 0x39];

/** Reads the body of one pod; reused for the next pod. */
export class PodBody {
  hostPath = false;
  privileged = false;
  /** Whether the pod, or each container that lives as long as the pod, has a memory limit. */
  memoryLimit = false;
  /** Whether the admission of the pod's class added memory. */
  overhead = false;
  #isUsual = true;
  #bytes: Buffer = Buffer.alloc(0);
  /** One field head for each nesting level. */
  readonly #field = new FieldHead();
  readonly #inner = new FieldHead();
  readonly #part = new FieldHead();
  readonly #entry = new FieldHead();
  readonly #quantity = new FieldHead();

  /** Reads the body of the pod whose head was read; `false` if it must be decoded. Throws `NotProtobuf` for invalid bytes. */
  read({ bytes, spec, status }: PodHead): boolean {
    this.#bytes = bytes;
    this.hostPath = false;
    this.privileged = false;
    this.memoryLimit = true;
    this.overhead = false;
    this.#isUsual = true;
    this.#readSpec(spec.start, spec.end);
    this.#readStatus(status.start, status.end);
    return this.#isUsual;
  }

  #readSpec(start: number, end: number): void {
    const field = this.#field;
    let hasPodLimit = false;
    for (let at = start; at < end; at = field.end) {
      this.#step(field, at, end);
      if (field.field === SPEC.volumes) this.#readVolume(field.at, field.end);
      else if (field.field === SPEC.containers) this.#readContainer(field.at, field.end, true);
      else if (field.field === SPEC.initContainers) this.#readContainer(field.at, field.end, false);
      else if (field.field === SPEC.ephemeralContainers) this.#isUsual = false;
      else if (field.field === SPEC.overhead) this.overhead = this.#isMemory(field.at, field.end) || this.overhead;
      else if (field.field === SPEC.resources) hasPodLimit = this.#limitsMemory(field.at, field.end);
    }
    this.memoryLimit ||= hasPodLimit;
  }

  #readVolume(start: number, end: number): void {
    const [volume, source] = [this.#inner, this.#part];
    for (let at = start; at < end; at = volume.end) {
      this.#step(volume, at, end);
      if (volume.field !== VOLUME.source) continue;
      for (let inner = volume.at; inner < volume.end; inner = source.end) {
        this.#step(source, inner, volume.end);
        if (source.field === SOURCE.hostPath) this.hostPath = true;
        else if (source.field === SOURCE.persistentVolumeClaim || source.field === SOURCE.ephemeral) this.#isUsual = false;
      }
    }
  }

  /** Reads a container or an init container; an init container lives as long as the pod only if it is a sidecar. */
  #readContainer(start: number, end: number, isContainer: boolean): void {
    const field = this.#inner;
    let hasLimit = false;
    let lives = isContainer;
    for (let at = start; at < end; at = field.end) {
      this.#step(field, at, end);
      if (field.field === CONTAINER.resources) hasLimit = this.#limitsMemory(field.at, field.end);
      else if (field.field === CONTAINER.securityContext) this.#readSecurity(field.at, field.end);
      else if (field.field === CONTAINER.restartPolicy && !isContainer) lives = this.#is(field.at, field.end, ALWAYS);
    }
    if (lives && !hasLimit) this.memoryLimit = false;
  }

  #readSecurity(start: number, end: number): void {
    const field = this.#part;
    for (let at = start; at < end; at = field.end) {
      this.#step(field, at, end);
      if (field.field === SECURITY.privileged && field.value !== 0) this.privileged = true;
    }
  }

  #limitsMemory(start: number, end: number): boolean {
    const field = this.#part;
    for (let at = start; at < end; at = field.end) {
      this.#step(field, at, end);
      if (field.field === RESOURCES.limits && this.#isMemory(field.at, field.end)) return true;
    }
    return false;
  }

  /** Whether an entry of a map of quantities is for memory. */
  #isMemory(start: number, end: number): boolean {
    const field = this.#entry;
    let [isMemory, isPositive] = [false, false];
    for (let at = start; at < end; at = field.end) {
      this.#step(field, at, end);
      if (field.field === ENTRY.key) isMemory = this.#is(field.at, field.end, MEMORY);
      else if (field.field === ENTRY.value) isPositive = this.#isPositive(field.at, field.end);
    }
    if (isMemory && !isPositive) this.#isUsual = false;
    return isMemory;
  }

  /** Whether a quantity is clearly above zero: it begins with a digit above zero. */
  #isPositive(start: number, end: number): boolean {
    const field = this.#quantity;
    if (start === end) return false;
    this.#step(field, start, end);
    const first = field.field === QUANTITY.text && field.at < field.end ? (this.#bytes[field.at] ?? 0) : 0;
    return first >= ONE && first <= NINE;
  }

  #readStatus(start: number, end: number): void {
    const field = this.#field;
    for (let at = start; at < end; at = field.end) {
      this.#step(field, at, end);
      if (field.field === STATUS.containerStatuses || field.field === STATUS.initContainerStatuses) {
        this.#readContainerStatus(field.at, field.end);
      }
    }
  }

  #readContainerStatus(start: number, end: number): void {
    const [status, state] = [this.#inner, this.#part];
    for (let at = start; at < end; at = status.end) {
      this.#step(status, at, end);
      if (status.field !== CONTAINER_STATUS.state) continue;
      for (let inner = status.at; inner < status.end; inner = state.end) {
        this.#step(state, inner, status.end);
        if (state.field === STATE.waiting) this.#isUsual = false;
      }
    }
  }

  #is(start: number, end: number, text: Buffer): boolean {
    if (end - start !== text.length) return false;
    for (let at = 0; at < text.length; at++) if (this.#bytes[start + at] !== text[at]) return false;
    return true;
  }

  #step(field: FieldHead, at: number, end: number): void {
    if (!field.read(this.#bytes, at, end) || field.end > end) throw new NotProtobuf('a field ends after the object that contains it');
  }
}
