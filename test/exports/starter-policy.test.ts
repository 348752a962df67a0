import { expect, it } from 'vitest';
import { parsePolicy } from '../../shared/config/policy-file.ts';
import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import { starterPolicy } from '../../shared/exports/starter-policy.ts';
import { RULES } from '../../shared/rules/index.ts';

const TEXT = starterPolicy(RULES);

it('a starter policy that is used unchanged is the policy without a file', () => {
  expect(parsePolicy(TEXT)).toEqual(DEFAULT_POLICY);
});

it('a starter policy offers every rule with its severity, and turns on those that are off', () => {
  const offered = [...TEXT.matchAll(/^ {2}# ([\w-]+): (\w+) # (.+)$/gm)].map(([, id, setting, title]) => ({ id, setting, title }));
  expect(offered.filter(({ id }) => RULES.some((rule) => rule.id === id))).toEqual(
    RULES.map(({ id, severity, optIn, title }) => ({ id, setting: optIn === true ? 'on' : severity, title })),
  );
  const taken = TEXT.replace('rules: {}', 'rules:').replaceAll(/^ {2}# ([\w-]+: \w+ # .+)$/gm, '  $1');
  expect(Object.keys(parsePolicy(taken).rules)).toEqual(RULES.map(({ id }) => id));
});
