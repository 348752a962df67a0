/** Text is sent in chunks of up to this many characters, because a chunk per line would cost more than the line. */
const CHUNK_LENGTH = 32_768;

/**
 * Returns a body that is written while its input is read, at most one chunk ahead. The first input is read before this resolves, so that
 * a storage failure becomes an error response and not a broken body. A later failure cuts the body off, which shows the reader that it is
 * incomplete.
 */
export async function streamOf<T>(
  input: AsyncGenerator<T, void, undefined>,
  write: (input: AsyncIterable<T>) => AsyncIterable<string>,
): Promise<ReadableStream<Uint8Array>> {
  const first = await input.next();
  const encoder = new TextEncoder();
  const pieces = chunks(write(resumed(first, input)));
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { done, value } = await pieces.next();
        if (done === true) controller.close();
        else controller.enqueue(encoder.encode(value));
      },
      cancel: async () => {
        await pieces.return();
        await input.return();
      },
    },
    { highWaterMark: 0 },
  );
}

async function* resumed<T>(first: IteratorResult<T, void>, rest: AsyncGenerator<T, void, undefined>): AsyncGenerator<T, void, undefined> {
  if (first.done === true) return;
  yield first.value;
  yield* rest;
}

async function* chunks(pieces: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  let held = '';
  for await (const piece of pieces) {
    held += piece;
    if (held.length < CHUNK_LENGTH) continue;
    yield held;
    held = '';
  }
  if (held !== '') yield held;
}

/** Returns a body whose bytes are read on demand. */
export function bytesOf(bytes: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const chunks = bytes[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { done, value } = await chunks.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => {
        await chunks.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
