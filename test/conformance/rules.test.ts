import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEMONSTRATIONS } from '../../shared/local/estate/demonstrations/index.ts';
import { RULES } from '../../shared/rules/index.ts';

const ROOT = join(import.meta.dirname, '../..');
const DEMONSTRATION_FOLDER = 'shared/local/estate/demonstrations';
const files = (folder: string, ending: string) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length))
    .filter((name) => name !== 'index')
    .sort();
const ids = RULES.map(({ id }) => id).sort();

describe('the catalogue', () => {
  it('lists every file of the rules, each under its own name', () => expect(files('shared/rules', '.ts')).toEqual(ids));
  it('has a test for every rule', () => expect(files('test/rules', '.test.ts')).toEqual(ids));
  it('has a demonstration of every rule in the simulated estate', () => {
    const missing = ids.filter((id) => !Object.hasOwn(DEMONSTRATIONS, id)).map((id) => `${DEMONSTRATION_FOLDER}/${id}.ts`);
    expect(
      missing,
      `Write ${missing.join(' and ')}, which plants and repairs a fault of the rule; then run \`npm run documents\`.`,
    ).toEqual([]);
  });
  it('has demonstrations only of existing rules', () => expect(Object.keys(DEMONSTRATIONS).filter((id) => !ids.includes(id))).toEqual([]));
  it('has unique ids', () => expect(new Set(ids).size).toBe(ids.length));
});

describe.each(RULES.map((rule) => [rule.id, rule] as const))('%s', (id, rule) => {
  it('has an id of lower-case words', () => expect(id).toMatch(/^[a-z]+(-[a-z]+)+$/));

  it('has the compliant state as its title, without a full stop', () => {
    expect(rule.title).toMatch(/^[A-Z].{10,100}[^.!?]$/);
    expect(rule.title).not.toMatch(/\b(should|must not|ensure|check|verify)\b/i);
  });

  it('has its rationale and remediation in sentences', () => {
    expect(rule.rationale).toMatch(/^[A-Z].{30,}\.$/);
    expect(rule.remediation).toMatch(/^[A-Z].{20,}\.$/);
    expect(rule.remediation).not.toContain('`');
  });

  it('refers to public pages over HTTPS', () => {
    expect(rule.references.length).toBeGreaterThan(0);
    expect(new Set(rule.references).size).toBe(rule.references.length);
    for (const reference of rule.references) {
      const { protocol, hostname, username } = new URL(reference);
      expect(protocol).toBe('https:');
      expect(username).toBe('');
      expect(hostname).toMatch(/^(learn\.microsoft\.com|kubernetes\.io|github\.com|docs\.kernel\.org)$/);
    }
  });

  it('reads no clock, no environment, no network', () => {
    const source = readFileSync(join(ROOT, `shared/rules/${id}.ts`), 'utf8');
    expect(source).not.toMatch(/Date\.now|new Date\(|process\.|fetch\(|Math\.random|\basync\b|\bawait\b/);
  });
});
