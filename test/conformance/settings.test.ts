import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { load, SETTINGS } from '../../shared/config/settings.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(resolve(ROOT, path), 'utf8');

describe('docs/settings.md', () => {
  it.each(SETTINGS)('describes $name', ({ description }) => {
    expect(description).toMatch(/^[A-Z].*\.$/);
  });
});

describe('local.settings.sample.json', () => {
  const values: Record<string, string> = JSON.parse(read('local.settings.sample.json')).Values;

  it('contains settings that the app accepts', () => {
    expect(() => load(values)).not.toThrow();
  });

  it('sets what binding expressions need, because the host does not start without it', () => {
    expect(Object.keys(values)).toContain('KATAUDIT_SCHEDULE');
  });
});
