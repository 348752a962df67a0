import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(resolve(ROOT, path), 'utf8');
const PAGE = read('docs/security.md');

/** The cells of each row of the tables whose last column names a test or a limit. */
function claims(page: string): readonly (readonly string[])[] {
  return page
    .split(/^\| (?=[^\n]*\| test or limit \|$)/m)
    .slice(1)
    .flatMap((table) =>
      table.split('\n').slice(
        2,
        table.split('\n').findIndex((line, at) => at > 1 && !line.startsWith('|')),
      ),
    )
    .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')));
}

/** Why a row proves nothing; `undefined` when it names an existing test or a limit. */
function unproven(proof: string): string | undefined {
  if (/^limit: .{10,}/.test(proof)) return undefined;
  const [, file = '', title = ''] = /^`(test\/[\w./-]+\.test\.ts)` "(.+)"$/.exec(proof) ?? [];
  if (file === '') return 'it names neither a test nor a limit';
  if (!existsSync(resolve(ROOT, file))) return `${file} is not there`;
  return read(file).includes(title) ? undefined : `${file} has no test named ${title}`;
}

describe('docs/security.md', () => {
  const lines = claims(PAGE);

  it('has many rows', () => {
    expect(lines.length).toBeGreaterThan(55);
    expect(lines.every((cells) => cells.length === 3)).toBe(true);
  });

  it.each(lines.map((cells) => [cells[0] ?? '', cells.at(-1) ?? ''] as const))('names the test or the limit of: %s', (_attack, proof) => {
    expect(unproven(proof)).toBeUndefined();
  });

  it.each([
    ['nothing', ''],
    ['a test file that does not exist', '`test/http/nowhere.test.ts` "x"'],
    ['a name that no test has', '`test/http/access/routes.test.ts` "opens every door"'],
    ['a limit without an explanation', 'limit: '],
  ])('fails with %s', (_case, proof) => {
    expect(unproven(proof)).toBeDefined();
  });
});

describe('SECURITY.md', () => {
  it('names only settings that exist', () => {
    const settings = read('docs/settings.md');
    for (const [, name = ''] of read('SECURITY.md').matchAll(/`(KATAUDIT_\w+)`/g)) expect(settings).toContain(`| \`${name}\` |`);
  });
});
