import { expect, it } from 'vitest';
import { addressSetting, secretSetting } from '../../../shared/domain/policy/notification-target.ts';
import { DEFAULT_POLICY, type Policy } from '../../../shared/domain/policy/policy.ts';
import { effectiveRules, isRuleOn, ruleSeverity } from '../../../shared/domain/policy/rule-setting.ts';

it.each<[Policy['rules'][string] | undefined, boolean, boolean, string]>([
  [undefined, true, false, 'medium'],
  ['on', true, true, 'medium'],
  ['off', false, false, 'medium'],
  ['critical', true, true, 'critical'],
])(
  'a rule that the policy sets to %s is on: %s, and one that is off by default: %s, with the severity %s',
  (setting, usual, optIn, severity) => {
    const policy = { ...DEFAULT_POLICY, rules: setting === undefined ? { other: 'off' as const } : { r: setting } };
    const rule = { id: 'r', severity: 'medium' } as const;
    expect([isRuleOn(rule, policy), isRuleOn({ ...rule, optIn: true }, policy), ruleSeverity(rule, policy)]).toEqual([
      usual,
      optIn,
      severity,
    ]);
    expect(effectiveRules([rule], policy)).toEqual([{ ...rule, severity, state: usual ? 'on' : 'off' }]);
  },
);

it('the URL and the secret of a target are in settings with its name', () => {
  expect([addressSetting({ name: 'on-call-2' }), secretSetting({ name: 'on-call-2' })]).toEqual([
    'KATAUDIT_TARGET_ON_CALL_2',
    'KATAUDIT_TARGET_ON_CALL_2_SECRET',
  ]);
});
