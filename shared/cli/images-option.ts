import { parseImageFile } from '../config/image-file.ts';
import type { ClusterSnapshot } from '../domain/snapshot/snapshot.ts';
import { withImageFile } from '../usecases/known-images.ts';
import { readText, sourceName } from './frame/files.ts';

/**
 * Returns the function that adds the rows of `--images` to a snapshot; without the option it adds nothing. Throws one error that
 * names the file and lists every mistake.
 */
export async function imagesOf(path: string | undefined): Promise<(snapshot: ClusterSnapshot) => ClusterSnapshot> {
  if (path === undefined) return (snapshot) => snapshot;
  const file = parseImageFile(await readText(path), sourceName(path));
  return (snapshot) => withImageFile(snapshot, file);
}
