import { expect, it } from 'vitest';
import { RULES } from '../../shared/rules/index.ts';
import { run } from '../support/command.ts';

it('kataudit rules prints every rule once, in order', async () => {
  const { code, out } = await run(['rules']);
  const printed = out.split('\n').flatMap((line) => RULES.find(({ id }) => line.split(/\s+/).includes(id))?.id ?? []);

  expect(code).toBe(0);
  expect(printed).toEqual(RULES.map(({ id }) => id));
});

it('kataudit rules ID prints everything about one rule', async () => {
  const rule = RULES.find(({ id }) => id === 'node-image-current') ?? expect.unreachable();
  const { code, out } = await run(['rules', rule.id]);

  expect(code).toBe(0);
  for (const text of [rule.id, rule.title, rule.rationale, rule.remediation, ...rule.references]) expect(out).toContain(text);
  expect(out).not.toContain('runtime-class-handler');
});
