import type { TextBlobs } from '../../storage/text-blobs.ts';
import { openedOnce } from './opened-once.ts';

/** The container through which the instances share it; only the app's identity may read it. */
const PLACE = 'assessments/cursor-secret';

/**
 * The secret that signs cursors, created once for an app by the first instance that needs it and read on
 * first use, so that an instance that serves no list sends no request.
 */
export function cursorSecretOf(texts: TextBlobs, newSecret: () => string): () => Promise<string> {
  return openedOnce(() => readOrMake(texts, newSecret)).get;
}

async function readOrMake(texts: TextBlobs, newSecret: () => string): Promise<string> {
  for (;;) {
    const found = await texts.read(PLACE);
    if (found !== undefined && found !== 'unchanged') return found.text;
    const made = newSecret();
    // When another instance was first, its secret is used.
    if (await texts.write(PLACE, made, undefined)) return made;
  }
}
