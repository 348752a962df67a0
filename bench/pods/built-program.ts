import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { bundle } from '../../scripts/npm/bundle.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** The command line as the npm package has it. */
export interface BuiltProgram {
  readonly path: string;
  readonly remove: () => Promise<void>;
}

/** Builds the command line into its own folder. */
export async function buildProgram(): Promise<BuiltProgram> {
  const built = await mkdtemp(join(tmpdir(), 'bench-built-'));
  await bundle(ROOT, built);
  return { path: join(built, 'shared/cli/bin.js'), remove: () => rm(built, { recursive: true, force: true }) };
}
