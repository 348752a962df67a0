import { describe, expect, it } from 'vitest';
import { FieldHead, NotProtobuf } from '../../../shared/kubernetes/wire/field-head.ts';

/** Source of the encodings: protobuf.dev/programming-guides/encoding. */
const read = (bytes: readonly number[], at = 0, end = bytes.length) => {
  const head = new FieldHead();
  const isRead = head.read(Uint8Array.from(bytes), at, end);
  return isRead ? [head.field, head.wireType, head.value, head.at, head.end] : isRead;
};

describe('the head of a field', () => {
  it.each<[string, readonly number[], readonly number[]]>([
    ['a number of one byte', [0x08, 0x7f], [1, 0, 127, 2, 2]],
    ['a number of two bytes', [0x08, 0x80, 0x01], [1, 0, 128, 3, 3]],
    ['a number of three bytes', [0x08, 0x81, 0x82, 0x03], [1, 0, 1 + 2 * 128 + 3 * 16_384, 4, 4]],
    ['a number beyond 32 bits', [0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], [1, 0, 2 ** 35, 7, 7]],
    ['a number of ten bytes', [0x08, ...Array<number>(9).fill(0x80), 0x00], [1, 0, 0, 11, 11]],
    ['a field of two bytes', [0x80, 0x01, 7], [16, 0, 7, 3, 3]],
    ['bytes', [0x12, 3, 1, 2, 3], [2, 2, 3, 2, 5]],
    ['no bytes', [0x12, 0], [2, 2, 0, 2, 2]],
    ['bytes that have not arrived', [0x12, 3], [2, 2, 3, 2, 5]],
    ['many bytes', [0x12, 0x80, 0x01], [2, 2, 128, 3, 131]],
    ['64 bits', [0x09], [1, 1, 8, 1, 9]],
    ['32 bits', [0x0d], [1, 5, 4, 1, 5]],
    ['field 0', [0x00, 1], [0, 0, 1, 2, 2]],
    ['field 0 in two bytes', [0x80, 0x00, 1], [0, 0, 1, 3, 3]],
  ])('of %s', (_, bytes, expected) => {
    expect(read(bytes)).toEqual(expected);
    // The same in the middle of others.
    const [field = 0, wireType = 0, value = 0, at = 0, end = 0] = expected;
    expect(read([1, 2, ...bytes, 9], 2, 2 + bytes.length)).toEqual([field, wireType, value, at + 2, end + 2]);
  });

  it.each<[string, readonly number[], number]>([
    ['nothing', [], 0],
    ['nothing before 64 bits', [0x09], 0],
    ['half a field', [0x80], 1],
    ['no number', [0x08], 1],
    ['half a number', [0x08, 0x80], 2],
    ['no length', [0x12], 1],
    ['a field that ends before its bytes do', [0x80, 0x01, 7], 1],
    ['a number that ends before its bytes do', [0x08, 7], 1],
    ['a long number that ends before its bytes do', [0x08, 0x80, 0x01], 2],
    ['fewer bytes than it ends at', [0x08], 5],
    ['no bytes at all where it ends', [], 5],
  ])('is not read from %s', (_, bytes, end) => {
    expect(read(bytes, 0, end)).toBe(false);
  });

  it.each([3, 4, 6, 7])('of wire type %i is refused', (wireType) => {
    expect(() => read([0x08 | wireType, 0])).toThrow(NotProtobuf);
  });

  it('whose number does not end is refused', () => {
    expect(() => read([0x08, ...Array<number>(11).fill(0xff)])).toThrow(NotProtobuf);
    expect(() => read([0x08, ...Array<number>(10).fill(0x80), 0x00])).toThrow(NotProtobuf);
  });
});
