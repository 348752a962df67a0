import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Rule } from '../../shared/domain/rule/rule.ts';
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

  it('says of a rule what it needs, what else it uses, and whether it is off', () => {
    const [rule] = RULES;
    if (rule === undefined) throw new Error('There is no rule.');
    const of = (over: Partial<Rule>) =>
      rulesDocument([
        {
          ...rule,
          id: 'r',
          title: 'T',
          severity: 'low',
          rationale: 'Why.',
          remediation: 'How.',
          references: ['https://a', 'https://b'],
          ...over,
        },
      ]);
    const own = (text: string) => text.slice(text.indexOf('## r'));
    const opted = of({ optIn: true, requires: ['nodes'], consults: ['nodes', 'nodePools', 'settings'] });
    expect(opted).toContain('| [r](#r) | low | T (opt-in) |\n');
    expect(own(opted)).toBe(
      [
        '## r',
        '**T.**',
        'Severity: low. Off unless the policy turns it on.',
        'Why.',
        'What to do: How.',
        'Cannot be judged without: the nodes (Kubernetes).',
        "Also uses: the node pools (Azure), the cluster's settings (Azure).",
        '- <https://a>\n- <https://b>\n',
      ].join('\n\n'),
    );
    const plain = of({ optIn: false, requires: [], consults: [] });
    expect(plain).toContain('| [r](#r) | low | T |\n');
    expect(own(plain)).not.toMatch(/Off unless|Cannot be judged|Also uses/);
  });

  it('escapes the syntax of Markdown', () => {
    const [rule] = RULES;
    if (rule === undefined) throw new Error('There is no rule.');
    expect(rulesDocument([{ ...rule, title: '<img src=x> | `a` *b*' }])).toContain('\\<img src=x\\> \\| \\`a\\` \\*b\\*');
  });
});
