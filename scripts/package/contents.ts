import { globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { licenseNames, type ResolveImport, trace } from './trace.ts';
import type { Entry } from './zip.ts';

/** The files of a package, and the imports of the code that are not installed. */
export interface Contents {
  readonly entries: readonly Entry[];
  readonly unresolved: readonly string[];
}

/**
 * Collects only what the built functions need at run time: the built files and files of npm packages that they import, directly or
 * indirectly, the packages' licenses, `host.json`, and a manifest.
 */
export function gather(root: string, resolveImport: ResolveImport): Contents {
  const functions = globSync('dist/functions/*.js', { cwd: root }).map((path) => join(root, path));
  if (functions.length === 0) throw new Error('There are no built functions: run `npm run build` first.');
  const { files, unresolved } = trace(functions, resolveImport);
  const own = unresolved.filter((line) => line.split(' from ')[1]?.startsWith(join(root, 'dist')));
  if (own.length > 0) throw new Error(`Our own code imports what does not exist: ${own.join(', ')}`);
  const rooted = files.filter((file) => file !== join(root, 'package.json'));
  const stray = rooted.filter((file) => !isOurs(relative(root, file)));
  if (stray.length > 0)
    throw new Error(`The functions import files that are not deployed, ${stray.length} in all: ${stray.slice(0, 5).join(', ')}`);
  const paths = new Set([...rooted, ...licensesBeside(rooted), join(root, 'host.json'), join(root, 'LICENSE')]);
  const entries = [...paths].map((path) => ({ path: relative(root, path).split(sep).join('/'), bytes: readFileSync(path) }));
  return { entries: [...entries, { path: 'package.json', bytes: manifest(root) }], unresolved };
}

/** Local mode, tests and scripts are not deployed. */
function isOurs(path: string): boolean {
  if (path.startsWith(join('dist', 'shared', 'local')) || path.startsWith(join('dist', 'shared', 'cli'))) return false;
  return path.startsWith(`dist${sep}`) || path.startsWith(`node_modules${sep}`);
}

function licensesBeside(files: readonly string[]): readonly string[] {
  const folders = new Set(files.filter((file) => file.endsWith(`${sep}package.json`)).map((file) => dirname(file)));
  return [...folders].flatMap((folder) => {
    const names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [entry.name] : []));
    return licenseNames(names).map((name) => join(folder, name));
  });
}

function manifest(root: string): Buffer {
  const { name, version, license, type, main } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return Buffer.from(`${JSON.stringify({ name, version, license, private: true, type, main, engines: { node: '>=22' } }, undefined, 2)}\n`);
}
