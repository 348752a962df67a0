import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { settingsDocument } from './settings-document.ts';

/** Writes the documents that are generated from code. */
writeFileSync(resolve(import.meta.dirname, '../docs/settings.md'), settingsDocument());
