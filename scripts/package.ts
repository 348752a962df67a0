import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { gather } from './package/contents.ts';
import { type Entry, unzip, zip } from './package/zip.ts';

/**
 * Makes what is deployed from what was built: `.package/app` and the same as a ZIP archive, with a
 * bill of materials beside them. Fails when the archive does not load by itself, or is too large.
 */
const ROOT = resolve(import.meta.dirname, '..');
const OUTPUT = join(ROOT, '.package');
const MAX_BYTES = 40_000_000;
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
console.log(`It registers ${loaded.functions.length} functions in ${loaded.milliseconds} ms and loads ${loaded.lazy} lazy modules, alone.`);
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

/** Unpacks the archive far from this project's `node_modules` and loads it in a Node of its own. */
function loadAlone(packed: Buffer): z.output<typeof report> {
  const folder = mkdtempSync(join(tmpdir(), 'kataudit-package-'));
  try {
    write(folder, unzip(packed));
    const loader = join(import.meta.dirname, 'package/load.ts');
    const arguments_ = ['--experimental-import-meta-resolve', loader, folder];
    return report.parse(JSON.parse(execFileSync(process.execPath, arguments_, { cwd: folder, encoding: 'utf8', env: {} })));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
