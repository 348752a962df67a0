import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { openSigner } from '../compose/container/signer.ts';
import { keyFingerprint } from '../domain/evidence/signature.ts';
import { type Previous, sealBundle } from '../exports/bundle.ts';
import type { EvidenceEntry } from '../exports/evidence.ts';
import { linesOf } from '../exports/lines.ts';
import { type BundleCheck, type IntactBundle, verifyBundle } from '../exports/verify-bundle.ts';
import { ChainCheck } from '../exports/verify-chain.ts';
import { type AppOptions, askApi } from './client/connection.ts';
import { brokenOff } from './export.ts';
import { readText, STANDARD_INPUT, sourceName } from './frame/files.ts';
import { writePieces } from './frame/stream-file.ts';
import { plain } from './frame/table.ts';
import { UsageError } from './frame/usage-error.ts';

/** The options of `kataudit export bundle`. */
export interface BundleOptions extends AppOptions {
  readonly output?: string;
  readonly signingKey?: string;
  readonly previous?: string;
}

const SIGNING_LIMIT_MS = 60_000;
const Entry = z.object({ name: z.string(), content: z.unknown() });

/**
 * Writes a running app's evidence as a signed bundle that names the previous bundle. It is signed here with the user's key, or by
 * the app.
 */
export async function exportBundle(options: BundleOptions, say: (line: string) => void = console.log): Promise<number> {
  const { output, signingKey } = options;
  if (output === undefined) throw new UsageError('A bundle is written to a file: give --output.');
  const previous = options.previous === undefined ? undefined : await previousOf(options.previous);
  const pieces = signingKey === undefined ? sealedThere(options) : sealedHere(options, signingKey, previous);
  await writePieces(output, await pieces);
  const check = await verifyBundle(() => createReadStream(output));
  if (check.state === 'changed' || (signingKey !== undefined && check.previous?.sha256 !== previous?.sha256)) {
    await rm(output);
    throw new UsageError(
      `The received bundle is not valid: ${check.state === 'changed' ? plain(check.first) : 'it names a different previous bundle.'}`,
    );
  }
  say(said(output, check));
  return 0;
}

async function sealedHere(options: BundleOptions, signingKey: string, previous: Previous | undefined): Promise<AsyncIterable<string>> {
  const signer = await openSigner(signingKey);
  const body = await askApi(options, 'exports/evidence', new URLSearchParams());
  return sealBundle(entriesOf(brokenOff(body)), {
    previous,
    sealedAt: new Date().toISOString(),
    sign: (bytes) => signer.sign(bytes, AbortSignal.timeout(SIGNING_LIMIT_MS)),
  });
}

/** The app's own chain: the app supplies the sequence number and the previous bundle. */
async function sealedThere(options: BundleOptions): Promise<AsyncIterable<Uint8Array>> {
  if (options.previous !== undefined) {
    throw new UsageError('--previous is for a chain of your own, with --signing-key. The app knows the previous bundle of its own chain.');
  }
  return brokenOff(await askApi(options, 'exports/bundle', new URLSearchParams()));
}

/** The exit code when all bundles are valid but no public key was given to compare with. */
const NO_ANCHOR = 3;

/** Verifies bundles offline, each by itself and against the previous one in its chain, and returns the exit code. */
export async function verifyBundles(
  files: readonly string[],
  options: { readonly publicKey?: readonly string[]; readonly from?: number },
  say: (line: string) => void = console.log,
): Promise<number> {
  const trusted = await Promise.all((options.publicKey ?? []).map(fingerprintOf));
  const chain = new ChainCheck(trusted, options.from ?? 1);
  let holds = true;
  for (const file of files) {
    const check = await checkFile(file);
    if (check.state === 'changed' && check.isNoBundle === true) throw new UsageError(`${sourceName(file)} is not a bundle. ${check.first}`);
    const wrong = chain.wrongWith(file, check);
    say(wrong === undefined && check.state === 'intact' ? said(file, check) : plain(`${sourceName(file)}: CHANGED. ${wrong ?? ''}`));
    holds &&= wrong === undefined;
  }
  if (!holds) return 1;
  if (trusted.length > 0) return 0;
  say('Compare the key with one that you know, or give it with --public-key: anyone can sign with a key of their own.');
  return NO_ANCHOR;
}

function said(file: string, { sequence, sealedAt, entries, previous, signedBy }: IntactBundle): string {
  const chain = previous === undefined ? 'the first of its chain' : `follows ${previous.sha256}`;
  return plain(`${sourceName(file)}: intact, bundle ${sequence} of ${sealedAt}, ${entries} entries, ${chain}, signed by ${signedBy}`);
}

async function previousOf(file: string): Promise<Previous> {
  const check = await checkFile(file);
  if (check.state === 'changed') throw new UsageError(`The previous bundle ${file} is not valid: ${plain(check.first)}`);
  return check.self;
}

async function checkFile(file: string): Promise<BundleCheck> {
  if (file === STANDARD_INPUT) return checkInput();
  try {
    return await verifyBundle(() => createReadStream(file));
  } catch (cause) {
    throw new UsageError(`Cannot read ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** A bundle is read twice and may be large, so standard input is copied to a temporary file. */
async function checkInput(): Promise<BundleCheck> {
  const folder = await mkdtemp(join(tmpdir(), 'kataudit-bundle-'));
  const path = join(folder, 'bundle.json');
  try {
    await pipeline(process.stdin, createWriteStream(path, { mode: 0o600 }));
    return await verifyBundle(() => createReadStream(path));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function fingerprintOf(file: string): Promise<string> {
  const fingerprint = keyFingerprint(await readText(file));
  if (fingerprint === undefined) throw new UsageError(`${file} is not a public key in PEM.`);
  return fingerprint;
}

async function* entriesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<EvidenceEntry, void, undefined> {
  for await (const line of linesOf(body)) {
    if (line.length === 0) continue;
    const { name, content } = Entry.parse(JSON.parse(Buffer.from(line).toString('utf8')));
    yield { name, content };
  }
}
