import { readFile, writeFile } from 'node:fs/promises';
import { UsageError } from './usage-error.ts';

/** Reads a text file that the command line named, or says in one line why it cannot. */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new UsageError(`Cannot read ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** Writes a text to a file, or to the standard output when no file is named. */
export async function writeText(path: string | undefined, text: string): Promise<void> {
  if (path === undefined) {
    process.stdout.write(text);
    return;
  }
  try {
    await writeFile(path, text);
  } catch (cause) {
    throw new UsageError(`Cannot write ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
