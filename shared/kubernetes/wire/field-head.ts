/** The wire types of protobuf that Kubernetes uses. Source: protobuf.dev/programming-guides/encoding. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** What is read is no protobuf. */
export class NotProtobuf extends Error {}

/**
 * Reads the heads of protobuf's fields, one after the other, into members of its own: in lists of
 * 100,000 objects of hundreds of fields, an object for each head would be most of the work.
 */
export class FieldHead {
  /** The field's number. */
  field = 0;
  wireType = 0;
  /** The value of a number; the length of anything else. */
  value = 0;
  /** Where the value of a number ends; where anything else begins. */
  at = 0;

  /** Reads the head of a field that begins at a place; `false` when the bytes end in the middle of it. */
  read(bytes: Uint8Array, at: number, end: number): boolean {
    this.at = at;
    const tag = this.#number(bytes, end);
    if (tag < 0) return false;
    this.field = tag >>> 3;
    this.wireType = tag & 7;
    if (this.wireType === WIRE.bytes || this.wireType === WIRE.varint) this.value = this.#number(bytes, end);
    else if (this.wireType === WIRE.fixed64) this.value = 8;
    else if (this.wireType === WIRE.fixed32) this.value = 4;
    else throw new NotProtobuf(`a field has the wire type ${this.wireType}`);
    return this.value >= 0;
  }

  /** Where the field ends whose head was read. */
  get end(): number {
    return this.wireType === WIRE.varint ? this.at : this.at + this.value;
  }

  /** A number below 2^53; -1 when the bytes end in the middle of it. */
  #number(bytes: Uint8Array, end: number): number {
    let value = 0;
    for (let factor = 1, size = 0; size < 10; size++, factor *= 0x80) {
      const byte = this.at < end ? bytes[this.at] : undefined;
      if (byte === undefined) return -1;
      this.at += 1;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw new NotProtobuf('a number is longer than ten bytes');
  }
}
