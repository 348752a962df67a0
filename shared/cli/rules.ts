import { rulesDocument } from '../exports/rules-document.ts';
import { RULES } from '../rules/index.ts';
import { writeText } from './files.ts';
import { table } from './table.ts';
import { UsageError } from './usage-error.ts';

/** Prints the catalogue, or one rule whole. */
export async function printRules(id: string | undefined): Promise<void> {
  if (id === undefined) {
    const rows = RULES.map((rule) => [rule.id, rule.severity, rule.title]);
    console.log(table(['RULE', 'SEVERITY', 'WHAT COMPLIES'], rows, 90));
    return;
  }
  const rule = RULES.find((one) => one.id === id);
  if (rule === undefined) throw new UsageError(`There is no rule ${JSON.stringify(id)}; \`kataudit rules\` lists them.`);
  const { title, severity, rationale, remediation, references } = rule;
  console.log([`${id} (${severity})`, title, '', rationale, '', `Fix: ${remediation}`, '', ...references].join('\n'));
}

/** Writes the page that describes every rule: `docs/rules.md`. */
export async function writeRulesDocument(output: string | undefined): Promise<void> {
  await writeText(output, rulesDocument(RULES));
}
