import type { ImageVulnerabilities, KataImage, KnownImages } from '../snapshot/known-images.ts';
import { KATA_IMAGES, RELEASE_NOTES, RELEASE_NOTES_READ_ON } from './kata-images.ts';
import { type NodeImage, parseNodeImage } from './node-image.ts';

/** The source of a row in the image file, and when it was read. */
export interface RowOrigin {
  readonly source: string;
  /** RFC 3339 date. */
  readonly seenOn: string;
}

/**
 * Facts about node images that operators supply: one file, which needs no new version of the app. Every row
 * names its source.
 */
export interface ImageFile {
  readonly kernels: readonly (KataImage & RowOrigin)[];
  readonly newest: readonly ({ readonly nodeImageVersion: string } & RowOrigin)[];
  readonly vulnerabilities: readonly (ImageVulnerabilities & RowOrigin)[];
}

/** An empty file. */
export const EMPTY_IMAGE_FILE: ImageFile = { kernels: [], newest: [], vulnerabilities: [] };

/** What this version knows about Kata images without a file. */
export const BUILT_IN_IMAGES: ImageFile = {
  ...EMPTY_IMAGE_FILE,
  kernels: KATA_IMAGES.map((row) => ({
    ...row,
    source: `${RELEASE_NOTES}/${row.nodeImageVersion.split('-').at(-1) ?? ''}.txt`,
    seenOn: RELEASE_NOTES_READ_ON,
  })),
};

/** Merges two files; of two rows about the same image, the one that was read later wins. */
export function mergeImageFiles(base: ImageFile, more: ImageFile): ImageFile {
  return {
    kernels: merged(base.kernels, more.kernels, ({ nodeImageVersion }) => nodeImageVersion),
    newest: merged(base.newest, more.newest, ({ nodeImageVersion }) => variantOf(nodeImageVersion)),
    vulnerabilities: merged(base.vulnerabilities, more.vulnerabilities, ({ nodeImageVersion }) => nodeImageVersion),
  };
}

function merged<T extends RowOrigin>(base: readonly T[], more: readonly T[], keyOf: (row: T) => string): readonly T[] {
  const rows = new Map<string, T>();
  for (const row of [...base, ...more]) {
    const held = rows.get(keyOf(row).toLowerCase());
    if (held === undefined || held.seenOn <= row.seenOn) rows.set(keyOf(row).toLowerCase(), row);
  }
  return [...rows].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => row);
}

function variantOf(text: string): string {
  return parseNodeImage(text)?.variant ?? text;
}

/** The rows about the images in one cluster and their variants; `undefined` if there are none. */
export function knownOf(file: ImageFile, images: readonly string[]): KnownImages | undefined {
  const seen = images.flatMap((text) => parseNodeImage(text) ?? []);
  const names = new Set(seen.map(nameOf));
  const variants = new Set(seen.map(({ variant }) => variant.toLowerCase()));
  const isNamed = ({ nodeImageVersion }: { readonly nodeImageVersion: string }) => names.has(nodeImageVersion.toLowerCase());
  const kernels = file.kernels.filter(({ nodeImageVersion }) => variants.has(variantOf(nodeImageVersion).toLowerCase()));
  const newest = file.newest.filter(({ nodeImageVersion }) => variants.has(variantOf(nodeImageVersion).toLowerCase()));
  const isKept = file.vulnerabilities.length > 0;
  if (kernels.length + newest.length === 0 && !isKept) return undefined;
  return {
    kernels: kernels.map(({ source: _, seenOn: __, ...row }) => row),
    newest: newest.map(({ nodeImageVersion }) => nodeImageVersion),
    ...(isKept
      ? { vulnerabilities: file.vulnerabilities.filter(isNamed).map(({ nodeImageVersion, ids }) => ({ nodeImageVersion, ids })) }
      : {}),
  };
}

function nameOf({ variant, release }: NodeImage): string {
  return `${variant}-${release}`.toLowerCase();
}
