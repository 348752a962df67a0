import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { Fault } from '../domain/fault.ts';

const unzip = promisify(gunzip);
const UNZIP_CHUNK = 1_048_576;

/** Reads an answer to its end and unpacks it; throws `Fault('too-large')` before it holds more than `most` bytes. */
export async function readBody(response: IncomingMessage, most: number): Promise<Buffer> {
  const body = await collect(response, most);
  const encoding = response.headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity') return body;
  if (encoding !== 'gzip') {
    throw new Fault('malformed', `The API server encoded its answer in a way that was not asked for: ${JSON.stringify(encoding)}.`);
  }
  try {
    return await unzip(body, { maxOutputLength: most, chunkSize: UNZIP_CHUNK });
  } catch (cause) {
    if (cause instanceof RangeError) throw tooLarge(most);
    throw new Fault('malformed', 'The API server’s compressed answer is damaged.', { cause });
  }
}

async function collect(response: IncomingMessage, most: number): Promise<Buffer> {
  if (Number(response.headers['content-length'] ?? 0) > most) {
    response.destroy();
    throw tooLarge(most);
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    size += chunk.length;
    if (size > most) throw tooLarge(most);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

function tooLarge(most: number): Fault {
  return new Fault('too-large', `The API server sent more than ${Math.round(most / 1_048_576)} MiB in one answer.`);
}
