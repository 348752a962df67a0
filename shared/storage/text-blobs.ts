import type { BlobServiceClient } from '@azure/storage-blob';
import { Fault } from '../domain/snapshot/fault.ts';
import type { Within } from '../ports/time-limit.ts';
import { attempt, statusOf } from './fault.ts';

/** A text and its ETag. */
export interface TextBlob {
  readonly text: string;
  readonly etag: string;
}

/** Reads a blob named `container/name`; `undefined` if it does not exist, `'unchanged'` if it still has the given ETag. */
export type ReadTextBlob = (path: string, unlessTag?: string) => Promise<TextBlob | 'unchanged' | undefined>;

/** Small texts in the app's storage account. */
export interface TextBlobs {
  readonly read: ReadTextBlob;
  /** Writes a blob that still has the given ETag, or, without one, does not exist; false if another process has written it. */
  write(path: string, text: string, basedOn: string | undefined): Promise<boolean>;
  /** Deletes the blobs below a path that were written before a time; returns how many. */
  deleteBelow(path: string, before: Date): Promise<number>;
}

/** No file that a person writes is larger. */
const MAX_BYTES = 1_048_576;
const PATH = /^([a-z0-9](?:-?[a-z0-9]){2,62})\/(.{1,1024})$/;

/** Returns the small texts of the app's storage account; the prefix separates apps that share an account. */
export function textBlobs(blobs: BlobServiceClient, prefix: string, within: Within): TextBlobs {
  const blobAt = (path: string) => {
    const [, container, name] = PATH.exec(path) ?? [];
    if (container === undefined || name === undefined) return undefined;
    return blobs.getContainerClient(`${prefix}${container}`).getBlockBlobClient(name);
  };
  const read: ReadTextBlob = async (path, unlessTag) => {
    const blob = blobAt(path);
    if (blob === undefined) return undefined;
    try {
      const conditions = unlessTag === undefined ? {} : { ifNoneMatch: unlessTag };
      const { etag = '', contentLength = 0 } = await within((abortSignal) => blob.getProperties({ conditions, abortSignal }));
      if (contentLength > MAX_BYTES)
        throw new Fault('too-large', `The blob ${path} has ${contentLength} bytes, and the maximum is ${MAX_BYTES}.`);
      // The ETag belongs to this text: a blob that changes in between is read again the next time.
      const unchanged = { ifMatch: etag };
      const bytes = await within((abortSignal) => blob.downloadToBuffer(0, undefined, { conditions: unchanged, abortSignal }));
      return { text: bytes.toString('utf8'), etag };
    } catch (error) {
      if (statusOf(error) === 304) return 'unchanged';
      if (statusOf(error) === 404) return undefined;
      return attempt(`read the blob ${path}`, () => Promise.reject(error));
    }
  };
  const write: TextBlobs['write'] = async (path, text, basedOn) => {
    const blob = blobAt(path);
    if (blob === undefined) throw new TypeError(`Not the path of a blob: ${path}`);
    const conditions = basedOn === undefined ? { ifNoneMatch: '*' } : { ifMatch: basedOn };
    try {
      await within((abortSignal) => blob.upload(text, Buffer.byteLength(text), { conditions, abortSignal }));
      return true;
    } catch (error) {
      const status = statusOf(error);
      if (status === 409 || status === 412) return false;
      return attempt(`write the blob ${path}`, () => Promise.reject(error));
    }
  };
  const deleteBelow: TextBlobs['deleteBelow'] = async (path, before) => {
    const [, container, below] = PATH.exec(path) ?? [];
    if (container === undefined || below === undefined) throw new TypeError(`Not the path of blobs: ${path}`);
    const held = blobs.getContainerClient(`${prefix}${container}`);
    const deleteAll = async (listing: AbortSignal) => {
      let deleted = 0;
      for await (const { name, properties } of held.listBlobsFlat({ prefix: below, abortSignal: listing })) {
        if (properties.lastModified >= before) continue;
        const { succeeded } = await within((abortSignal) => held.getBlobClient(name).deleteIfExists({ abortSignal }));
        if (succeeded) deleted += 1;
      }
      return deleted;
    };
    return attempt(`delete the blobs below ${path}`, () => within(deleteAll));
  };
  return { read, write, deleteBelow };
}
