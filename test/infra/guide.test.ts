import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(resolve(ROOT, path), 'utf8');
const PARAMETERS = read('infra/main.parameters.json');
const HOOK = read('scripts/deployment/environment.ts');
const GUIDE = read('docs/operate.md');

/** Variables in the guide's table, with their documented defaults. */
function documented(guide: string): ReadonlyMap<string, string> {
  const rows = guide.split('\n').filter((line) => /^\| `KATAUDIT_[A-Z_]+`/.test(line));
  return new Map(
    rows.flatMap((row) => {
      const [, names = '', defaults = ''] = row.split('|');
      const values = defaults.split(', ').map((text) => text.trim().replaceAll('`', ''));
      return [...names.matchAll(/`(\w+)`/g)].map(([, name = ''], at) => [name, values[at] ?? values[0] ?? ''] as const);
    }),
  );
}

/** Variables that a deployment reads, with their defaults. */
const READ: ReadonlyMap<string, string> = new Map([
  ...[...PARAMETERS.matchAll(/\$\{(KATAUDIT_\w+)=([^}]*)\}/g)].map(([, name = '', value = '']) => [name, value] as const),
  ...[...HOOK.matchAll(/KATAUDIT_(?:EVENT_CLUSTERS|EVENT_SUBSCRIPTIONS|EXISTING_TOPICS)/g)].map(([name]) => [name, ''] as const),
]);

describe('docs/operate.md', () => {
  it('documents every variable that a deployment reads, and no other', () => {
    expect([...documented(GUIDE).keys()].sort()).toEqual([...READ.keys()].sort());
  });

  it.each([...READ].filter(([, value]) => value !== ''))('documents the default of %s as %s', (name, value) => {
    expect(documented(GUIDE).get(name)).toBe(value);
  });

  it('fails the check when it omits a variable', () => {
    const without = GUIDE.replace(/^\| `KATAUDIT_PROBE`.*\n/m, '');
    expect([...documented(without).keys()]).not.toContain('KATAUDIT_PROBE');
  });

  it('has lines of az, azd, npm and git that PowerShell accepts unchanged', () => {
    const lines = [...GUIDE.matchAll(/^(?:az|azd|npm|git) .+$/gm)].map(([line]) => line);
    expect(lines.length).toBeGreaterThan(20);
    // There, a backslash does not continue a line, variables have another syntax, and az.cmd loses quotes within a word.
    expect(lines.filter((line) => /\\$|\$\w|`|'[[{]/.test(line))).toEqual([]);
  });

  it('links only to headings and files that exist', () => {
    const headings = [...GUIDE.matchAll(/^#+ (.+)$/gm)].map(
      ([, text = '']) =>
        `#${text
          .toLowerCase()
          .replaceAll(/[^\w -]/g, '')
          .replaceAll(' ', '-')}`,
    );
    const links = [...GUIDE.matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target).filter((target) => !target.startsWith('http'));
    expect(links.length).toBeGreaterThan(15);
    for (const link of links) {
      if (link.startsWith('#')) expect(headings).toContain(link);
      else expect(() => read(resolve(ROOT, 'docs', link)), link).not.toThrow();
    }
  });
});
