import { expect, it } from 'vitest';
import type { RuleRun } from '../../shared/domain/rule/rule.ts';
import { verdictsOf } from '../../shared/exports/verdicts.ts';
import { aSnapshot } from '../support/a-snapshot.ts';

it.each<[string, RuleRun, readonly string[]]>([
  ['erred', { ruleId: 'r', state: 'error', message: 'It threw.' }, ['unknown The rule failed: It threw.']],
  [
    'had no evidence',
    { ruleId: 'r', state: 'unavailable', missing: [{ evidence: 'nodes', reason: { code: 'denied', message: 'No.' } }] },
    ['unknown nodes could not be looked at (denied): No.'],
  ],
  ['is off', { ruleId: 'r', state: 'off' }, []],
  [
    'judged',
    {
      ruleId: 'r',
      state: 'judged',
      coverage: { kind: 'full' },
      judgements: [
        { verdict: 'pass', subject: { kind: 'cluster' } },
        { verdict: 'fail', subject: { kind: 'cluster' }, message: 'Bad.' },
        { verdict: 'unknown', subject: { kind: 'cluster' }, message: 'Odd.' },
        { verdict: 'not-applicable', subject: { kind: 'cluster' }, message: 'None.' },
      ],
    },
    ['pass ', 'unknown Odd.'],
  ],
])('a rule that %s tells what passed and what is not known, and nothing else', (_, run, expected) => {
  expect([...verdictsOf(aSnapshot(), [run])].map(({ verdict, message = '' }) => `${verdict} ${message}`)).toEqual(expected);
});
