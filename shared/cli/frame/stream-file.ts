import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UsageError } from './usage-error.ts';

/**
 * Streams text into a file, or to standard output if no file is named. The file appears under its name only when it is complete
 * and on disk, so a failed write keeps the earlier file. It is readable only by its owner, because it describes weaknesses.
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
  // An unpredictable name, created exclusively: nobody can have placed a link there for this process to write through.
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

/** Whether a path exists and is not a regular file, such as `/dev/stdout` or a pipe, and so cannot be replaced by a rename. */
async function isDevice(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && !found.isFile();
}

/** Failures of standard output itself are reported by its listener in `main.ts`. */
function unlessTold(error: unknown): void {
  if (!(error instanceof Error && 'syscall' in error)) throw error;
}
