import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { gather } from './package/contents.ts';
import { type Entry, unzip, zip } from './package/zip.ts';

/**
 * Creates the deployment package from the build: the folder `.package/app`, the same as a ZIP archive, and a bill of materials. Fails
 * if the archive does not load on its own or is too large.
 */
const ROOT = resolve(import.meta.dirname, '..');
const OUTPUT = join(ROOT, '.package');
const MAX_BYTES = 40_000_000;
const served = z.object({ triggers: z.array(z.string()), status: z.literal(200), body: z.object({ status: z.literal('alive') }) });
const report = z.object({ functions: z.array(z.string()), milliseconds: z.number(), lazy: z.number() });
const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));

const { entries } = gather(ROOT, (specifier, parent) => import.meta.resolve(specifier, parent));
const archive = zip(entries);
rmSync(OUTPUT, { recursive: true, force: true });
write(join(OUTPUT, 'app'), entries);
writeFileSync(join(OUTPUT, `kataudit-${version}.zip`), archive);
writeFileSync(join(OUTPUT, `kataudit-${version}.cdx.json`), billOfMaterials());

const loaded = loadAlone(archive);
const unpacked = entries.reduce((sum, { bytes }) => sum + bytes.length, 0);
console.log(`.package/kataudit-${version}.zip: ${megabytes(archive.length)}, ${megabytes(unpacked)} unpacked in ${entries.length} files`);
console.log(
  `It registers ${loaded.functions.length} functions in ${loaded.milliseconds} ms and loads ${loaded.lazy} lazy modules, alone; the local host serves it.`,
);
if (unpacked > MAX_BYTES) throw new Error(`The package unpacks to more than ${megabytes(MAX_BYTES)}.`);

function write(folder: string, files: readonly Entry[]): void {
  for (const { path, bytes } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
}

function billOfMaterials(): string {
  const arguments_ = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--omit', 'dev', '--package-lock-only'];
  return execFileSync('npm', arguments_, { cwd: ROOT, encoding: 'utf8', maxBuffer: 64_000_000, shell: process.platform === 'win32' });
}

/** Unpacks the archive far from this project's `node_modules`, loads it in a separate Node process, and serves it. */
function loadAlone(packed: Buffer): z.output<typeof report> {
  const folder = mkdtempSync(join(tmpdir(), 'kataudit-package-'));
  try {
    write(folder, unzip(packed));
    const run = (script: string) => {
      const arguments_ = ['--experimental-import-meta-resolve', join(import.meta.dirname, 'package', script), folder];
      const output = execFileSync(process.execPath, arguments_, { cwd: folder, encoding: 'utf8', env: {}, timeout: 60_000 });
      return JSON.parse(output);
    };
    const loaded = report.parse(run('load.ts'));
    const { triggers } = served.parse(run('serve.ts'));
    if (triggers.length !== loaded.functions.length)
      throw new Error('The local host does not serve the same functions that were registered.');
    return loaded;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
