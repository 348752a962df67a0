import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { documents } from './documents.ts';

/** Writes the documents that are generated from code. */
for (const [path, text] of Object.entries(documents())) writeFileSync(resolve(import.meta.dirname, '..', path), text);
