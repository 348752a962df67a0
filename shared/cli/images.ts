import { basename } from 'node:path';
import { parseImageFile, printImageFile } from '../config/image-file.ts';
import { readImageSource } from '../config/image-sources.ts';
import { BUILT_IN_IMAGES, EMPTY_IMAGE_FILE, type ImageFile, mergeImageFiles } from '../domain/images/image-file.ts';
import { counted } from '../domain/text/counted.ts';
import { deliver, destinationsOf, type Wanted } from './frame/destinations.ts';
import { readText, sourceName, writeText } from './frame/files.ts';
import type { Surroundings } from './frame/surroundings.ts';
import { plain, table } from './frame/table.ts';
import type { Page } from './frame/terminal.ts';
import { UsageError } from './frame/usage-error.ts';

/** The options of `kataudit images show`. */
export interface ShowImagesOptions {
  readonly format?: readonly Wanted<'table' | 'json'>[];
  readonly output?: string;
}

/** The options of `kataudit images update`. */
export interface UpdateImagesOptions {
  /** Files to take rows from. */
  readonly from: readonly string[];
  /** When the files were downloaded; today if absent. */
  readonly seenOn?: string;
}

/** `kataudit images show`: shows what is known about node images, built in and from a file. */
export async function showImages({ terminal }: Surroundings, file: string | undefined, options: ShowImagesOptions): Promise<number> {
  const destinations = await destinationsOf(options.format, 'table', options.output);
  const known = mergeImageFiles(BUILT_IN_IMAGES, file === undefined ? EMPTY_IMAGE_FILE : await readImageFile(file));
  await deliver(terminal, destinations, (format, page) => (format === 'json' ? printImageFile(known) : asTables(known, page)));
  return 0;
}

function asTables({ kernels, newest, vulnerabilities }: ImageFile, page: Page): string {
  const kernelRows = kernels.map((row) => [row.nodeImageVersion, row.nodeKernel, row.guestKernel, row.kataVersion, row.seenOn, row.source]);
  const newestRows = newest.map((row) => [row.nodeImageVersion, row.seenOn, row.source]);
  const cveRows = vulnerabilities.map((row) => [row.nodeImageVersion, String(row.ids.length), row.seenOn, row.source]);
  const part = (title: string, text: string, rows: number) => (rows === 0 ? [] : [title, text, '']);
  return [
    ...part('Kernels', table(['IMAGE', 'HOST KERNEL', 'GUEST KERNEL', 'KATA', 'SEEN', 'SOURCE'], kernelRows, page), kernelRows.length),
    ...part('Newest images', table(['IMAGE', 'SEEN', 'SOURCE'], newestRows, page), newestRows.length),
    ...part('Vulnerabilities', table(['IMAGE', 'IDS', 'SEEN', 'SOURCE'], cveRows, page), cveRows.length),
  ].join('\n');
}

/** `kataudit images check`: lists every error of an image file; returns 0 if there is none. */
export async function checkImages({ terminal }: Surroundings, file: string): Promise<number> {
  terminal.print(`${plain(file)} is a valid image file: ${contentsOf(await readImageFile(file))}.`);
  return 0;
}

/** `kataudit images update`: adds the rows of other files to an image file, which is created if it does not exist. */
export async function updateImages({ terminal }: Surroundings, file: string, options: UpdateImagesOptions, today: Date): Promise<number> {
  const seenOn = options.seenOn ?? today.toISOString().slice(0, 10);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(seenOn) || Number.isNaN(Date.parse(seenOn))) {
    throw new UsageError(`--seen-on must be a date such as 2026-11-30, not ${JSON.stringify(seenOn)}.`);
  }
  if (file === '-') throw new UsageError('The image file to update must be a file, not standard input.');
  const before = await readIfThere(file);
  let after = before ?? EMPTY_IMAGE_FILE;
  // All sources are read before anything is written: a bad source leaves the file unchanged.
  for (const from of options.from) {
    after = mergeImageFiles(after, readImageSource({ name: from, text: await readText(from), seenOn }));
  }
  const text = printImageFile(after);
  parseImageFile(text, basename(file));
  await writeText(file, text);
  terminal.print(`${plain(file)}: ${contentsOf(after)}.`);
  return 0;
}

async function readImageFile(file: string): Promise<ImageFile> {
  return parseImageFile(await readText(file), sourceName(file));
}

async function readIfThere(file: string): Promise<ImageFile | undefined> {
  try {
    return await readImageFile(file);
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw error;
  }
}

function contentsOf({ kernels, newest, vulnerabilities }: ImageFile): string {
  return [
    counted(kernels.length, 'image with its kernels', 'images with their kernels'),
    counted(newest.length, 'newest image'),
    `vulnerabilities of ${counted(vulnerabilities.length, 'image')}`,
  ].join(', ');
}
