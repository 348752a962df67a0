import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { load, SETTINGS } from '../../shared/config/settings.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(resolve(ROOT, path), 'utf8');

describe('docs/settings.md', () => {
  it.each(SETTINGS)('tells what $name is', ({ description }) => {
    expect(description).toMatch(/^[A-Z].*\.$/);
  });
});

describe('local.settings.sample.json', () => {
  const values: Record<string, string> = JSON.parse(read('local.settings.sample.json')).Values;

  it('holds settings that the app accepts', () => {
    expect(() => load(values)).not.toThrow();
  });

  it('sets what a binding expression asks for, because the host refuses to start without it', () => {
    expect(Object.keys(values)).toContain('KATAUDIT_SCHEDULE');
  });
});
