import { cpSync, existsSync, globSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { runLine, type Step } from './step.ts';

/** The inputs of the package: a fresh clone, and what `npm ci` would install there. */
const SOURCES = ['functions', 'scripts', 'shared', 'host.json', 'LICENSE', 'package.json', 'package-lock.json', 'tsconfig.json'];

/** The package, and the names of its functions. */
export interface Packed {
  readonly step: Step;
  readonly functions: readonly string[];
}

/**
 * The hook `prepackage` of azure.yaml without its `npm ci`, which needs a registry: builds and packs a copy of the project, so that nobody else's
 * `dist/` is touched. The script unpacks the archive elsewhere, loads it as the Functions worker does, and serves it.
 */
export async function packCode(root: string, environment: Readonly<Record<string, string>>): Promise<Packed> {
  mkdirSync(join(root, '.package'), { recursive: true });
  // Beside the project, because hard links cannot point to another disk.
  const copy = mkdtempSync(join(root, '.package/rehearsal-'));
  try {
    for (const name of SOURCES) cpSync(join(root, name), join(copy, name), { recursive: true });
    linkPackages(root, copy);
    const step = await runLine(copy, 'npm run --silent package', environment);
    const files = globSync('.package/app/dist/functions/*.js', { cwd: copy });
    return { step, functions: files.map((path) => basename(path).split('.')[0] ?? '').sort() };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

const lock = z.object({ packages: z.record(z.string(), z.object({ dev: z.boolean().optional() })) });
/** Besides the runtime packages: those that build, and those that a package uses when they exist (debug uses colors). */
const BUILDING = /^node_modules\/(?:typescript|@typescript\/[^/]+|@types\/[^/]+|undici-types|supports-color|has-flag)$/;

/** Links only what a build needs, because all packages together are hundreds of megabytes in tens of thousands of files. */
function linkPackages(root: string, copy: string): void {
  const { packages } = lock.parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')));
  const needed = Object.entries(packages).filter(
    ([path, { dev }]) => /^node_modules\/(?:@[^/]+\/)?[^/]+$/.test(path) && (dev !== true || BUILDING.test(path)),
  );
  for (const [path] of needed) if (existsSync(join(root, path))) linkFolder(join(root, path), join(copy, path));
  cpSync(join(root, 'node_modules/.bin'), join(copy, 'node_modules/.bin'), { recursive: true, verbatimSymlinks: true });
}

function linkFolder(from: string, to: string): void {
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(to, relative(from, join(entry.parentPath, entry.name)));
    mkdirSync(dirname(path), { recursive: true });
    linkSync(join(entry.parentPath, entry.name), path);
  }
}
