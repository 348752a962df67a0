import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { policyJsonSchema } from '../shared/config/policy-schema.ts';
import { rulesDocument } from '../shared/exports/rules-document.ts';
import { RULES } from '../shared/rules/index.ts';
import { settingsDocument } from './settings-document.ts';

/** Writes the documents that are generated from code. */
const DOCUMENTS: Readonly<Record<string, string>> = {
  'settings.md': settingsDocument(),
  'rules.md': rulesDocument(RULES),
  'policy.schema.json': `${JSON.stringify(policyJsonSchema(), null, 2)}\n`,
};

for (const [name, text] of Object.entries(DOCUMENTS)) writeFileSync(resolve(import.meta.dirname, '../docs', name), text);
