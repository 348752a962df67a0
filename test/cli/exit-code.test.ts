import { describe, expect, it } from 'vitest';
import { exitCodeOf, isWhole } from '../../shared/cli/exit-code.ts';
import { exempt } from '../../shared/domain/findings/overlaid-finding.ts';
import { DEFAULT_POLICY, type Policy } from '../../shared/domain/policy/policy.ts';
import type { Severity } from '../../shared/domain/policy/severity.ts';
import type { Rule } from '../../shared/domain/rule/rule.ts';
import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { RULES } from '../../shared/rules/index.ts';
import { auditSnapshot } from '../../shared/usecases/audit-snapshot.ts';
import { aNamespace, aPlainPodGroup, aPodGroup, aRuntimeClass, aSnapshot, NOW, type SnapshotParts } from '../support/a-snapshot.ts';

const CUT = { kind: 'truncated', message: 'Not all.' } as const;
const denied = unavailable('denied', 'Forbidden.');
const noAzure = unavailable('no-azure-access', 'Read from a kubeconfig: no Azure access.');
const alone: SnapshotParts = { settings: noAzure, nodePools: noAzure, latestImages: noAzure };
const outside: SnapshotParts = {
  namespaces: observed([aNamespace('shop', { 'kataudit.io/sandbox': 'required' })]),
  workloads: observed([aPlainPodGroup()]),
};
const dark: SnapshotParts = { nodes: denied, runtimeClasses: denied, namespaces: denied, workloads: denied };

function codeOf(
  over: SnapshotParts,
  failOn: Severity = 'info',
  more: { strict?: boolean; policy?: Partial<Policy>; rules?: readonly Rule[] } = {},
) {
  const policy = { ...DEFAULT_POLICY, ...more.policy };
  const rules = more.rules ?? RULES;
  const result = auditSnapshot(aSnapshot(over), rules, policy);
  const overlaid = exempt(result.findings, policy.exemptions, new Date(NOW));
  return exitCodeOf({ result, overlaid }, { rules, policy, failOn, strict: more.strict ?? false });
}

describe('the exit code of an audit', () => {
  it.each<[string, SnapshotParts, Severity, number]>([
    ['a healthy cluster', {}, 'info', 0],
    ['a critical finding', outside, 'critical', 1],
    [
      'a finding below the severity',
      {
        runtimeClasses: observed([
          aRuntimeClass({ nodeSelector: {} }),
          aRuntimeClass({ name: 'bare', nodeSelector: {}, overheadMemory: '0' }),
        ]),
      },
      'critical',
      0,
    ],
    ['a critical rule without its evidence', { runtimeClasses: denied }, 'critical', 2],
    [
      'nodes that a critical rule needs',
      { nodes: denied, workloads: observed([aPodGroup({ placement: { ...aPodGroup().placement, handlerListed: 0, unknown: 2 } })]) },
      'critical',
      2,
    ],
    ['a finding although a list is missing', { ...outside, nodes: denied }, 'critical', 1],
    ['pods that were not all read', { workloads: observed([aPodGroup()], CUT) }, 'critical', 2],
    ['nothing that could be reached', dark, 'critical', 2],
    ['only a gap, which is not a finding', dark, 'info', 2],
    ['only a kubeconfig whose own list is denied', { ...alone, workloads: denied }, 'high', 2],
  ])('with %s depends on what was judged', (_, over, failOn, code) => expect(codeOf(over, failOn)).toBe(code));

  it('counts evidence that an audit with only a kubeconfig never requests only with --strict', () => {
    expect(codeOf(alone, 'medium')).toBe(0);
    expect(codeOf(alone, 'medium', { strict: true })).toBe(2);
  });

  it('is 2 for a rule that throws, depending on its severity', () => {
    const [rule] = RULES.filter(({ id }) => id === 'workload-sandboxed');
    if (rule === undefined) throw new Error('The rule is gone.');
    const broken = { ...rule, run: () => ({ ruleId: rule.id, state: 'error' as const, message: 'broken' }) };
    expect(codeOf({}, 'critical', { rules: [broken] })).toBe(2);
    expect(codeOf({}, 'critical', { rules: [broken], policy: { rules: { [rule.id]: 'low' } } })).toBe(0);
  });

  it('still reports gaps when the rule about gaps is off', () => {
    expect(codeOf({ runtimeClasses: denied }, 'info', { policy: { rules: { 'cluster-assessed': 'off' } } })).toBe(2);
  });
});

describe('a saved snapshot', () => {
  it.each<[string, SnapshotParts, boolean]>([
    ['with everything', {}, true],
    ['from only a kubeconfig', alone, true],
    ['without namespaces', { namespaces: denied }, false],
    ['with a part of the pods', { workloads: observed([], CUT) }, false],
  ])('%s is complete: %s', (_, over, whole) => expect(isWhole(aSnapshot(over))).toBe(whole));
});
