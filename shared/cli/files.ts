import { readFile } from 'node:fs/promises';
import { writePieces } from './stream-file.ts';
import { UsageError } from './usage-error.ts';

/** Reads a text file that the command line named, or says in one line why it cannot. */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new UsageError(`Cannot read ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** Writes a text to a file, whole or not at all, or to the standard output when no file is named. */
export function writeText(path: string | undefined, text: string): Promise<void> {
  return writePieces(path, pieceOf(text));
}

async function* pieceOf(text: string): AsyncGenerator<string, void, undefined> {
  yield text;
}
