import { access, constants, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { writeText } from './files.ts';
import { writePieces } from './stream-file.ts';
import { type Page, PLAIN_PAGE, type Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/** A requested document: its format and file. */
export interface Wanted<F extends string> {
  readonly format: F;
  /** Absent if it goes to `--output` or standard output. */
  readonly file?: string;
}

/** A document to write, and its destination. */
export interface Destination<F extends string> {
  readonly format: F;
  /** Absent for standard output. */
  readonly file?: string;
}

/** `-o, --format FORMAT`, case-insensitive, with an optional `=FILE`; repeatable for several documents. */
export function formatOption<F extends string>(formats: readonly F[]) {
  const words = `${formats.join(', ')}; default: ${formats[0]}; repeat with =FILE for several`;
  return new Option('-o, --format <format>', words).argParser<readonly Wanted<F>[]>((text, held = []) => [
    ...held,
    wantedOf(formats, text),
  ]);
}

function wantedOf<F extends string>(formats: readonly F[], text: string): Wanted<F> {
  const [name = '', ...rest] = text.split('=');
  const format = formats.find((one) => one === name.toLowerCase());
  if (format === undefined) throw new InvalidArgumentError(`It must be one of ${formats.join(', ')}.`);
  const file = rest.join('=');
  if (rest.length > 0 && file === '') throw new InvalidArgumentError('A file name must follow "=".');
  return rest.length === 0 ? { format } : { format, file };
}

/**
 * Resolves the destination of each requested document. Before any work is done it throws one `UsageError` for two documents on
 * standard output, two in one file, an unused `--output`, and a file that cannot be created.
 */
export async function destinationsOf<F extends string>(
  wanted: readonly Wanted<F>[] | undefined,
  byDefault: F,
  output: string | undefined,
): Promise<readonly Destination<F>[]> {
  const all = wanted ?? [{ format: byDefault }];
  const open = all.filter(({ file }) => file === undefined);
  if (open.length > 1) {
    throw new UsageError(
      `Only one document can go to standard output or --output. Name a file for the others, such as -o ${open[1]?.format}=FILE.`,
    );
  }
  if (open.length === 0 && output !== undefined) throw new UsageError('--output is not used: every --format names a file.');
  const placed = all.map(({ format, file = output }) => (file === undefined || file === '-' ? { format } : { format, file }));
  const places = placed.map(({ file }) => (file === undefined ? '-' : resolve(file)));
  const twice = placed.find((_, at) => places.indexOf(places[at] ?? '') !== at);
  if (twice !== undefined) throw new UsageError(`Two documents cannot have the same destination: ${twice.file ?? 'standard output'}.`);
  for (const { file } of placed) if (file !== undefined) await assertWritable(file);
  return placed;
}

/** Throws one `UsageError` if a file cannot be written, so that no time is spent on an audit first. */
export async function assertWritable(file: string): Promise<void> {
  try {
    const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (found?.isDirectory()) throw new UsageError(`Cannot write ${file}: it is a folder.`);
    await access(found === undefined || found.isFile() ? dirname(resolve(file)) : file, constants.W_OK);
  } catch (cause) {
    if (cause instanceof UsageError || !(cause instanceof Error)) throw cause;
    throw new UsageError(`Cannot write ${file}: ${cause.message}`, { cause });
  }
}

/** Writes each requested document to its destination, formatted for the width of that destination. */
export async function deliver<F extends string>(
  terminal: Terminal,
  destinations: readonly Destination<F>[],
  write: (format: F, page: Page) => string | AsyncIterable<string>,
): Promise<void> {
  for (const { format, file } of destinations) {
    const document = write(format, file === undefined ? terminal.page : PLAIN_PAGE);
    if (typeof document !== 'string') await writePieces(file, document);
    else if (file === undefined) terminal.print(document);
    else await writeText(file, `${document}\n`);
  }
}
