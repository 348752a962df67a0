import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { documents } from '../../scripts/documents.ts';

const ROOT = resolve(import.meta.dirname, '../..');

describe('the documents that are generated from code', () => {
  it.each(Object.entries(documents()))('%s is up to date', (path, text) => {
    const isUpToDate = readFileSync(resolve(ROOT, path), 'utf8') === text;
    expect(isUpToDate, `${path} is out of date: run \`npm run documents\`.`).toBe(true);
  });
});
