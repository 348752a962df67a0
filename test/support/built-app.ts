import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const ROOT = resolve(import.meta.dirname, '../..');

/** The app as it is deployed: `dist/`, host.json, package.json and the packages. */
export interface BuiltApp {
  readonly folder: string;
  /** The built function files, absolute. */
  readonly functionFiles: readonly string[];
  remove(): Promise<void>;
}

/** Builds the app into a separate folder, so that the checkout's `dist/` does not change. */
export async function buildApp(): Promise<BuiltApp> {
  const folder = await mkdtemp(join(tmpdir(), 'kataudit-built-'));
  const compiler = join(ROOT, 'node_modules/.bin/tsc');
  // Types are checked by `npm run check`; here they would only take time.
  await promisify(execFile)(compiler, ['-p', ROOT, '--noCheck', '--outDir', join(folder, 'dist')]);
  for (const name of ['host.json', 'package.json']) await copyFile(join(ROOT, name), join(folder, name));
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const functions = join(folder, 'dist/functions');
  const names = (await readdir(functions)).filter((name) => name.endsWith('.js')).sort();
  return {
    folder,
    functionFiles: names.map((name) => join(functions, name)),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
