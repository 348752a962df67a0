import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../../shared/domain/policy/policy.ts';
import { evaluate } from '../../../shared/domain/rule/evaluate.ts';
import { defineRule, type Judgement } from '../../../shared/domain/rule/rule.ts';
import { evidenceGaps } from '../../../shared/domain/snapshot/gaps.ts';
import { observed } from '../../../shared/domain/snapshot/observation.ts';
import type { Subject } from '../../../shared/domain/snapshot/subject.ts';
import { judgementGaps } from '../../../shared/usecases/judgement-gaps.ts';
import { aSnapshot } from '../../support/a-snapshot.ts';

const TARGETED = { kind: 'targeted', namespaces: ['shop'], nodes: 1, totalNodes: 9, pods: 3, totalPods: 90 } as const;
const workload = (namespace: string): Subject => ({ kind: 'workload', namespace, ownerKind: 'Deployment', ownerName: 'cart' });
const partly = (change: object = {}) => aSnapshot({ workloads: observed([], { ...TARGETED, ...change }) });

function runOf(judgement: Judgement, requires: 'workloads' | 'nodes' = 'workloads') {
  const texts = { id: 'a-rule', title: '', severity: 'low', rationale: '', remediation: '', references: [] } as const;
  const rule = defineRule({ ...texts, requires: [requires], consults: ['workloads'], evaluate: () => [judgement] });
  const [run] = evaluate(partly(), [rule], DEFAULT_POLICY);
  return run?.state === 'judged' ? run : expect.unreachable();
}

describe('a rule that requires pods, after a targeted read', () => {
  it.each<[string, Judgement['verdict'], Subject, Judgement['verdict']]>([
    ['a workload of a namespace that was read', 'pass', workload('shop'), 'pass'],
    ['a workload of another namespace', 'pass', workload('pay'), 'unknown'],
    ['a workload of another namespace', 'not-applicable', workload('pay'), 'unknown'],
    ['a workload of another namespace', 'fail', workload('pay'), 'fail'],
    ['a RuntimeClass', 'pass', { kind: 'runtime-class', name: 'kata' }, 'unknown'],
    ['a node pool', 'not-applicable', { kind: 'node-pool', name: 'kata' }, 'unknown'],
    ['the cluster', 'pass', { kind: 'cluster' }, 'unknown'],
    ['the cluster', 'not-applicable', { kind: 'cluster' }, 'not-applicable'],
  ])('is, for %s and the verdict %s', (_, verdict, subject, expected) => {
    const { judgements, unlisted, coverage } = runOf({ verdict, subject, message: 'As seen.' });
    expect(judgements).toMatchObject([{ verdict: expected, subject }]);
    expect(unlisted).toBeUndefined();
    expect(coverage).toEqual(TARGETED);
  });

  it('tells that what it does not know was left out by choice', () => {
    const run = runOf({ verdict: 'pass', subject: workload('pay') });
    expect(judgementGaps([run])).toEqual([
      { ruleId: 'a-rule', message: 'No failure was seen, but not every pod was read.', byDesign: true },
    ]);
  });

  it('that only consults pods decides by itself, and lists no workload', () => {
    const run = runOf({ verdict: 'pass', subject: workload('pay') }, 'nodes');
    expect(run).toMatchObject({ judgements: [{ verdict: 'pass' }], unlisted: ['workload'], coverage: { kind: 'full' } });
  });
});

describe('the gaps of a targeted read', () => {
  it('are the lists that failed, and not what was left out by choice', () => {
    const unread = [{ code: 'denied', message: 'Pods of the namespace pay: No.' }];
    expect(evidenceGaps(partly())).toEqual([]);
    expect(evidenceGaps(partly({ unread }))).toEqual([{ evidence: 'workloads', reason: unread[0] }]);
  });
});
