import type { BlobServiceClient } from '@azure/storage-blob';
import { Fault } from '../domain/fault.ts';
import { attempt, statusOf } from './fault.ts';

/** A text and the tag that tells whether it changed. */
export interface TextBlob {
  readonly text: string;
  readonly etag: string;
}

/** Reads a blob named `container/name`; `undefined` when it is not there, `'unchanged'` when it still has the given tag. */
export type ReadTextBlob = (path: string, unlessTag?: string) => Promise<TextBlob | 'unchanged' | undefined>;

/** Nothing that a person writes is larger. */
const MAX_BYTES = 1_048_576;
const PATH = /^([a-z0-9](?:-?[a-z0-9]){2,62})\/(.{1,1024})$/;

/** Reads small texts of the app's storage account; the prefix keeps apps apart that share one. */
export function textBlobs(blobs: BlobServiceClient, prefix: string): ReadTextBlob {
  return async (path, unlessTag) => {
    const [, container, name] = PATH.exec(path) ?? [];
    if (container === undefined || name === undefined) return undefined;
    const blob = blobs.getContainerClient(`${prefix}${container}`).getBlockBlobClient(name);
    try {
      const conditions = unlessTag === undefined ? {} : { ifNoneMatch: unlessTag };
      const { etag = '', contentLength = 0 } = await blob.getProperties({ conditions });
      if (contentLength > MAX_BYTES)
        throw new Fault('too-large', `The blob ${path} has ${contentLength} bytes, at most ${MAX_BYTES} are read.`);
      // The tag goes with the text: a blob that changes in between is read whole the next time.
      const bytes = await blob.downloadToBuffer(0, undefined, { conditions: { ifMatch: etag } });
      return { text: bytes.toString('utf8'), etag };
    } catch (error) {
      if (statusOf(error) === 304) return 'unchanged';
      if (statusOf(error) === 404) return undefined;
      return attempt(`read the blob ${path}`, () => Promise.reject(error));
    }
  };
}
