import { z } from 'zod';
import type { ImageFile } from '../domain/images/image-file.ts';
import { parseNodeImage } from '../domain/images/node-image.ts';
import { Fault } from '../domain/snapshot/fault.ts';

/** Size limit of the file; hundreds of images with their vulnerabilities stay below it. */
const MAX_LENGTH = 1_048_576;
const MAX_PROBLEMS = 20;

const text = z
  .string()
  .min(1)
  .max(200)
  .regex(/^\P{Cc}*$/u, 'expected no control characters');
const origin = {
  source: z.url({ protocol: /^https$/, error: 'expected an address with https' }).max(500),
  seenOn: z.iso.date('expected a date such as 2026-11-30'),
};
const nodeImageVersion = text.refine(
  (name) => parseNodeImage(name) !== undefined,
  'expected a node image such as AKSAzureLinux-V3katagen2-202610.08.0',
);
const kataImage = nodeImageVersion.refine(
  (name) => parseNodeImage(name)?.features.kata !== false,
  'expected a Kata image: others have no guest kernel',
);
const id = z.string().regex(/^(CVE-\d{4}-\d{4,19}|GHSA(-[0-9a-z]{4}){3})$/i, 'expected an id such as CVE-2026-31431');

/** The schema of the image file; an unknown key is a mistake. */
const FileShape = z.strictObject({
  schemaVersion: z.literal(1, { error: ({ input }) => `expected 1, got ${JSON.stringify(input)}` }),
  kernels: z
    .array(z.strictObject({ nodeImageVersion: kataImage, guestKernel: text, nodeKernel: text, kataVersion: text, ...origin }))
    .max(10_000)
    .default([]),
  newest: z
    .array(z.strictObject({ nodeImageVersion, ...origin }))
    .max(10_000)
    .default([]),
  vulnerabilities: z
    .array(z.strictObject({ nodeImageVersion, ids: z.array(id).max(10_000), ...origin }))
    .max(10_000)
    .default([]),
});

/** Reads an image file; throws one `Fault` that lists every mistake with its place. */
export function parseImageFile(content: string, source: string): ImageFile {
  if (content.length > MAX_LENGTH) throw new Fault('too-large', `${source} is longer than ${MAX_LENGTH} characters.`);
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (cause) {
    throw new Fault('malformed', `${source} is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  const { success, data, error } = FileShape.safeParse(value);
  if (success) return { kernels: data.kernels, newest: data.newest, vulnerabilities: data.vulnerabilities };
  const problems = error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`);
  const more = problems.length > MAX_PROBLEMS ? [`and ${problems.length - MAX_PROBLEMS} more`] : [];
  const list = [...problems.slice(0, MAX_PROBLEMS), ...more].map((problem) => `\n  - ${problem}`).join('');
  throw new Fault('malformed', `${source} is not an image file:${list}`);
}

/** Writes an image file that `parseImageFile` reads, with one row per line, so that a change is easy to review. */
export function printImageFile({ kernels, newest, vulnerabilities }: ImageFile): string {
  const list = (rows: readonly object[]) =>
    rows.length === 0 ? '[]' : `[\n${rows.map((row) => `    ${JSON.stringify(row)}`).join(',\n')}\n  ]`;
  return `{\n  "schemaVersion": 1,\n  "kernels": ${list(kernels)},\n  "newest": ${list(newest)},\n  "vulnerabilities": ${list(vulnerabilities)}\n}\n`;
}
