import { createReadStream } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { KUSTOMIZATION_FILES, patchesOf } from './kustomization.ts';
import type { ManifestReader } from './read-manifests.ts';
import { decodeText } from './text.ts';

/** The extensions that kubectl reads in a folder. */
const ENDINGS = /\.(?:ya?ml|json)$/i;
/** Folders with third-party files. */
const SKIPPED: ReadonlySet<string> = new Set(['.git', 'node_modules']);
/** A longer text is neither a manifest that an API server accepts nor a dump that fits into memory. */
const MAX_BYTES = 256 * 1_048_576;
/** How many folders above a file its kustomization may be. */
const MAX_PARENTS = 5;

/** A file that was found, before it is read. */
interface FoundFile {
  readonly name: string;
  /** Identity of a file, independent of the path or link. */
  readonly identity: string;
  readonly named: boolean;
}

/** Reads every path into the reader: files, folders recursively, and `-` for standard input. */
export async function readPaths(paths: readonly string[], stdin: NodeJS.ReadableStream, reader: ManifestReader): Promise<void> {
  const found = await findFiles(paths, reader);
  const patches = await patchFiles(found);
  for (const file of found) {
    const bytes = await readBytes(file, stdin, reader);
    const decoded = bytes && decodeText(bytes);
    if (decoded === undefined) continue;
    if ('unreadable' in decoded) reader.unreadable(file.name, decoded.unreadable);
    else reader.add({ name: file.name, text: decoded.text, named: file.named, patch: patches.has(file.identity) });
  }
}

async function findFiles(paths: readonly string[], reader: ManifestReader): Promise<readonly FoundFile[]> {
  const found = new Map<string, FoundFile>();
  const folders = new Set<string>();
  for (const path of paths) await visit(path, true, found, folders, reader);
  return [...found.values()];
}

/** Adds a file, or every manifest below a folder; a folder that a link points back to is read once. */
async function visit(
  path: string,
  named: boolean,
  found: Map<string, FoundFile>,
  folders: Set<string>,
  reader: ManifestReader,
): Promise<void> {
  if (path === '-') {
    found.set('-', { name: '-', identity: '-', named });
    return;
  }
  try {
    const seen = await stat(path);
    // A pipe, such as that of a process substitution, has no real path.
    const identity = seen.isFile() || seen.isDirectory() ? await realpath(path) : resolve(path);
    if (!seen.isDirectory()) {
      // A pipe that the user did not name may have no writer, and reading it would never end.
      if (!named && !seen.isFile())
        reader.unreadable(path, 'It is a pipe, a socket or a device, which is read only if it is named explicitly.');
      else if (!found.has(identity)) found.set(identity, { name: path, identity, named });
    } else if (!folders.has(identity)) {
      folders.add(identity);
      for (const name of await namesIn(path)) await visit(join(path, name), false, found, folders, reader);
    }
  } catch (error) {
    reader.unreadable(path, path.includes('\uFFFD') ? 'Its name is not UTF-8: rename it.' : reasonOf(error));
  }
}

/** Possible manifests in a folder, links last. As in kubectl, a link to a folder is not followed. */
async function namesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => (entry.isDirectory() ? !SKIPPED.has(entry.name) : ENDINGS.test(entry.name)))
    .toSorted((a, b) => Number(a.isSymbolicLink()) - Number(b.isSymbolicLink()) || (a.name < b.name ? -1 : 1))
    .map(({ name }) => name);
}

async function readBytes({ name }: FoundFile, stdin: NodeJS.ReadableStream, reader: ManifestReader): Promise<Uint8Array | undefined> {
  try {
    if (name === '-') return await bytesOf(stdin);
    const seen = await stat(name);
    if (seen.isFile() && seen.size > MAX_BYTES) throw new Error(`It is larger than ${MAX_BYTES / 1_048_576} MiB.`);
    return seen.isFile() ? await readFile(name) : await bytesOf(createReadStream(name));
  } catch (error) {
    reader.unreadable(name, reasonOf(error));
    return undefined;
  }
}

async function bytesOf(stream: NodeJS.ReadableStream): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    size += bytes.length;
    if (size > MAX_BYTES) throw new Error(`It is larger than ${MAX_BYTES / 1_048_576} MiB.`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** The real paths of files that a kustomization in the same or a parent folder uses as patches. */
async function patchFiles(found: readonly FoundFile[]): Promise<ReadonlySet<string>> {
  const folders = new Set(found.filter(({ name }) => name !== '-').flatMap(({ identity }) => parentsOf(identity)));
  const patches = await Promise.all([...folders].map(patchesIn));
  return new Set(patches.flat());
}

function parentsOf(path: string): readonly string[] {
  const parents = [dirname(path)];
  while (parents.length < MAX_PARENTS) parents.push(dirname(parents.at(-1) ?? path));
  return parents;
}

async function patchesIn(folder: string): Promise<readonly string[]> {
  const texts = await Promise.all(KUSTOMIZATION_FILES.map((name) => textIfThere(join(folder, name))));
  const paths = texts.flatMap((text) => (text === undefined ? [] : patchesOf(text))).map((path) => resolve(folder, path));
  return Promise.all(paths.map((path) => realpath(path).catch(() => path)));
}

async function textIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    // Most folders have none. One that is among the paths and cannot be read is reported when it is read itself.
    return undefined;
  }
}

/** The reason as one sentence, without error codes. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : '';
  return REASONS[code] ?? error.message;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'There is no such file or folder.',
  EACCES: 'It may not be read (permission denied).',
  EPERM: 'It may not be read (operation not permitted).',
  ELOOP: 'It is a link that leads back to itself.',
  EISDIR: 'It is a folder.',
  ENOTDIR: 'A part of its path is not a folder.',
  ENAMETOOLONG: 'Its name is too long.',
};
