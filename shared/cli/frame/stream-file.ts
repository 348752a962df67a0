import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UsageError } from './usage-error.ts';

/**
 * Writes pieces to a file as they come, or to the standard output when none is named. The file gets
 * its name only when it is whole and on the disk: what breaks off leaves what was there before. Only its owner may
 * read it: it tells of weaknesses.
 */
export async function writePieces(path: string | undefined, pieces: AsyncIterable<string | Uint8Array>): Promise<void> {
  if (path === undefined) {
    await pipeline(Readable.from(pieces), process.stdout, { end: false }).catch(unlessTold);
    return;
  }
  try {
    await ((await isDevice(path)) ? intoDevice(path, pieces) : intoFile(path, pieces));
  } catch (cause) {
    if (cause instanceof Error && 'syscall' in cause) throw new UsageError(`Cannot write ${path}: ${cause.message}`, { cause });
    throw cause;
  }
}

async function intoFile(path: string, pieces: AsyncIterable<string | Uint8Array>): Promise<void> {
  // A name that nobody can foresee, made anew or not at all: nobody can have put a link there for us to write through.
  const part = `${path}.${randomBytes(6).toString('hex')}.part`;
  try {
    await pipeline(Readable.from(pieces), createWriteStream(part, { flags: 'wx', mode: 0o600, flush: true }));
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

function intoDevice(path: string, pieces: AsyncIterable<string | Uint8Array>): Promise<void> {
  return pipeline(Readable.from(pieces), createWriteStream(path));
}

/** Whether a path is there and is no file, such as `/dev/stdout` or a pipe: nothing can take its name. */
async function isDevice(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && !found.isFile();
}

/** Who listens to the standard output tells of its failures: `main.ts` does. */
function unlessTold(error: unknown): void {
  if (!(error instanceof Error && 'syscall' in error)) throw error;
}
