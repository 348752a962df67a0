import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rulesDocument } from '../../shared/exports/rules-document.ts';
import { RULES } from '../../shared/rules/index.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/rules.md'), 'utf8');

describe('docs/rules.md', () => {
  it('has one heading for every rule, to which its link leads', () => {
    expect([...PAGE.matchAll(/^## (.*)$/gm)].map(([, id]) => id)).toEqual(RULES.map(({ id }) => id));
    for (const { id } of RULES) expect(PAGE).toContain(`[${id}](#${id})`);
  });

  it('names every reference', () => {
    for (const reference of RULES.flatMap(({ references }) => references)) expect(PAGE).toContain(`<${reference}>`);
  });

  it('escapes the syntax of Markdown', () => {
    const [rule] = RULES;
    if (rule === undefined) throw new Error('There is no rule.');
    expect(rulesDocument([{ ...rule, title: '<img src=x> | `a` *b*' }])).toContain('\\<img src=x\\> \\| \\`a\\` \\*b\\*');
  });
});
