import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { writePieces } from './stream-file.ts';
import { UsageError } from './usage-error.ts';

/** The name that stands for standard input where a file is read. */
export const STANDARD_INPUT = '-';

/** What a file of the command line is called in messages. */
export function sourceName(path: string): string {
  return path === STANDARD_INPUT ? 'standard input' : path;
}

/** Standard input ends once it is read: a second reader would see an empty file. */
let isInputRead = false;

/** Reads a text file that the command line named, or standard input for `-`; says in one line why it cannot. */
export async function readText(path: string): Promise<string> {
  if (path === STANDARD_INPUT) return readStandardInput();
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

async function readStandardInput(): Promise<string> {
  if (isInputRead) throw new UsageError('Standard input ("-") can be read only once.');
  isInputRead = true;
  return text(process.stdin);
}

async function* pieceOf(text: string): AsyncGenerator<string, void, undefined> {
  yield text;
}
