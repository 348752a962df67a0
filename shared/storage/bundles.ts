import { Readable } from 'node:stream';
import type { ContainerClient } from '@azure/storage-blob';
import { z } from 'zod';
import { Fault } from '../domain/snapshot/fault.ts';
import type { BundleStore } from '../ports/bundle-store.ts';
import { attempt, statusOf } from './fault.ts';
import type { TextBlobs } from './text-blobs.ts';

const HEAD = 'bundles/head.json';
/** Bundles are uploaded in blocks of this size, two at a time, so a bundle of any size needs 8 MiB of memory. */
const BLOCK_BYTES = 4_194_304;
const BLOCKS_AT_ONCE = 2;

const Head = z.object({
  sequence: z.int().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  sealedAt: z.string(),
  auditId: z.string().exactOptional(),
});

/** Stores the chain of bundles in Blob Storage: one blob for each, and one small blob that names the newest. */
export function bundleStore(container: ContainerClient, texts: TextBlobs): BundleStore {
  const blobOf = (sequence: number) => container.getBlockBlobClient(`${String(sequence).padStart(10, '0')}.json`);
  return {
    head: async () => {
      const held = await texts.read(HEAD);
      if (held === undefined || held === 'unchanged') return undefined;
      return { head: readHead(held.text), version: held.etag };
    },
    moveHead: (head, basedOn) => texts.write(HEAD, JSON.stringify(head), basedOn),
    create: async (sequence, pieces) => {
      try {
        // The blob exists only after the last block, so a crash leaves no partial bundle.
        await blobOf(sequence).uploadStream(Readable.from(pieces, { objectMode: false }), BLOCK_BYTES, BLOCKS_AT_ONCE, {
          conditions: { ifNoneMatch: '*' },
          blobHTTPHeaders: { blobContentType: 'application/json' },
        });
        return true;
      } catch (error) {
        const status = statusOf(error);
        if (status === 409 || status === 412) return false;
        return attempt(`write bundle ${sequence}`, () => Promise.reject(error));
      }
    },
    has: (sequence) => attempt(`look for bundle ${sequence}`, () => blobOf(sequence).exists()),
    open: async (sequence) => {
      try {
        const { readableStreamBody } = await blobOf(sequence).download();
        return readableStreamBody === undefined ? undefined : bytesOf(Readable.from(readableStreamBody), sequence);
      } catch (error) {
        if (statusOf(error) === 404) return undefined;
        return attempt(`read bundle ${sequence}`, () => Promise.reject(error));
      }
    },
  };
}

function readHead(text: string): z.output<typeof Head> {
  try {
    return Head.parse(JSON.parse(text));
  } catch (cause) {
    throw new Fault('malformed', `The blob ${HEAD} is not the head of a chain of bundles; no bundle can be sealed until it is repaired.`, {
      cause,
    });
  }
}

async function* bytesOf(body: Readable, sequence: number): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const chunk of body) yield Buffer.from(chunk);
  } catch (error) {
    await attempt(`read bundle ${sequence}`, () => Promise.reject(error));
  }
}
