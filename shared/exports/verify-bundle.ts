import type { z } from 'zod';
import { canonicalJson } from '../domain/evidence/canonical-json.ts';
import { isSignedBy, keyFingerprint, oneForm, type Signature } from '../domain/evidence/signature.ts';
import { parseJson } from '../domain/text/json.ts';
import { asPrevious, FRAME, Manifest, type Previous, SignatureLine, sha256, signedBytes } from './bundle.ts';
import { whatChanged } from './bundle-change.ts';
import { linesOf } from './lines.ts';

/** The result of checking a bundle. */
export type BundleCheck =
  | {
      readonly state: 'changed';
      /** The first change, as a sentence. */
      readonly first: string;
      /** The file does not start like a bundle, so it is probably another file. */
      readonly isNoBundle?: true;
    }
  | IntactBundle;

/** A bundle that is unchanged since it was sealed. */
export interface IntactBundle {
  readonly state: 'intact';
  readonly sequence: number;
  readonly sealedAt: string;
  readonly entries: number;
  readonly previous: Previous | undefined;
  /** The reference that the next bundle must have to this one. */
  readonly self: Previous;
  readonly signature: Signature;
  /** The fingerprint of the key that signed. */
  readonly signedBy: string;
}

/** The parts of a bundle by line: the digests of its entries, and the lines after them. */
interface Parts {
  readonly lines: readonly EntryLine[];
  readonly manifestLine: string;
  readonly manifest: Manifest;
  readonly signature: Signature;
}

/** What is kept of an entry's line. */
interface EntryLine {
  readonly sha256: string;
  readonly comma: boolean;
}

const COMMA = 0x2c;
/** The manifest, the line between, the signature, the last line, and the empty text after its line feed. */
const PARTS_BEHIND = 5;

class Changed extends Error {}
class NoBundle extends Changed {}

/**
 * Checks a bundle: every entry against the manifest, and the manifest against its signature. Needs only the file, which is opened again
 * to find what was changed. The caller checks whether the key is trusted and whether the bundle follows another.
 */
export async function verifyBundle(open: () => AsyncIterable<Uint8Array>): Promise<BundleCheck> {
  try {
    const { lines, manifestLine, manifest, signature } = await readParts(open());
    const at = firstDifference(lines, manifest);
    const signed = isSignedBy(signedBytes(manifestLine), signature);
    if (at !== undefined) {
      const change = whatChanged(manifest, at, await entryAt(open(), at));
      throw new Changed(signed ? change : `${change} Or the manifest was: its signature does not fit either.`);
    }
    if (signed && oneForm(signature).value !== signature.value) {
      throw new Changed(
        'The signature is the second form of a valid one (s above half of the order). Somebody changed it, or Kataudit 0.1.0 made it with a key in Key Vault: check such a bundle with 0.1.0.',
      );
    }
    if (!signed) {
      throw new Changed(
        'The manifest or its signature was changed: the signature does not fit. Every entry fits the manifest as it is now.',
      );
    }
    const { sequence, sealedAt, entries, previous } = manifest;
    if (sequence !== (previous?.sequence ?? 0) + 1) {
      throw new Changed(`It claims to be bundle ${sequence}, after bundle ${previous?.sequence ?? 'none'}: no app seals that.`);
    }
    return {
      state: 'intact',
      sequence,
      sealedAt,
      entries: entries.length,
      previous: previous ?? undefined,
      self: asPrevious(manifestLine, manifest),
      signature,
      signedBy: keyFingerprint(signature.publicKey) ?? '',
    };
  } catch (error) {
    if (error instanceof NoBundle) return { state: 'changed', first: error.message, isNoBundle: true };
    if (error instanceof Changed) return { state: 'changed', first: error.message };
    throw error;
  }
}

async function readParts(chunks: AsyncIterable<Uint8Array>): Promise<Parts> {
  const lines: EntryLine[] = [];
  const rest: Uint8Array[] = [];
  let number = 0;
  let manifestAt: number | undefined;
  for await (const line of linesOf(chunks)) {
    number += 1;
    if (number === 1) {
      if (!isText(line, FRAME.entries)) throw new NoBundle('Its first line is not that of a bundle.');
    } else if (manifestAt !== undefined) {
      rest.push(line);
      if (rest.length > PARTS_BEHIND) throw new Changed(`Something was added after the end, in line ${number}.`);
    } else if (isText(line, FRAME.manifest)) manifestAt = number;
    else lines.push(entryLine(line));
  }
  if (manifestAt === undefined)
    throw new Changed('The manifest is missing: the bundle breaks off, or the line before the manifest was changed.');
  const [manifest, signatureFrame, signature, ...end] = rest;
  return { lines, ...readManifest(manifest), signature: readSignature(signatureFrame, signature, end) };
}

function readManifest(line: Uint8Array | undefined): { readonly manifestLine: string; readonly manifest: Manifest } {
  const text = textOf(line);
  const manifest = text === undefined ? undefined : parseLine(Manifest, text);
  if (text === undefined || manifest === undefined) throw new Changed('The manifest was changed: it cannot be read.');
  return { manifestLine: text, manifest };
}

function readSignature(frame: Uint8Array | undefined, line: Uint8Array | undefined, end: readonly Uint8Array[]): Signature {
  const text = textOf(line);
  const signature = text === undefined ? undefined : parseLine(SignatureLine, text);
  if (!isText(frame, FRAME.signature) || signature === undefined) throw new Changed('The signature was changed: it cannot be read.');
  if (!isText(end[0], FRAME.end) || !isText(end[1], '')) throw new Changed('The end of the bundle was changed.');
  return signature;
}

/** Parses a line that must be canonical JSON of a schema; `undefined` if it is not. */
function parseLine<T>(form: z.ZodType<T>, text: string): T | undefined {
  const value = parseJson(text);
  if (value === undefined || canonicalJson(value) !== text) return undefined;
  const parsed = form.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

/** Entries are one per line, all but the last followed by a comma; the digest covers only the entry. */
function entryLine(line: Uint8Array): EntryLine {
  const comma = line.at(-1) === COMMA;
  return { sha256: sha256(comma ? line.subarray(0, -1) : line), comma };
}

function firstDifference(lines: readonly EntryLine[], { entries }: Manifest): number | undefined {
  const count = Math.max(lines.length, entries.length);
  for (let at = 0; at < count; at++) {
    const line = lines[at];
    if (line === undefined || line.sha256 !== entries[at]?.sha256 || line.comma !== at < lines.length - 1) return at;
  }
  return undefined;
}

async function entryAt(chunks: AsyncIterable<Uint8Array>, at: number): Promise<string | undefined> {
  let number = -1;
  for await (const line of linesOf(chunks)) {
    if (number === at) return isText(line, FRAME.manifest) ? undefined : Buffer.from(line).toString('utf8');
    number += 1;
  }
  return undefined;
}

function isText(line: Uint8Array | undefined, text: string): boolean {
  return line !== undefined && Buffer.from(text, 'utf8').equals(line);
}

function textOf(line: Uint8Array | undefined): string | undefined {
  if (line === undefined) return undefined;
  const text = Buffer.from(line).toString('utf8');
  return isText(line, text) ? text : undefined;
}
