import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');

/** Reads the table of who may import whom from ARCHITECTURE.md, so that the page and the check are one. */
function readTable(): Map<string, readonly string[]> {
  const text = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
  const rows = text.matchAll(/^\| `([a-z/-]+)` \| ([^|]*) \|/gm);
  return new Map([...rows].map(([, folder = '', may = '']) => [folder, [...may.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)]));
}

/** A path relative to `shared/`, or to the root. */
function placeOf(path: string): string {
  return relative(ROOT, path).replace(/^shared\//, '');
}

/** The row of the table for a file: that of its group, otherwise that of its folder. */
function rowOf(file: string, table: ReadonlyMap<string, unknown>): string | undefined {
  const rows = [...table.keys()].filter((row) => placeOf(file).startsWith(`${row}/`));
  return rows.toSorted((a, b) => b.length - a.length)[0];
}

/** Every specifier that a source file imports, static, dynamic, or type only. */
function importsOf(source: string): readonly string[] {
  const statics = source.matchAll(/^\s*(?:import|export)\s(?:[^'"`;]*?from\s*)?['"]([^'"]+)['"]/gm);
  const dynamics = source.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g);
  return [...statics, ...dynamics].map(([, specifier = '']) => specifier);
}

function violations(file: string, source: string, table: Map<string, readonly string[]>): readonly string[] {
  const from = rowOf(file, table);
  const may = from === undefined ? undefined : table.get(from);
  if (from === undefined || may === undefined) return [`${relative(ROOT, file)}: its folder is not in the table`];
  const isAllowed = (specifier: string) => {
    if (!specifier.startsWith('.')) return may.includes(specifier) || may.includes('packages');
    const target = resolve(dirname(file), specifier);
    return rowOf(target, table) === from || may.some((name) => placeOf(target).startsWith(`${name}/`));
  };
  return importsOf(source).flatMap((specifier) => (isAllowed(specifier) ? [] : [`${relative(ROOT, file)} may not import ${specifier}`]));
}

/** Files that import each other, directly or indirectly, including type-only imports. */
function circles(files: readonly string[]): readonly string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) found.push([...path.slice(path.indexOf(file)), file].map(placeOf).join(' → '));
    if (path.includes(file) || done.has(file)) return;
    for (const next of importedFiles(file)) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  return found;
}

function importedFiles(file: string): readonly string[] {
  const specifiers = importsOf(readFileSync(file, 'utf8')).filter((specifier) => /^\..*\.ts$/.test(specifier));
  return specifiers.map((specifier) => resolve(dirname(file), specifier)).filter((path) => existsSync(path));
}

describe('the architecture', () => {
  const table = readTable();

  it('lists every folder of shared/ in the table of ARCHITECTURE.md', () => {
    const folders = globSync('shared/*', { cwd: ROOT }).map((path) => path.replace('shared/', ''));
    expect(folders.filter((folder) => !table.has(folder) && ![...table.keys()].some((row) => row.startsWith(`${folder}/`)))).toEqual([]);
  });

  it('lists only folders that exist', () => {
    expect([...table.keys()].filter((row) => !existsSync(join(ROOT, 'shared', row)) && !existsSync(join(ROOT, row)))).toEqual([]);
  });

  it('imports only what the table allows', () => {
    const files = globSync('{functions,shared}/**/*.ts', { cwd: ROOT }).map((path) => join(ROOT, path));
    expect(files.length).toBeGreaterThan(30);
    expect(files.flatMap((file) => violations(file, readFileSync(file, 'utf8'), table))).toEqual([]);
  });

  it('has no import cycles', () => {
    const files = globSync('{functions,shared,test,bench,scripts}/**/*.ts', { cwd: ROOT }).map((path) => join(ROOT, path));
    expect(files.length).toBeGreaterThan(500);
    expect(circles(files)).toEqual([]);
  });

  it.each([
    ['shared/domain/snapshot/x.ts', `import { parsePolicy } from '../policy/policy.ts';`],
    ['shared/domain/x.ts', `export const inNoGroup = 1; import type { Policy } from './policy/policy.ts';`],
    ['shared/http/framework/x.ts', `import { ROUTES } from '../routes.ts';`],
    ['shared/domain/policy/x.ts', `import { readFile } from 'node:fs';`],
    ['shared/domain/findings/x.ts', `import { createStorage } from '../../storage/storage.ts';`],
    ['shared/rules/x.ts', `const x = await import('../azure/estate.ts');`],
    ['shared/http/x.ts', `import { app } from '@azure/functions';`],
    ['shared/azure/x.ts', `export * from '../kubernetes/open-cluster.ts';`],
    ['functions/x.ts', `import { startEstate } from '../shared/local/estate/server.ts';`],
  ])('refuses, in %s, %s', (file, source) => {
    expect(violations(join(ROOT, file), source, table)).toHaveLength(1);
  });
});
