import { SEVERITIES } from '../shared/domain/policy/severity.ts';
import type { Rule } from '../shared/domain/rule/rule.ts';

const BEGIN = '<!-- rules: written by `npm run documents` -->';
const END = '<!-- /rules -->';

/** The README with the current list of rules; throws if the place for the list is missing. */
export function readmeDocument(readme: string, rules: readonly Rule[]): string {
  const [before, rest] = readme.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`README.md has no place between ${BEGIN} and ${END}.`);
  const lines = SEVERITIES.flatMap((severity) => {
    const links = rules.filter((rule) => rule.severity === severity).map(({ id }) => `[${id}](docs/rules.md#${id})`);
    return links.length === 0 ? [] : [`- **${severity}**: ${links.join(', ')}`];
  });
  return `${before}${BEGIN}\n\n${rules.length} rules, by severity:\n\n${lines.join('\n')}\n\n${END}${after}`;
}
