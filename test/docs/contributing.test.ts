import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(resolve(ROOT, path), 'utf8');

/** Paths of this project that a page names in backticks; one with a placeholder stands for its folder. */
function pathsIn(text: string): readonly string[] {
  const words = [...text.matchAll(/`((?:shared|test|functions|infra|docs|scripts|bench)\/[^`\s]*)`/g)].map(([, path = '']) => path);
  return words.map((path) => (path.includes('<') ? path.slice(0, path.lastIndexOf('/')) : path));
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: string): readonly string[] {
  const headings = [...page.matchAll(/^#+ (.+)$/gm)].map(([, text = '']) => text.toLowerCase());
  return headings.map((text) => text.replaceAll(/[^\w -]/g, '').replaceAll(' ', '-'));
}

/** The links of a page that lead to no file, or to no heading of that file. */
function brokenLinks(page: string): readonly string[] {
  const text = read(page);
  const links = [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links.filter((link) => {
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? resolve(ROOT, page) : resolve(ROOT, dirname(page), path);
    if (!existsSync(target)) return true;
    return anchor !== undefined && target.endsWith('.md') && !anchorsOf(readFileSync(target, 'utf8')).includes(anchor);
  });
}

describe('the documents', () => {
  it.each(globSync(['*.md', 'docs/*.md'], { cwd: ROOT }))('%s links only to files and headings that exist', (page) => {
    expect(brokenLinks(page)).toEqual([]);
  });

  it.each(globSync(['*.md', 'docs/*.md'], { cwd: ROOT }))('%s has no markers of a merge conflict', (page) => {
    expect(read(page)).not.toMatch(/^(?:<{7}|={7}|>{7})(?: |$)/m);
  });
});

describe('the pages for contributors', () => {
  it.each(['CONTRIBUTING.md', 'ARCHITECTURE.md', 'docs/reliability.md'])('%s names only paths that exist', (page) => {
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
