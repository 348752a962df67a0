import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { writePieces } from './stream-file.ts';
import { UsageError } from './usage-error.ts';

/** The file name that means standard input. */
export const STANDARD_INPUT = '-';

/** The name of a file in messages. */
export function sourceName(path: string): string {
  return path === STANDARD_INPUT ? 'standard input' : path;
}

/** Standard input can be read only once: a second reader would see an empty file. */
let isInputRead = false;

/** Reads a text file named on the command line, or standard input for `-`. An error is one line with the reason. */
export async function readText(path: string): Promise<string> {
  if (path === STANDARD_INPUT) return readStandardInput();
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new UsageError(`Cannot read ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** Writes a text to a file completely or not at all, or to standard output if no file is named. */
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
