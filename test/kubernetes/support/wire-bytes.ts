/** A varint of protobuf. */
export function varint(value: number): Buffer {
  return value < 0x80 ? Buffer.from([value]) : Buffer.concat([Buffer.from([(value % 0x80) | 0x80]), varint(Math.floor(value / 0x80))]);
}

/** A field of a message by its number, with bytes as its content. */
export function field(number: number, ...content: readonly Buffer[]): Buffer {
  const bytes = Buffer.concat(content);
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

/** A field with a text. */
export function text(number: number, value: string): Buffer {
  return field(number, Buffer.from(value));
}

/** A field with a number, which is also how protobuf writes a boolean. */
export function flag(number: number, value: number): Buffer {
  return Buffer.concat([varint(number * 8), varint(value)]);
}
