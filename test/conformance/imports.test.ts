import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');

/** Reads the table of who may import whom from ARCHITECTURE.md, so that the page and the check are one. */
function readTable(): Map<string, readonly string[]> {
  const text = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
  const rows = text.matchAll(/^\| `([a-z]+)` \| ([^|]*) \|/gm);
  return new Map([...rows].map(([, folder = '', may = '']) => [folder, [...may.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)]));
}

/** The house's folder that a path lies in: `functions`, or the folder below `shared`. */
function folderOf(path: string): string {
  const [top = '', second = ''] = relative(ROOT, path).split('/');
  return top === 'shared' ? second : top;
}

/** Every specifier that a source file imports, static, dynamic, or type only. */
function importsOf(source: string): readonly string[] {
  const statics = source.matchAll(/^\s*(?:import|export)\s(?:[^'"`;]*?from\s*)?['"]([^'"]+)['"]/gm);
  const dynamics = source.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g);
  return [...statics, ...dynamics].map(([, specifier = '']) => specifier);
}

function violations(file: string, source: string, table: Map<string, readonly string[]>): readonly string[] {
  const from = folderOf(file);
  const may = table.get(from);
  if (may === undefined) return [`${relative(ROOT, file)}: its folder is not in the table`];
  return importsOf(source).flatMap((specifier) => {
    const target = specifier.startsWith('.') ? folderOf(resolve(dirname(file), specifier)) : specifier;
    if (target === from || may.includes(target)) return [];
    if (!specifier.startsWith('.') && may.includes('packages')) return [];
    return [`${relative(ROOT, file)} may not import ${specifier}`];
  });
}

describe('the house', () => {
  const table = readTable();

  it('lists every folder of shared/ in the table of ARCHITECTURE.md', () => {
    const folders = new Set(globSync('shared/*/**/*.{ts,js}', { cwd: ROOT }).map((path) => folderOf(join(ROOT, path))));
    expect([...folders].filter((folder) => !table.has(folder))).toEqual([]);
  });

  it('imports only what the table allows', () => {
    const files = globSync('{functions,shared}/**/*.ts', { cwd: ROOT }).map((path) => join(ROOT, path));
    expect(files.length).toBeGreaterThan(30);
    expect(files.flatMap((file) => violations(file, readFileSync(file, 'utf8'), table))).toEqual([]);
  });

  it.each([
    ['shared/domain/x.ts', `import { readFile } from 'node:fs';`],
    ['shared/domain/x.ts', `import { createStorage } from '../storage/storage.ts';`],
    ['shared/rules/x.ts', `const x = await import('../azure/estate.ts');`],
    ['shared/http/x.ts', `import { app } from '@azure/functions';`],
    ['shared/azure/x.ts', `export * from '../kubernetes/open-cluster.ts';`],
    ['functions/x.ts', `import { startEstate } from '../shared/local/estate/server.ts';`],
  ])('refuses, in %s, %s', (file, source) => {
    expect(violations(join(ROOT, file), source, table)).toHaveLength(1);
  });
});
