import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');

/** The modules that a file loads immediately, without types and dynamic imports. */
function loadedBy(source: string): readonly string[] {
  const statements = source.matchAll(/^(?:import|export)\s+(?!type\b)(?:([^'"`;]*?)\s*from\s*)?['"]([^'"]+)['"]/gm);
  const isOnlyTypes = (names: string) => /^\{(?:\s*type\s[^,}]+,?)+\s*\}$/.test(names);
  return [...statements].flatMap(([, names = '', specifier = '']) => (isOnlyTypes(names) ? [] : specifier));
}

/** The packages that are loaded before the first line of a file runs. */
function packagesBefore(start: string): readonly string[] {
  const files = new Set([join(ROOT, start)]);
  const packages = new Set<string>();
  // The set grows during the iteration.
  for (const file of files) {
    for (const specifier of loadedBy(readFileSync(file, 'utf8'))) {
      const path = resolve(dirname(file), specifier);
      if (specifier.startsWith('.') && existsSync(path)) files.add(path);
      else if (!specifier.startsWith('node:')) packages.add(specifier);
    }
  }
  return [...packages].sort();
}

describe('starting', () => {
  it('a command loads only what parses its arguments and prints its help, because every user waits for it', () => {
    expect(packagesBefore('shared/cli/main.ts')).toEqual(['@commander-js/extra-typings', 'string-width', 'wrap-ansi']);
  });

  it.each(globSync('functions/*.ts', { cwd: ROOT }))(
    '%s loads little more than what registers it, because a cold start waits for it',
    (file) => {
      expect(['@azure/functions', 'zod']).toEqual(expect.arrayContaining([...packagesBefore(file)]));
    },
  );
});
