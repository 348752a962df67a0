import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../domain/evidence/canonical-json.ts';
import { oneForm, SIGNATURE_ALGORITHMS, type Signature } from '../domain/evidence/signature.ts';
import type { EvidenceEntry } from './evidence.ts';

/** The format of a bundle; a reader rejects any other. */
export const BUNDLE_FORMAT = 'kataudit-bundle/1';

/** Lines between the parts: the bundle is one JSON document, and each part is one canonical line. */
export const FRAME = {
  entries: `{"format":"${BUNDLE_FORMAT}","entries":[`,
  manifest: '],"manifest":',
  signature: ',"signature":',
  end: '}',
} as const;

const digest = z.string().regex(/^[0-9a-f]{64}$/);

/** The signed manifest of a bundle, with the digest of each part. */
export const Manifest = z.strictObject({
  /** Digest and number of the previous bundle's manifest; `null` for the first. */
  previous: z.strictObject({ sha256: digest, sequence: z.int().min(1) }).nullable(),
  sequence: z.int().min(1),
  sealedAt: z.string(),
  entries: z.array(
    z.strictObject({
      name: z.string(),
      sha256: digest,
      /** For an entry that is a list, the start of each item's digest, to find the item that was changed. */
      marks: z.array(z.string().regex(/^[0-9a-f]{16}$/)).exactOptional(),
    }),
  ),
});
export type Manifest = z.output<typeof Manifest>;

/** The signature in a bundle. */
export const SignatureLine = z.strictObject({
  algorithm: z.enum(SIGNATURE_ALGORITHMS),
  publicKey: z.string().max(2_000),
  value: z.string().max(2_000),
}) satisfies z.ZodType<Signature>;

/** A reference to the previous bundle. */
export type Previous = NonNullable<Manifest['previous']>;

/** Input for sealing a bundle. */
export interface Sealing {
  readonly previous: Previous | undefined;
  /** RFC 3339 UTC. */
  readonly sealedAt: string;
  readonly sign: (bytes: Uint8Array) => Promise<Signature>;
}

/**
 * Seals evidence into a bundle, part by part: the entries, a manifest with their digests and a reference to the previous bundle, and a
 * signature of the manifest. Returns the reference for the next bundle. Throws if the evidence is incomplete.
 */
export async function* sealBundle(
  entries: AsyncIterable<EvidenceEntry>,
  { previous, sealedAt, sign }: Sealing,
): AsyncGenerator<string, Previous, undefined> {
  const listed: Manifest['entries'] = [];
  yield `${FRAME.entries}\n`;
  let last = '';
  for await (const { name, content } of entries) {
    const line = canonicalJson({ name, content });
    yield `${listed.length === 0 ? '' : ',\n'}${line}`;
    listed.push({ name, sha256: sha256(line), ...(Array.isArray(content) ? { marks: content.map(markOf) } : {}) });
    last = name;
  }
  if (last !== 'end') throw new RangeError('The evidence breaks off: its last entry is missing.');
  const manifest: Manifest = { previous: previous ?? null, sequence: (previous?.sequence ?? 0) + 1, sealedAt, entries: listed };
  const line = canonicalJson(manifest);
  const signature = oneForm(await sign(signedBytes(line)));
  yield `\n${FRAME.manifest}\n${line}\n${FRAME.signature}\n${canonicalJson(signature)}\n${FRAME.end}\n`;
  return asPrevious(line, manifest);
}

/** The signed bytes: the format's name and the manifest's line, so that the signature is not valid for anything else. */
export function signedBytes(manifestLine: string): Uint8Array {
  return Buffer.from(`${BUNDLE_FORMAT}\n${manifestLine}`, 'utf8');
}

/** Returns the reference that the next bundle has to this one. */
export function asPrevious(manifestLine: string, { sequence }: Manifest): Previous {
  return { sha256: sha256(manifestLine), sequence };
}

/** Returns the start of an item's digest. */
export function markOf(item: unknown): string {
  return sha256(canonicalJson(item)).slice(0, 16);
}

/** SHA-256 as hexadecimal digits. */
export function sha256(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}
