import { expect, it } from 'vitest';
import { matchesGlobs } from '../../../shared/domain/policy/glob.ts';
import { addressSetting, secretSetting } from '../../../shared/domain/policy/notification-target.ts';
import { DEFAULT_POLICY, DELIBERATE, type Policy } from '../../../shared/domain/policy/policy.ts';
import { effectiveRules, isRuleOn, ruleSeverity } from '../../../shared/domain/policy/rule-setting.ts';
import { SEVERITIES } from '../../../shared/domain/policy/severity.ts';
import { SYSTEM_NAMESPACES } from '../../../shared/domain/policy/system-namespaces.ts';

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

it('without a policy everything is judged by the limits of the documentation, and nothing that is private or of the system is touched', () => {
  expect(DEFAULT_POLICY).toMatchObject({
    scope: { include: ['*'], exclude: [] },
    clusters: [{ tags: { 'kataudit.io/sandbox': 'none' }, kataPool: 'not-required' }, { kataPool: 'required' }],
    workloads: [{ podLabels: { 'kataudit.io/sandbox': 'required' } }, { namespaceLabels: { 'kataudit.io/sandbox': 'required' } }],
    nodeImages: { graceDays: 14, staleDays: 30, unsupportedDays: 90 },
    pods: { mode: 'auto', confidence: 0.95, toleratedRate: 0.01, budgetPods: 500_000, budgetSeconds: 120, maxWorkloads: 50_000 },
    probe: { podsPerPool: 3, renewAfterDays: 30, includeSystemNamespaces: false, clusters: ['*'] },
    rules: {},
    exemptions: [],
    dueDays: { critical: 7, high: 30, medium: 90 },
    notifications: { targets: [], allowPrivateAddresses: false },
    retention: { historyDays: 400, resolvedDays: 180 },
    staleAfterAudits: 3,
  });
});

it('only a stopped cluster is dark on purpose, and the worst severity stands first', () => {
  expect([[...DELIBERATE], SEVERITIES]).toEqual([['stopped'], ['critical', 'high', 'medium', 'low', 'info']]);
});

it.each([
  ['kube-system', true],
  ['kube-node-lease', true],
  ['aks-command', true],
  ['gatekeeper-system', true],
  ['calico-system', true],
  ['tigera-operator', true],
  ['app-routing-system', true],
  ['kubeflow', false],
  ['my-aks-app', false],
  ['default', false],
])('the namespace %s is of the platform: %s', (namespace, expected) => {
  expect(matchesGlobs(namespace, SYSTEM_NAMESPACES)).toBe(expected);
});
