import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { ContainerClient } from '@azure/storage-blob';
import { z } from 'zod';
import { Fault } from '../domain/snapshot/fault.ts';
import { clusterKey } from '../domain/snapshot/resource-id.ts';
import { parseStoredSnapshot } from '../domain/snapshot/snapshot-file.ts';
import type { AssessmentStore, ClusterAssessment } from '../ports/assessment-store.ts';
import type { Within } from '../ports/time-limit.ts';
import { attempt, statusOf } from './fault.ts';

const compress = promisify(gzip);
const decompress = promisify(gunzip);
const MAX_TRIES = 10;
const Stored = z.object({
  snapshot: z.unknown(),
  runs: z.custom<ClusterAssessment['runs']>((value) => Array.isArray(value)),
  policyHash: z.string(),
});

/** Stores the newest assessment of each cluster as a compressed blob. Its time is in the metadata, so comparing needs no download. */
export function assessmentStore(container: ContainerClient, within: Within): AssessmentStore {
  const blobOf = (clusterId: string) => container.getBlockBlobClient(`${clusterKey(clusterId)}.json.gz`);
  return {
    put: async (assessment, recordedAt = assessment.snapshot.observedAt) => {
      const { cluster } = assessment.snapshot;
      const content = await compress(JSON.stringify(assessment));
      const blob = blobOf(cluster.id);
      for (let attempts = 0; attempts < MAX_TRIES; attempts++) {
        const held = await within((limit) => propertiesOf(blob, limit));
        if (held !== undefined && held.observedAt > recordedAt) return;
        const conditions = held === undefined ? { ifNoneMatch: '*' } : { ifMatch: held.etag };
        if (await within((limit) => upload(blob, content, recordedAt, conditions, limit))) return;
      }
      throw new Fault('conflict', `Cannot store the assessment of ${cluster.id}: other scans kept writing it.`);
    },
    get: async (clusterId) => {
      const blob = blobOf(clusterId);
      let content: Buffer;
      try {
        content = await within((abortSignal) => blob.downloadToBuffer(0, undefined, { abortSignal }));
      } catch (error) {
        if (statusOf(error) === 404) return undefined;
        return attempt(`read the assessment of ${clusterId}`, () => Promise.reject(error));
      }
      return decode(await decompress(content), clusterId);
    },
  };
}

function decode(content: Buffer, clusterId: string): ClusterAssessment {
  const text = content.toString('utf8');
  const source = `the assessment of ${clusterId}`;
  const stored = Stored.safeParse(JSON.parse(text));
  if (!stored.success) throw new Fault('malformed', `${source} cannot be read: ${z.prettifyError(stored.error)}`);
  const { snapshot, runs, policyHash } = stored.data;
  return { snapshot: parseStoredSnapshot(JSON.stringify(snapshot), source), runs, policyHash };
}

type Blob = ReturnType<ContainerClient['getBlockBlobClient']>;

async function propertiesOf(
  blob: Blob,
  abortSignal: AbortSignal,
): Promise<{ readonly etag: string; readonly observedAt: string } | undefined> {
  try {
    const { etag, metadata } = await blob.getProperties({ abortSignal });
    return { etag: etag ?? '', observedAt: metadata?.observedat ?? '' };
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    return attempt('read an assessment', () => Promise.reject(error));
  }
}

/** Uploads the blob; false if another process has written it in the meantime. */
async function upload(
  blob: Blob,
  content: Buffer,
  observedAt: string,
  conditions: { readonly ifMatch?: string; readonly ifNoneMatch?: string },
  abortSignal: AbortSignal,
): Promise<boolean> {
  try {
    await blob.uploadData(content, {
      metadata: { observedat: observedAt },
      conditions,
      abortSignal,
      blobHTTPHeaders: { blobContentType: 'application/gzip' },
    });
    return true;
  } catch (error) {
    const status = statusOf(error);
    if (status === 409 || status === 412) return false;
    return attempt('store an assessment', () => Promise.reject(error));
  }
}
