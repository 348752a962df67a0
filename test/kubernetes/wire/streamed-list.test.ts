import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BrokenStream, StreamedList } from '../../../shared/kubernetes/wire/streamed-list.ts';
import { encodeList } from '../../../shared/local/estate/kubernetes/protobuf.ts';
import { field, text, varint } from '../support/wire-bytes.ts';

const HEAD = { resourceVersion: '4711', continue: '', remainingItemCount: undefined };
const listOf = (items: readonly Uint8Array[], kind = 'PodList') =>
  encodeList(
    'v1',
    kind,
    HEAD,
    items.map((item) => Buffer.from(item)),
  );

/** Walks a body that arrives in pieces of these sizes, in turn. */
function walk(body: Buffer, sizes: readonly number[], kind = 'PodList') {
  const items: number[][] = [];
  const list = new StreamedList(kind, (bytes, start, end) => items.push([...bytes.subarray(start, end)]));
  for (let at = 0, turn = 0; at < body.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    list.push(body.subarray(at, at + size));
    at += size;
  }
  return { items, head: list.end() };
}

const someItems = fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 20 });
const somePieces = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 });

describe('a list that is decoded while it arrives', () => {
  it('returns each item and the head, however the bytes are split', () => {
    fc.assert(
      fc.property(someItems, somePieces, (items, sizes) => {
        const walked = walk(listOf(items), sizes);

        expect(walked.items).toEqual(items.map((item) => [...item]));
        expect(walked.head.resourceVersion).toBe('4711');
      }),
    );
  });

  it('is never treated as complete when its end is missing, wherever it was cut', () => {
    const body = listOf([new Uint8Array(10), new Uint8Array(300), new Uint8Array(2)]);
    // Two empty fields follow the list in its frame.
    const wholeAt = body.length - 4;

    for (let length = 0; length < wholeAt; length++) expect(() => walk(body.subarray(0, length), [64]), `${length}`).toThrow(BrokenStream);
    expect(walk(body, [64]).items).toHaveLength(3);
  });

  it('keeps an item of any size that arrives in pieces', () => {
    const large = Uint8Array.from({ length: 70_000 }, (_, at) => at % 251);
    const body = listOf([new Uint8Array(3), large, new Uint8Array(5)]);
    for (const size of [999, 65_536]) expect(walk(body, [size]).items.map(({ length }) => length)).toEqual([3, 70_000, 5]);
    expect(walk(body, [999]).items[1]).toEqual([...large]);
  });

  it('has as many bytes before its list as fit, and one more is refused', () => {
    const frame = (length: number) => Buffer.concat([Buffer.from('k8s\0'), longField(3, length), Buffer.from([0x12, 2, 0x0a, 0])]);
    const room = 65_536 - Buffer.byteLength('k8s\0') - longField(3, 60_000).length + 60_000 - 2;
    expect(walk(frame(room), [50_000]).items).toEqual([]);
    expect(() => walk(frame(room + 1), [50_000])).toThrow('no list begins in its first 65536 bytes');
  });

  it('has its head and items in fields of bytes, and passes over others', () => {
    const head = Buffer.from([0x0a, 6, 0x12, 4, ...Buffer.from('4711')]);
    const body = withRaw(Buffer.concat([head, Buffer.from([0x10, 7, 0x08, 7, 0x1a, 2, 0x12, 0, 0x12, 1, 9])]));
    for (const size of [1, 1_000]) expect(walk(body, [size])).toMatchObject({ items: [[9]], head: { resourceVersion: '4711' } });
  });

  it('has an object of 16 MiB, and none that is larger', () => {
    const lengths: number[] = [];
    const push = (length: number) => {
      const list = new StreamedList('PodList', (_, start, end) => lengths.push(end - start));
      list.push(withRaw(longField(2, length)));
    };
    push(16_777_216 - 5);
    expect(lengths).toEqual([16_777_216 - 5]);
    expect(() => push(16_777_216 - 4)).toThrow('one object has 16777217 bytes');
  });

  it('of another kind is refused with no more than the beginning of its name', () => {
    expect(() => walk(listOf([], 'x'.repeat(99)), [1_000])).toThrow(/got "x{59}$/);
  });

  it.each<[string, Buffer, string]>([
    ['a list that is a number', Buffer.from([...Buffer.from('k8s\0'), 0x10, 2, 0x1a, 1, 9]), 'ended before its list began'],
    ['JSON', Buffer.from('{"kind":"PodList","items":[]}'), 'does not begin like Kubernetes protobuf'],
    ['another kind', listOf([], 'NodeList'), 'expected a PodList, got "NodeList"'],
    ['bytes after its end', Buffer.concat([listOf([]), Buffer.from([0x1a, 5, 1])]), 'in the middle of its last field'],
    ['many bytes after its end', Buffer.concat([listOf([]), Buffer.alloc(100_000)]), 'more than the expected 65536 bytes'],
    ['a frame without a list', Buffer.concat([Buffer.from('k8s\0'), longField(1, 100_000)]), 'no list begins in its first 65536 bytes'],
    ['an item beyond its end', withRaw(Buffer.from([0x12, 100])), 'longer than the rest'],
    ['a huge item', withRaw(Buffer.from([0x12, 0xff, 0xff, 0xff, 0x7f]), 1_000_000_000), 'more than the maximum of 16777216'],
    ['a field with an unknown wire type', withRaw(Buffer.from([0x13, 1, 1])), 'wire type 3'],
    ['an endless number', withRaw(Buffer.alloc(12, 0xff)), 'longer than ten bytes'],
    ['no head', withRaw(Buffer.from([0x12, 0])), 'has no metadata'],
  ])('refuses %s', (_, body, why) => {
    for (const size of body.length > 1_000 ? [4_096, 200_000] : [1, 7, 1_000]) expect(() => walk(body, [size])).toThrow(why);
  });
});

function longField(number: number, length: number): Buffer {
  return field(number, Buffer.alloc(length));
}

/** A frame whose list is these bytes, or declares more. */
function withRaw(list: Buffer, length = list.length): Buffer {
  return Buffer.concat([Buffer.from('k8s\0'), field(1, text(2, 'PodList')), Buffer.from([0x12]), varint(length), list]);
}
