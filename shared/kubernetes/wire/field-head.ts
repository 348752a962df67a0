/** The wire types of protobuf that Kubernetes uses. Source: protobuf.dev/programming-guides/encoding. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** The bytes are not valid protobuf. */
export class NotProtobuf extends Error {}

/**
 * Reads protobuf field heads one after another into its own members. In a list of 100,000 objects with hundreds of fields, creating an
 * object for each head would be most of the work.
 */
export class FieldHead {
  /** The field's number. */
  field = 0;
  wireType = 0;
  /** The value of a varint; the length of any other field. */
  value = 0;
  /** The offset at which a varint ends, or at which the content of another field begins. */
  at = 0;
  /** The offset at which the field ends. */
  end = 0;

  /** Reads the field head at an offset; `false` if the bytes end in the middle of it. */
  read(bytes: Uint8Array, at: number, end: number): boolean {
    let tag = at < end ? (bytes[at] ?? 0x80) : 0x80;
    this.at = at + 1;
    // Most varints have one byte.
    if (tag >= 0x80) {
      tag = this.#number(bytes, at, end);
      if (tag < 0) return false;
    }
    this.field = tag >>> 3;
    this.wireType = tag & 7;
    if (this.wireType === WIRE.bytes || this.wireType === WIRE.varint) {
      const value = this.at < end ? (bytes[this.at] ?? 0x80) : 0x80;
      this.value = value < 0x80 ? value : this.#number(bytes, this.at, end);
      if (value < 0x80) this.at += 1;
    } else if (this.wireType === WIRE.fixed64) this.value = 8;
    else if (this.wireType === WIRE.fixed32) this.value = 4;
    else throw new NotProtobuf(`a field has the wire type ${this.wireType}`);
    this.end = this.wireType === WIRE.varint ? this.at : this.at + this.value;
    return this.value >= 0;
  }

  /** Reads a number below 2^53 and sets the offset after it; -1 if the bytes end in the middle of it. */
  #number(bytes: Uint8Array, from: number, end: number): number {
    let value = 0;
    for (let at = from, factor = 1; at < from + 10; at++, factor *= 0x80) {
      const byte = at < end ? bytes[at] : undefined;
      if (byte === undefined) return -1;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        this.at = at + 1;
        return value;
      }
    }
    throw new NotProtobuf('a number is longer than ten bytes');
  }
}
