import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { runLine, type Step } from './step.ts';

/** What the package is made of: a fresh clone, and what `npm ci` would install there. */
const SOURCES = ['functions', 'scripts', 'shared', 'host.json', 'LICENSE', 'package.json', 'package-lock.json', 'tsconfig.json'];

/** What was packed, and the names of its functions. */
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
  // Beside the project, because links cannot lead to another disk.
  const copy = mkdtempSync(join(root, '.package/rehearsal-'));
  try {
    for (const name of SOURCES) cpSync(join(root, name), join(copy, name), { recursive: true });
    execFileSync('cp', ['-al', join(root, 'node_modules'), join(copy, 'node_modules')]);
    const step = await runLine(copy, 'npm run --silent package', environment);
    const files = globSync('.package/app/dist/functions/*.js', { cwd: copy });
    return { step, functions: files.map((path) => basename(path).split('.')[0] ?? '').sort() };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
