import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { COMMANDS } from '../shared/cli/commands/index.ts';
import { cliDocument } from '../shared/cli/frame/document.ts';
import { policyJsonSchema } from '../shared/config/policy-schema.ts';
import { rulesDocument } from '../shared/exports/rules-document.ts';
import { RULES } from '../shared/rules/index.ts';
import { demonstrationsIndex } from './demonstrations-index.ts';
import { grafanaDashboard } from './observability/grafana.ts';
import { workbook } from './observability/workbook.ts';
import { readmeDocument } from './readme.ts';
import { settingsDocument } from './settings-document.ts';

const README = resolve(import.meta.dirname, '../README.md');
const DEMONSTRATIONS = 'shared/local/estate/demonstrations';

/** The files that are generated from code, completely or in part, by their path from the root of the project. */
export function documents(): Readonly<Record<string, string>> {
  return {
    'README.md': readmeDocument(readFileSync(README, 'utf8'), RULES),
    'docs/settings.md': settingsDocument(),
    'docs/cli.md': cliDocument(COMMANDS),
    'docs/rules.md': rulesDocument(RULES),
    'infra/observability/grafana-dashboard.json': grafanaDashboard(),
    'infra/app/workbook.json': workbook(),
    'docs/policy.schema.json': `${JSON.stringify(policyJsonSchema(), null, 2)}\n`,
    [`${DEMONSTRATIONS}/index.ts`]: demonstrationsIndex(resolve(import.meta.dirname, '..', DEMONSTRATIONS)),
  };
}
