import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../domain/evidence/canonical-json.ts';
import { oneForm, SIGNATURE_ALGORITHMS, type Signature } from '../domain/evidence/signature.ts';
import type { EvidenceEntry } from './evidence.ts';

/** The form of a bundle; a reader refuses another one. */
export const BUNDLE_FORMAT = 'kataudit-bundle/1';

/** The lines that hold the parts together: the whole is one JSON document, each of its parts one canonical line. */
export const FRAME = {
  entries: `{"format":"${BUNDLE_FORMAT}","entries":[`,
  manifest: '],"manifest":',
  signature: ',"signature":',
  end: '}',
} as const;

const digest = z.string().regex(/^[0-9a-f]{64}$/);

/** What a bundle holds, each part with its digest; this is what is signed. */
export const Manifest = z.strictObject({
  /** The manifest of the bundle before: its digest and number. `null` for the first. */
  previous: z.strictObject({ sha256: digest, sequence: z.int().min(1) }).nullable(),
  sequence: z.int().min(1),
  sealedAt: z.string(),
  entries: z.array(
    z.strictObject({
      name: z.string(),
      sha256: digest,
      /** The beginning of each item's digest, for an entry that is a list: it tells which item was changed. */
      marks: z.array(z.string().regex(/^[0-9a-f]{16}$/)).exactOptional(),
    }),
  ),
});
export type Manifest = z.output<typeof Manifest>;

/** The signature as a bundle holds it. */
export const SignatureLine = z.strictObject({
  algorithm: z.enum(SIGNATURE_ALGORITHMS),
  publicKey: z.string().max(2_000),
  value: z.string().max(2_000),
}) satisfies z.ZodType<Signature>;

/** The one before, as a bundle refers to it. */
export type Previous = NonNullable<Manifest['previous']>;

/** What makes a bundle of evidence. */
export interface Sealing {
  readonly previous: Previous | undefined;
  /** RFC 3339 UTC. */
  readonly sealedAt: string;
  readonly sign: (bytes: Uint8Array) => Promise<Signature>;
}

/**
 * Seals evidence into a bundle, piece by piece: the entries as they come, a manifest of their digests
 * that names the bundle before, and a signature of the manifest. Returns how the next one refers to it.
 * Throws when the evidence is not whole.
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

/** What is signed: the manifest's line, and the form's name, so that the signature means nothing elsewhere. */
export function signedBytes(manifestLine: string): Uint8Array {
  return Buffer.from(`${BUNDLE_FORMAT}\n${manifestLine}`, 'utf8');
}

/** How the next bundle refers to this one. */
export function asPrevious(manifestLine: string, { sequence }: Manifest): Previous {
  return { sha256: sha256(manifestLine), sequence };
}

/** The beginning of an item's digest. */
export function markOf(item: unknown): string {
  return sha256(canonicalJson(item)).slice(0, 16);
}

/** SHA-256 in hexadecimal digits. */
export function sha256(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}
