import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { createGunzip, gunzip } from 'node:zlib';
import { Fault } from '../../domain/snapshot/fault.ts';

const unzip = promisify(gunzip);
const UNZIP_CHUNK = 1_048_576;
const SMALLEST = 262_144;

/** Reused buffers for response bodies: a new buffer for each page would be most of what a long list allocates. */
export class BodyBuffers {
  readonly #free: Buffer[] = [];

  /** Returns a buffer of at least this size. */
  take(size: number): Buffer {
    const fitting = this.#free.findIndex(({ length }) => length >= size);
    const [buffer] = fitting < 0 ? [] : this.#free.splice(fitting, 1);
    return buffer ?? Buffer.allocUnsafeSlow(Math.max(SMALLEST, size));
  }

  /** Returns a buffer to the pool; the caller must not use it any more. Smaller buffers are dropped. */
  give(buffer: Buffer): void {
    if (this.#free.every(({ length }) => length < buffer.length)) this.#free.length = 0;
    this.#free.push(buffer);
  }
}

/** A response body, valid until it is released. */
export interface Body {
  readonly bytes: Buffer;
  readonly release: () => void;
}

/** Reads and decompresses a whole response; throws `Fault('too-large')` before it holds more than `most` bytes. */
export async function readBody(response: IncomingMessage, most: number, buffers: BodyBuffers): Promise<Body> {
  const isUnzipped = !isPacked(response);
  const body = await collect(response, most, buffers);
  if (isUnzipped) return body;
  try {
    return { bytes: await unzip(body.bytes, { maxOutputLength: most, chunkSize: UNZIP_CHUNK }), release: () => undefined };
  } catch (cause) {
    if (cause instanceof RangeError) throw tooLarge(most);
    throw new Fault('malformed', 'The API server’s compressed response is damaged.', { cause });
  } finally {
    body.release();
  }
}

/** Wraps an error thrown by the consumer of a stream, to tell it from an error of the stream. */
export class Refused extends Error {
  constructor(cause: unknown) {
    super('The consumer of the stream threw.', { cause });
  }
}

/** Passes each decompressed chunk of a response to `take`; throws `Refused` if `take` throws. Holds one chunk at a time. */
export function streamBody(response: IncomingMessage, take: (chunk: Buffer) => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const fail = (error: NodeJS.ErrnoException) =>
    reject(
      error.code?.startsWith('Z_') ? new Fault('malformed', 'The API server’s compressed response is damaged.', { cause: error }) : error,
    );
  const unpacked = isPacked(response) ? response.pipe(createGunzip({ chunkSize: UNZIP_CHUNK })) : response;
  unpacked.on('data', (chunk: Buffer) => {
    try {
      take(chunk);
    } catch (cause) {
      reject(new Refused(cause));
      response.destroy();
    }
  });
  response.on('error', fail);
  unpacked.on('error', fail);
  unpacked.on('end', resolve);
  return promise;
}

function isPacked(response: IncomingMessage): boolean {
  const encoding = response.headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity' || encoding === 'gzip') return encoding === 'gzip';
  response.destroy();
  throw new Fault('malformed', `The API server used a content encoding that was not requested: ${JSON.stringify(encoding)}.`);
}

/** Uses plain events, because async iteration would cost a promise for every 64 KiB. */
function collect(response: IncomingMessage, most: number, buffers: BodyBuffers): Promise<Body> {
  const { promise, resolve, reject } = Promise.withResolvers<Body>();
  const announced = Number(response.headers['content-length'] ?? 0);
  if (announced > most) {
    response.destroy();
    throw tooLarge(most);
  }
  let buffer = buffers.take(announced);
  let size = 0;
  response.on('data', (chunk: Buffer) => {
    if (size + chunk.length > most) response.destroy(tooLarge(most));
    else {
      if (size + chunk.length > buffer.length) buffer = grown(buffer, size, size + chunk.length, buffers);
      chunk.copy(buffer, size);
      size += chunk.length;
    }
  });
  response.on('error', reject);
  response.on('end', () => resolve({ bytes: buffer.subarray(0, size), release: () => buffers.give(buffer) }));
  return promise;
}

function grown(buffer: Buffer, used: number, needed: number, buffers: BodyBuffers): Buffer {
  const larger = buffers.take(Math.max(needed, buffer.length * 2));
  buffer.copy(larger, 0, 0, used);
  return larger;
}

function tooLarge(most: number): Fault {
  return new Fault('too-large', `The API server sent more than ${Math.round(most / 1_048_576)} MiB in one response.`);
}
