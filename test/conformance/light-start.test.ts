import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');

/** What a file loads as soon as it is loaded itself: neither types nor what it imports later. */
function loadedBy(source: string): readonly string[] {
  const statements = source.matchAll(/^(?:import|export)\s+(?!type\b)(?:([^'"`;]*?)\s*from\s*)?['"]([^'"]+)['"]/gm);
  const isOnlyTypes = (names: string) => /^\{(?:\s*type\s[^,}]+,?)+\s*\}$/.test(names);
  return [...statements].flatMap(([, names = '', specifier = '']) => (isOnlyTypes(names) ? [] : specifier));
}

/** The packages that are loaded before the first line of a file runs. */
function packagesBefore(start: string): readonly string[] {
  const files = new Set([join(ROOT, start)]);
  const packages = new Set<string>();
  // A set grows while it is walked.
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
  it('a command loads only what reads its arguments and writes its help: everybody waits for it', () => {
    expect(packagesBefore('shared/cli/main.ts')).toEqual(['@commander-js/extra-typings', 'string-width', 'wrap-ansi']);
  });

  it.each(globSync('functions/*.ts', { cwd: ROOT }))('%s loads little more than what registers it: a cold start waits for it', (file) => {
    expect(['@azure/functions', 'zod']).toEqual(expect.arrayContaining([...packagesBefore(file)]));
  });
});
