import { existsSync, globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(resolve(ROOT, path), 'utf8');

/** Paths of this project that a page names in backticks; one with a placeholder stands for its folder. */
function pathsIn(text: string): readonly string[] {
  const words = [...text.matchAll(/`((?:shared|test|functions|infra|docs|scripts|bench)\/[^`\s]*)`/g)].map(([, path = '']) => path);
  return words.map((path) => (path.includes('<') ? path.slice(0, path.lastIndexOf('/')) : path));
}

describe('the pages for whoever changes the code', () => {
  it.each(['CONTRIBUTING.md', 'ARCHITECTURE.md', 'docs/reliability.md'])('%s names only paths that are there', (page) => {
    const paths = pathsIn(read(page));
    expect(paths.length).toBeGreaterThan(3);
    expect(paths.filter((path) => !existsSync(resolve(ROOT, path)))).toEqual([]);
  });

  it('names only scripts that package.json has', () => {
    const { scripts }: { readonly scripts: Readonly<Record<string, string>> } = JSON.parse(read('package.json'));
    const named = [...read('CONTRIBUTING.md').matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  it('lists every document in docs/README.md, and README.md within 120 lines', () => {
    const index = read('docs/README.md');
    const links = [...index.matchAll(/\]\(([^)#]+)\)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !existsSync(resolve(ROOT, 'docs', link)))).toEqual([]);
    const pages = globSync('docs/*.md', { cwd: ROOT }).map((path) => path.replace('docs/', ''));
    expect(pages.filter((page) => page !== 'README.md' && !links.includes(page))).toEqual([]);
    expect(read('README.md').split('\n').length).toBeLessThanOrEqual(121);
  });
});
