import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { printSnapshot } from '../domain/snapshot/snapshot-file.ts';
import { type AuditFormat, extensionOf } from './audit-formats.ts';
import type { Wanted } from './frame/destinations.ts';
import { writeText } from './frame/files.ts';
import { UsageError } from './frame/usage-error.ts';
import type { Report } from './report.ts';

const SNAPSHOTS = 'snapshots';
const DEFAULTS: readonly Wanted<AuditFormat>[] = [{ format: 'html' }, { format: 'json' }];

/** Creates a folder for a report and names the file of each format in it; HTML and JSON by default. */
export async function intoFolder(
  folder: string,
  wanted: readonly Wanted<AuditFormat>[] = DEFAULTS,
): Promise<readonly Wanted<AuditFormat>[]> {
  try {
    await mkdir(join(folder, SNAPSHOTS), { recursive: true });
  } catch (cause) {
    throw new UsageError(`Cannot create the folder ${folder}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  return wanted.map(({ format, file }) => ({ format, file: file ?? join(folder, `report.${extensionOf(format)}`) }));
}

/** Saves the snapshot of each cluster next to the report, so that it can be judged or compared again. */
export async function saveSnapshots(folder: string, { clusters }: Report): Promise<void> {
  const taken = new Set<string>();
  for (const { snapshot } of clusters) {
    await writeText(join(folder, SNAPSHOTS, `${fileNameOf(snapshot.cluster.name, taken)}.json`), printSnapshot(snapshot));
  }
}

/** A unique file name inside the folder: a context may have any name. */
function fileNameOf(name: string, taken: Set<string>): string {
  const safe = name.replace(/[^\w-]+/g, '_').slice(0, 100) || 'cluster';
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? safe : `${safe}-${number}`;
    if (taken.has(candidate.toLowerCase())) continue;
    taken.add(candidate.toLowerCase());
    return candidate;
  }
}
