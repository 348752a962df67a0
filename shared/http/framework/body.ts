import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { ApiRequest } from './api.ts';
import { Problem } from './problem.ts';

/** Size limits of a request body. */
export interface BodyBounds {
  /** Bytes as transferred; if absent, `MAX_BODY_BYTES`. */
  readonly maxBytes?: number;
  /** Bytes after decompression of a body with `content-encoding: gzip`; if absent, no encoding is accepted. */
  readonly maxUnpackedBytes?: number;
}

/** The default size limit; the largest body of such an operation is an exemption. */
const MAX_BODY_BYTES = 65_536;
const unpack = promisify(gunzip);

/** Reads and decompresses the text of a body. A body that the operation does not need is not read; one that is too large is refused. */
export async function readBounded({ headers, body }: ApiRequest, wanted: BodyBounds | undefined): Promise<string> {
  const most = wanted?.maxBytes ?? MAX_BODY_BYTES;
  if (Number(headers.get('content-length') ?? 0) > most) throw tooLarge(most);
  if (wanted === undefined) return '';
  const bytes = await readUpTo(body, most);
  if (bytes === undefined) throw tooLarge(most);
  return new TextDecoder().decode(await unpacked(bytes, headers.get('content-encoding'), wanted));
}

async function unpacked(bytes: Uint8Array, encoding: string | null, { maxUnpackedBytes }: BodyBounds): Promise<Uint8Array> {
  if (encoding === null || maxUnpackedBytes === undefined) return bytes;
  if (encoding.toLowerCase() !== 'gzip') throw new Problem(415, 'The body may only be encoded with gzip.');
  try {
    return await unpack(bytes, { maxOutputLength: maxUnpackedBytes });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxUnpackedBytes, ' once it is decompressed');
    if (code.startsWith('Z_')) throw new Problem(400, 'The body cannot be decompressed: it is not gzip, or was cut off.');
    throw error;
  }
}

function tooLarge(most: number, when = ''): Problem {
  return new Problem(413, `The body is larger than ${most} bytes${when}.`);
}

/** A body that is too large is read to its end but not kept, because closing the connection would also lose the response. */
async function readUpTo(body: ApiRequest['body'], most: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size <= most) chunks.push(chunk);
    else chunks.length = 0;
  }
  return size > most ? undefined : Buffer.concat(chunks);
}
