import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { provideFunctionsCore } from './functions-core.ts';

/**
 * Loads an unpacked package as the Functions worker would and reports what it registered and how long that took; then loads every
 * module that the code loads lazily. Runs as a separate Node process, so that only the package can be found.
 */
const folder = process.argv[2] ?? '';
const LAZY = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;
const registered: string[] = [];

provideFunctionsCore((name) => registered.push(name));

const started = performance.now();
for (const file of globSync('dist/functions/*.js', { cwd: folder }).sort()) await import(pathToFileURL(join(folder, file)).href);
const milliseconds = Math.round(performance.now() - started);

let lazy = 0;
for (const file of globSync('dist/**/*.js', { cwd: folder })) {
  for (const [, specifier = ''] of readFileSync(join(folder, file), 'utf8').matchAll(LAZY)) {
    await import(specifier.startsWith('.') ? new URL(specifier, pathToFileURL(join(folder, file))).href : resolveFrom(specifier));
    lazy += 1;
  }
}
process.stdout.write(JSON.stringify({ functions: registered.sort(), milliseconds, lazy }));

function resolveFrom(specifier: string): string {
  return import.meta.resolve(specifier, pathToFileURL(join(folder, 'dist/functions/x.js')).href);
}
