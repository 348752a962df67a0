import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY, type Policy } from '../../../shared/domain/policy/policy.ts';
import { evaluate } from '../../../shared/domain/rule/evaluate.ts';
import { defineRule, type Judgement, type RuleDefinition } from '../../../shared/domain/rule/rule.ts';
import { observed, unavailable } from '../../../shared/domain/snapshot/observation.ts';
import { RULES } from '../../../shared/rules/index.ts';
import { aKataPool, aPodGroup, aSnapshot } from '../../support/a-snapshot.ts';

const failure: Judgement = { verdict: 'fail', subject: { kind: 'cluster' }, message: 'Seen.', severity: 'low' };

function aRule(over: Partial<RuleDefinition<'nodePools' | 'workloads', never>> = {}) {
  return defineRule<'nodePools' | 'workloads', never>({
    id: 'a-rule',
    title: 'Things comply',
    severity: 'medium',
    rationale: '',
    remediation: '',
    references: [],
    requires: ['nodePools', 'workloads'],
    evaluate: () => [failure],
    ...over,
  });
}

const judged = (rules: Policy['rules'], rule = aRule()) => evaluate(aSnapshot(), [rule], { ...DEFAULT_POLICY, rules })[0];

describe('judging a snapshot', () => {
  it('keeps the severity of the evidence unless the policy sets one', () => {
    expect(judged({})).toMatchObject({ judgements: [{ severity: 'low' }] });
    expect(judged({ 'a-rule': 'critical' })).toMatchObject({ judgements: [{ severity: 'critical' }] });
    expect(judged({ 'another-rule': 'critical' })).toMatchObject({ judgements: [{ severity: 'low' }] });
  });

  it('turns rules off, and opt-in rules on', () => {
    expect(judged({ 'a-rule': 'off' })?.state).toBe('off');
    expect(judged({}, aRule({ optIn: true }))?.state).toBe('off');
    expect(judged({ 'a-rule': 'on' }, aRule({ optIn: true }))?.state).toBe('judged');
    expect(judged({ 'a-rule': 'high' }, aRule({ optIn: true }))).toMatchObject({ judgements: [{ severity: 'high' }] });
  });

  it('tells of a rule that throws, and goes on', () => {
    const broken = aRule({
      id: 'broken',
      evaluate: () => {
        throw new TypeError('A bug.');
      },
    });
    const runs = evaluate(aSnapshot(), [broken, aRule()], DEFAULT_POLICY);
    expect(runs).toMatchObject([{ state: 'error', message: 'A bug.' }, { state: 'judged' }]);
  });

  it('never asks a rule whose evidence is missing, and names all that is', () => {
    const snapshot = aSnapshot({ nodePools: unavailable('denied', 'No pools.'), workloads: unavailable('throttled', 'No pods.') });
    expect(evaluate(snapshot, [aRule()], DEFAULT_POLICY)).toEqual([
      {
        ruleId: 'a-rule',
        state: 'unavailable',
        missing: [
          { evidence: 'nodePools', reason: { code: 'denied', message: 'No pools.' } },
          { evidence: 'workloads', reason: { code: 'throttled', message: 'No pods.' } },
        ],
      },
    ]);
  });

  it('says that it saw no more than the weakest evidence', () => {
    const truncated = { kind: 'truncated', message: 'Too many.' } as const;
    const coverageOf = (over: Parameters<typeof aSnapshot>[0]) => {
      const [run] = evaluate(aSnapshot(over), [aRule()], DEFAULT_POLICY);
      return run?.state === 'judged' ? run.coverage.kind : undefined;
    };
    expect(coverageOf({})).toBe('full');
    expect(coverageOf({ workloads: observed([aPodGroup()], truncated) })).toBe('truncated');
    expect(coverageOf({ nodePools: observed([aKataPool()], truncated) })).toBe('truncated');
  });

  it('passes a healthy cluster by every rule', () => {
    const runs = evaluate(aSnapshot(), RULES, DEFAULT_POLICY);
    const verdicts = runs.flatMap((run) => (run.state === 'judged' ? run.judgements.map(({ verdict }) => verdict) : [run.state]));
    expect(new Set(verdicts)).toEqual(new Set(['pass', 'not-applicable', 'off']));
  });

  it('says unknown, and never passes, where nothing could be seen', () => {
    const hidden = unavailable('unreachable', 'No way in.');
    const blind = aSnapshot({
      settings: hidden,
      nodePools: hidden,
      latestImages: hidden,
      nodes: hidden,
      runtimeClasses: hidden,
      namespaces: hidden,
      workloads: hidden,
      isolationProofs: hidden,
    });
    const all = { ...DEFAULT_POLICY, rules: { 'kata-node-tenancy': 'on', 'admission-guardrail': 'on' } } as const;
    const runs = evaluate(blind, RULES, all).map((run) =>
      run.state === 'judged' ? run.judgements.map(({ verdict }) => verdict).join() : run.state,
    );
    expect(runs.slice(0, -1).every((state) => state === 'unavailable')).toBe(true);
    expect(runs.at(-1)).toBe('fail');
  });
});
