import { RULES } from '../rules/index.ts';
import { deliver, destinationsOf, type Wanted } from './frame/destinations.ts';
import { nearest } from './frame/nearest.ts';
import type { Surroundings } from './frame/surroundings.ts';
import { table } from './frame/table.ts';
import { UsageError } from './frame/usage-error.ts';

/** The options of `kataudit rules`. */
export interface RulesOptions {
  readonly format?: readonly Wanted<'table' | 'json'>[];
  readonly output?: string;
}

type RuleOfCatalogue = (typeof RULES)[number];

/** `kataudit rules`: prints the catalogue, or one rule in full. */
export async function printRules({ terminal }: Surroundings, id: string | undefined, { format, output }: RulesOptions): Promise<number> {
  const destinations = await destinationsOf(format, 'table', output);
  const one = id === undefined ? undefined : ruleOf(id);
  const rules = one === undefined ? RULES : [one];
  await deliver(terminal, destinations, (name, page) => {
    if (name === 'json') return JSON.stringify(rules.map(facts), null, 2);
    return one === undefined ? table(['SEVERITY', 'RULE', 'COMPLIANT STATE'], rules.map(row), page) : whole(one);
  });
  return 0;
}

function ruleOf(id: string): RuleOfCatalogue {
  const ids = RULES.map((rule) => rule.id);
  const rule = RULES.find((one) => one.id === id.toLowerCase());
  if (rule !== undefined) return rule;
  const near = nearest(id, ids);
  const hint = near === undefined ? '' : ` Did you mean ${near}?`;
  throw new UsageError(`There is no rule ${JSON.stringify(id)}.${hint} \`kataudit rules\` lists all rules.`);
}

function row({ id, severity, title }: RuleOfCatalogue) {
  return { cells: [severity, id, title], style: severity };
}

function whole({ id, severity, title, rationale, remediation, references }: RuleOfCatalogue): string {
  return [`${id} (${severity})`, title, '', rationale, '', `Fix: ${remediation}`, '', ...references].join('\n');
}

function facts({ id, severity, title, rationale, remediation, references, optIn = false }: RuleOfCatalogue) {
  return { id, severity, title, rationale, remediation, references, optIn };
}
