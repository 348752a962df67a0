const LINE_FEED = 0x0a;
/** No entry of a bundle has nearly this size; a longer line is not a bundle and must not fill the memory. */
const MAX_LINE_BYTES = 268_435_456;

/** Splits bytes at line feeds only; the text after the last one is also a line, mostly empty. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>, most = MAX_LINE_BYTES): AsyncGenerator<Uint8Array, void, undefined> {
  let held: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, from)) {
      yield Buffer.concat([...held, chunk.subarray(from, at)]);
      held = [];
      length = 0;
      from = at + 1;
    }
    held.push(chunk.subarray(from));
    length += chunk.length - from;
    if (length > most) throw new RangeError(`A line is longer than ${most} bytes.`);
  }
  yield Buffer.concat(held);
}
