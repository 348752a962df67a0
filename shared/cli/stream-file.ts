import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UsageError } from './usage-error.ts';

/**
 * Writes pieces to a file as they come, or to the standard output when none is named. The file gets
 * its name only when it is whole: what breaks off leaves nothing that could be taken for a document.
 */
export async function writePieces(path: string | undefined, pieces: AsyncIterable<string | Uint8Array>): Promise<void> {
  if (path === undefined) {
    await pipeline(Readable.from(pieces), process.stdout, { end: false }).catch(unlessClosed);
    return;
  }
  const part = `${path}.part`;
  try {
    await pipeline(Readable.from(pieces), createWriteStream(part, { flags: 'w' }));
    await rename(part, path);
  } catch (cause) {
    await rm(part, { force: true });
    if (cause instanceof Error && 'syscall' in cause) throw new UsageError(`Cannot write ${path}: ${cause.message}`, { cause });
    throw cause;
  }
}

/** A reader that has seen enough, such as `head`, is no failure. */
function unlessClosed(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error;
}
