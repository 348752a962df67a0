import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gather } from '../../scripts/package/contents.ts';
import { type Entry, unzip, zip } from '../../scripts/package/zip.ts';

const PROJECT: Readonly<Record<string, string>> = {
  'package.json':
    '{"name":"app","version":"1.2.3","license":"MIT","type":"module","main":"dist/functions/*.js","devDependencies":{"z":"1"}}',
  'host.json': '{}',
  LICENSE: 'MIT',
  'dist/functions/scan.js': `import { x } from 'x';\nimport '../shared/used.js';\n`,
  'dist/shared/used.js': `export const load = () => import('y');\n`,
  'dist/shared/unused.js': '',
  'dist/shared/cli/main.js': '',
  'node_modules/x/package.json': '{"name":"x","main":"index.js"}',
  'node_modules/x/index.js': `const { a } = require('./a');\ntry { require('optional') } catch {}\n/** @type {import('./folder')} */\n// require is not called here\n`,
  'node_modules/x/a.js': `exports.a = require('node:fs');`,
  'node_modules/x/unused.js': '',
  'node_modules/x/LICENSE.md': 'Apache',
  'node_modules/x/folder/index.js': '',
  'node_modules/x/licenses/other.txt': '',
  'node_modules/y/package.json': '{"name":"y","type":"module","exports":"./y.js"}',
  'node_modules/y/dist/package.json': '{"type":"module"}',
  'node_modules/y/y.js': `import "./dist/inner.js";export*from"./deep.js";export{b as default}from"./b.js";`,
  'node_modules/y/dist/inner.js': '',
  'node_modules/y/deep.js': 'export const deep = 1;',
  'node_modules/y/b.js': 'export const b = 1;',
  'node_modules/z/package.json': '{"name":"z"}',
  'node_modules/z/index.js': '',
};

let folder = '';
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'kataudit-gather-')));
  for (const [path, text] of Object.entries(PROJECT)) add(path, text);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function add(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** `import.meta.resolve` without the flag for a parent; the fixtures are resolved in the same way by `require`. */
function resolveImport(specifier: string, parent: string): string {
  if (specifier.startsWith('.')) return new URL(specifier, parent).href;
  return pathToFileURL(createRequire(fileURLToPath(parent)).resolve(specifier)).href;
}
const paths = () =>
  gather(folder, resolveImport)
    .entries.map(({ path }) => path)
    .sort();

describe('the package', () => {
  it('contains exactly what the functions import, statically or dynamically, with the licenses', () => {
    expect(paths()).toEqual([
      'LICENSE',
      'dist/functions/scan.js',
      'dist/shared/used.js',
      'host.json',
      'node_modules/x/LICENSE.md',
      'node_modules/x/a.js',
      'node_modules/x/index.js',
      'node_modules/x/package.json',
      'node_modules/y/b.js',
      'node_modules/y/deep.js',
      'node_modules/y/dist/inner.js',
      'node_modules/y/dist/package.json',
      'node_modules/y/package.json',
      'node_modules/y/y.js',
      'package.json',
    ]);
  });

  it('has its own manifest, without scripts and dependencies', () => {
    const manifest = gather(folder, resolveImport).entries.find(({ path }) => path === 'package.json');
    expect(JSON.parse(manifest?.bytes.toString() ?? '')).toEqual({
      name: 'app',
      version: '1.2.3',
      license: 'MIT',
      private: true,
      type: 'module',
      main: 'dist/functions/*.js',
      engines: { node: '>=22' },
    });
  });

  it('reports packages that the code imports and that are not installed', () => {
    expect(gather(folder, resolveImport).unresolved).toEqual(
      ['./folder', 'optional'].map((name) => `${name} from ${join(folder, 'node_modules/x/index.js')}`),
    );
  });

  it('is refused when a function imports the command line or local mode', () => {
    add('dist/functions/scan.js', `import '../shared/cli/main.js';`);
    expect(() => paths()).toThrow(/import files that are not deployed, 1 in all: .*main\.js/);
  });

  it('is refused when the code imports a missing file', () => {
    add('dist/functions/scan.js', `const { x } = await import('nowhere');`);
    expect(() => paths()).toThrow(/imports what does not exist: nowhere from .*scan\.js/);
  });

  it('is refused when nothing was built', () => {
    rmSync(join(folder, 'dist'), { recursive: true });
    expect(() => paths()).toThrow('run `npm run build` first');
  });
});

describe('zip', () => {
  const entries: readonly Entry[] = [
    { path: 'b/ü.txt', bytes: Buffer.from('text '.repeat(1_000)) },
    { path: 'a.txt', bytes: Buffer.alloc(0) },
  ];

  it('unpacks to the packed files, in order of path', () => {
    expect(unzip(zip(entries))).toEqual([...entries].reverse());
  });

  it('is the same for the same files in any order', () => {
    expect(zip([...entries].reverse())).toEqual(zip(entries));
  });

  it('compresses', () => {
    expect(zip(entries).length).toBeLessThan(500);
  });

  it('ends with a directory that counts its files', () => {
    const archive = zip(entries);
    const end = archive.subarray(archive.length - 22);
    expect(end.readUInt32LE(0)).toBe(0x06054b50);
    expect(end.readUInt16LE(10)).toBe(2);
    expect(archive.readUInt32LE(end.readUInt32LE(16))).toBe(0x02014b50);
  });

  it('detects a changed byte', () => {
    const archive = zip([{ path: 'a', bytes: Buffer.from('abcdefghij') }]);
    archive.writeUInt32LE(archive.readUInt32LE(14) ^ 1, 14);
    expect(() => unzip(archive)).toThrow('The checksum of a is wrong');
  });

  it('refuses more files than the format supports', () => {
    expect(() => zip(Array.from({ length: 65_535 }, () => ({ path: 'x', bytes: Buffer.alloc(0) })))).toThrow(/more than a plain ZIP/);
  });
});
