import { FieldHead, NotProtobuf, WIRE } from './field-head.ts';
import { kubernetes } from './kubernetes.generated.js';
import type { WireListMeta } from './messages.ts';

/*
 * Parses a protobuf list while its bytes arrive. The body is `k8s\0` and one runtime.Unknown, whose
 * field `raw` contains the list after the list's length: a response that ends before that length was
 * cut off. Source: k8s.io/apimachinery/pkg/runtime/serializer/protobuf (streaming
 * of collections, Kubernetes 1.33 and newer).
 */

/** The bytes are not the requested list, or only a part of it. */
export class BrokenStream extends Error {}

const MAGIC = 'k8s\0';
const TYPE_META = 1;
const RAW = 2;
const METADATA = 1;
const ITEMS = 2;
/** The frame around a list takes some tens of bytes. */
const MAX_FRAME = 65_536;
/** An API server accepts no object above 3 MiB, and etcd none above 1.5 MiB by default. */
const MAX_ITEM = 16 * 1_048_576;

/** Receives one item: its bytes between two offsets, valid only during the call. */
export type TakeItem = (bytes: Buffer, start: number, end: number) => void;

/** Parses one list chunk by chunk; holds at most one item in memory. */
export class StreamedList {
  readonly #listKind: string;
  readonly #take: TakeItem;
  readonly #head = new FieldHead();
  #state: 'frame' | 'list' | 'tail' = 'frame';
  /** The start of an incomplete part: the frame, a field of the list, or what follows the list. */
  #held = Buffer.allocUnsafe(MAX_FRAME);
  #heldLength = 0;
  /** Number of bytes of the list that are still to come. */
  #left = 0;
  #metadata: WireListMeta | undefined;

  constructor(listKind: string, take: TakeItem) {
    this.#listKind = listKind;
    this.#take = take;
  }

  /** Parses the next bytes; throws `BrokenStream` if they cannot be such a list. */
  push(chunk: Buffer): void {
    try {
      let at = this.#state === 'frame' ? this.#readFrame(chunk) : 0;
      if (this.#state === 'list') at = this.#readFields(chunk, at);
      if (this.#state === 'tail') this.#hold(chunk, at, chunk.length, MAX_FRAME);
    } catch (error) {
      throw error instanceof NotProtobuf ? new BrokenStream(error.message) : error;
    }
  }

  /** Must be called when the response ends. Returns the list's metadata; throws `BrokenStream` if a part is missing. */
  end(): WireListMeta {
    if (this.#state === 'frame') throw new BrokenStream('the response ended before its list began');
    if (this.#state === 'list') throw new BrokenStream(`the response ended ${this.#left} bytes before the end of its list`);
    for (let at = 0; at < this.#heldLength; at = this.#head.end) {
      const isWhole = this.#head.read(this.#held, at, this.#heldLength) && this.#head.end <= this.#heldLength;
      if (!isWhole) throw new BrokenStream('the response ended in the middle of its last field');
    }
    if (this.#metadata === undefined) throw new BrokenStream('the list has no metadata');
    return this.#metadata;
  }

  /** Reads up to the start of the list; returns that offset in the chunk, or the chunk's end. */
  #readFrame(chunk: Buffer): number {
    const before = this.#heldLength;
    this.#hold(chunk, 0, Math.min(chunk.length, MAX_FRAME - before), MAX_FRAME);
    const begins = this.#findList();
    if (begins === undefined) {
      if (this.#heldLength === MAX_FRAME) throw new BrokenStream(`no list begins in its first ${MAX_FRAME} bytes`);
      return chunk.length;
    }
    this.#heldLength = 0;
    this.#state = 'list';
    return begins - before;
  }

  #findList(): number | undefined {
    const head = this.#head;
    if (!MAGIC.startsWith(this.#held.toString('latin1', 0, Math.min(MAGIC.length, this.#heldLength)))) {
      throw new BrokenStream('the response does not begin like Kubernetes protobuf');
    }
    for (let at = MAGIC.length; head.read(this.#held, at, this.#heldLength); at = head.end) {
      if (head.field === RAW && head.wireType === WIRE.bytes) {
        this.#left = head.value;
        return head.at;
      }
      if (head.end > this.#heldLength) return undefined;
      if (head.field === TYPE_META) this.#assertKind(this.#held.subarray(head.at, head.end));
    }
    return undefined;
  }

  #assertKind(typeMeta: Uint8Array): void {
    const { kind } = kubernetes.TypeMeta.decode(typeMeta);
    if (kind !== this.#listKind) throw new BrokenStream(`expected a ${this.#listKind}, got ${JSON.stringify(kind ?? null).slice(0, 60)}`);
  }

  /** Passes on the fields that the chunk completes; returns the offset after the list, or the chunk's end. */
  #readFields(chunk: Buffer, from: number): number {
    const head = this.#head;
    let at = from;
    while (at < chunk.length && this.#left > 0) {
      if (this.#heldLength > 0) {
        at = this.#completeField(chunk, at);
        continue;
      }
      const isRead = head.read(chunk, at, chunk.length);
      if (isRead) this.#assertFits(head.end - at);
      if (isRead && head.end <= chunk.length) {
        this.#takeField(chunk, head.end - at);
        at = head.end;
      } else {
        this.#hold(chunk, at, chunk.length, MAX_ITEM);
        at = chunk.length;
      }
    }
    if (this.#left === 0) this.#state = 'tail';
    return at;
  }

  /** Adds bytes to the incomplete field, and passes it on once it is complete; returns the offset after the added bytes. */
  #completeField(chunk: Buffer, from: number): number {
    const head = this.#head;
    let at = from;
    // Byte by byte, so that no bytes after the field are kept with it.
    while (!head.read(this.#held, 0, this.#heldLength)) {
      if (at === chunk.length) return at;
      this.#hold(chunk, at, at + 1, MAX_ITEM);
      at += 1;
    }
    this.#assertFits(head.end);
    const added = Math.min(head.end - this.#heldLength, chunk.length - at);
    this.#hold(chunk, at, at + added, MAX_ITEM);
    if (this.#heldLength === head.end) {
      this.#takeField(this.#held, head.end);
      this.#heldLength = 0;
    }
    return at + added;
  }

  /** Passes on the field whose head was read; `size` includes the head. */
  #takeField(bytes: Buffer, size: number): void {
    const { field, wireType, at, end } = this.#head;
    if (wireType === WIRE.bytes && field === ITEMS) this.#take(bytes, at, end);
    else if (wireType === WIRE.bytes && field === METADATA) this.#metadata = kubernetes.ListMeta.decode(bytes.subarray(at, end));
    this.#left -= size;
  }

  #assertFits(size: number): void {
    if (size > MAX_ITEM) throw new BrokenStream(`one object has ${size} bytes, more than the maximum of ${MAX_ITEM}`);
    if (size > this.#left) throw new BrokenStream('an object is longer than the rest of its list');
  }

  #hold(chunk: Buffer, from: number, end: number, most: number): void {
    const needed = this.#heldLength + end - from;
    if (needed > most) throw new BrokenStream(`more than the expected ${most} bytes arrived`);
    if (needed > this.#held.length) {
      const larger = Buffer.allocUnsafe(Math.min(most, Math.max(needed, this.#held.length * 2)));
      this.#held.copy(larger, 0, 0, this.#heldLength);
      this.#held = larger;
    }
    chunk.copy(this.#held, this.#heldLength, from, end);
    this.#heldLength = needed;
  }
}
