import { EMPTY_IMAGE_FILE, type ImageFile } from '../../domain/images/image-file.ts';
import { Fault } from '../../domain/snapshot/fault.ts';
import { given } from '../../domain/snapshot/given.ts';
import type { ImageKnowledge, ImageKnowledgeSource } from '../../ports/image-knowledge.ts';
import type { TextBlobs } from '../../storage/text-blobs.ts';

/** The blob of the image file, next to the policy, so that it changes without a deployment. */
const PLACE = 'policy/images.json';

/**
 * The image file in the app's storage. The last valid file of this process stays in force when a newer
 * one is invalid or cannot be read; without any, only the built-in facts are known.
 */
export function imageKnowledge(texts: Pick<TextBlobs, 'read'>): ImageKnowledgeSource {
  let good: ImageFile = EMPTY_IMAGE_FILE;
  let seen: { readonly etag: string; readonly problem: string | undefined } | undefined;
  const inForce = (problem: string | undefined): ImageKnowledge => ({ file: good, ...given({ problem }) });
  return async () => {
    try {
      const blob = await texts.read(PLACE, seen?.etag);
      if (blob === 'unchanged') return inForce(seen?.problem);
      if (blob === undefined) {
        good = EMPTY_IMAGE_FILE;
        seen = undefined;
        return inForce(undefined);
      }
      const { parseImageFile } = await import('../../config/image-file.ts');
      const problem = faultOf(() => {
        good = parseImageFile(blob.text, PLACE);
      });
      seen = { etag: blob.etag, problem };
      return inForce(problem);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return inForce(error.message);
    }
  };
}

function faultOf(work: () => void): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof Fault) return error.message;
    throw error;
  }
}
