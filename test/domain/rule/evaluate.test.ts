import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY, type Policy } from '../../../shared/domain/policy/policy.ts';
import { evaluate } from '../../../shared/domain/rule/evaluate.ts';
import { defineRule, type Judgement, type Rule, type RuleDefinition } from '../../../shared/domain/rule/rule.ts';
import { observed, unavailable } from '../../../shared/domain/snapshot/observation.ts';
import type { EvidenceKey } from '../../../shared/domain/snapshot/snapshot.ts';
import { RULES } from '../../../shared/rules/index.ts';
import { sandboxedPodPrivileged } from '../../../shared/rules/sandboxed-pod-privileged.ts';
import { aKataPool, aPodGroup, aRuntimeClass, aSnapshot, NOW } from '../../support/a-snapshot.ts';
import { verdicts } from '../../support/judge.ts';

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

const ENDED = { pending: 0, running: 0, succeeded: 0, failed: 2, unknown: 0 };
const judged = (rules: Policy['rules'], rule = aRule()) => evaluate(aSnapshot(), [rule], { ...DEFAULT_POLICY, rules })[0];

describe('judging a snapshot', () => {
  it('keeps the severity of the evidence unless the policy sets one', () => {
    expect(judged({})).toMatchObject({ judgements: [{ severity: 'low' }] });
    expect(judged({ 'a-rule': 'critical' })).toMatchObject({ judgements: [{ severity: 'critical' }] });
    expect(judged({ 'another-rule': 'critical' })).toMatchObject({ judgements: [{ severity: 'low' }] });
    expect(judged({ 'a-rule': 'on' })).toMatchObject({ judgements: [{ severity: 'low' }] });
    const pass: Judgement = { verdict: 'pass', subject: { kind: 'cluster' } };
    expect(judged({ 'a-rule': 'critical' }, aRule({ evaluate: () => [pass] }))).toHaveProperty('judgements', [pass]);
  });

  it('turns rules off, and opt-in rules on', () => {
    expect(judged({ 'a-rule': 'off' })?.state).toBe('off');
    expect(judged({}, aRule({ optIn: true }))?.state).toBe('off');
    expect(judged({ 'a-rule': 'on' }, aRule({ optIn: true }))?.state).toBe('judged');
    expect(judged({ 'a-rule': 'high' }, aRule({ optIn: true }))).toMatchObject({ judgements: [{ severity: 'high' }] });
  });

  it('reports a rule that throws, and continues', () => {
    const broken = aRule({
      id: 'broken',
      evaluate: () => {
        throw new TypeError('A bug.');
      },
    });
    const runs = evaluate(aSnapshot(), [broken, aRule()], DEFAULT_POLICY);
    expect(runs).toMatchObject([{ ruleId: 'broken', state: 'error', message: 'A bug.' }, { state: 'judged' }]);
  });

  it('never calls a rule whose evidence is missing, and names all missing evidence', () => {
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

  it('has the coverage of the weakest evidence', () => {
    const truncated = { kind: 'truncated', message: 'Too many.' } as const;
    const coverageOf = (over: Parameters<typeof aSnapshot>[0]) => {
      const [run] = evaluate(aSnapshot(over), [aRule()], DEFAULT_POLICY);
      return run?.state === 'judged' ? run.coverage.kind : undefined;
    };
    expect(coverageOf({})).toBe('full');
    expect(coverageOf({ workloads: observed([aPodGroup()], truncated) })).toBe('truncated');
    expect(coverageOf({ nodePools: observed([aKataPool()], truncated) })).toBe('truncated');
    expect(coverageOf({ nodes: observed([], truncated) })).toBe('full');
    const sample = { kind: 'sample', sampledNodes: 1, totalNodes: 2, sampledPods: 1, upperBound: 1, confidence: 0.95, seed: 's' } as const;
    expect(coverageOf({ nodePools: observed([], sample) })).toBe('sample');
    expect(coverageOf({ nodePools: observed([], sample), workloads: observed([], truncated) })).toBe('truncated');
    expect(coverageOf({ nodePools: observed([], truncated), workloads: observed([], sample) })).toBe('truncated');
  });

  it('names the kinds of subjects that may be missing because what lists them was not seen whole', () => {
    const rule = defineRule({
      ...aRule(),
      requires: ['workloads'],
      consults: ['nodePools', 'nodes', 'runtimeClasses'],
      evaluate: () => [],
    });
    const unlistedOf = (over: Parameters<typeof aSnapshot>[0], one: Rule = rule) => {
      const [run] = evaluate(aSnapshot(over), [one], DEFAULT_POLICY);
      return run?.state === 'judged' ? run.unlisted : [run?.state];
    };
    const truncated = { kind: 'truncated', message: 'Too many.' } as const;
    const hidden = unavailable('denied', 'no');
    expect(unlistedOf({})).toBeUndefined();
    expect(unlistedOf({ settings: hidden })).toBeUndefined();
    expect(
      unlistedOf({ workloads: observed([], truncated), nodePools: hidden, nodes: observed([], truncated), runtimeClasses: hidden }),
    ).toEqual(['node-pool', 'node', 'runtime-class', 'workload']);
    expect(unlistedOf({ nodes: hidden }, defineRule({ ...aRule(), requires: ['workloads'], evaluate: () => [] }))).toBeUndefined();
    const own = defineRule({ ...aRule(), requires: [], consults: ['nodes'], evaluate: () => [], unlisted: () => ['workload'] });
    expect(unlistedOf({ nodes: hidden }, own)).toEqual(['node', 'workload']);
  });

  it.each<[string, EvidenceKey, Parameters<typeof aSnapshot>[0], true | undefined]>([
    ['which were not read', 'templates', {}, true],
    ['of which some were not read', 'templates', { templates: observed([], { kind: 'truncated', message: 'Too many.' }) }, true],
    ['which were all read', 'templates', { templates: observed([]) }, undefined],
    ['for which it does not ask', 'nodes', {}, undefined],
  ])('says of a rule that consults pod templates, %s, whether they are missing', (_, consulted, over, missing) => {
    const rule = defineRule({ ...aRule(), requires: ['workloads'], consults: ['runtimeClasses', consulted], evaluate: () => [] });
    const [run] = evaluate(aSnapshot(over), [rule], DEFAULT_POLICY);
    expect(run).toEqual(expect.objectContaining({ state: 'judged' }));
    expect(run?.state === 'judged' && run.templatesUnread).toBe(missing);
  });

  it('shows a rule what it asked for: what it requires as it is, what it consults whether it was seen or not', () => {
    const seen: unknown[] = [];
    const hidden = unavailable('denied', 'no');
    const knownImages = { kernels: [], newest: ['image'] };
    const rule = defineRule({
      ...aRule(),
      requires: ['nodePools'],
      consults: ['nodes', 'nodePools'],
      evaluate: (evidence) => {
        seen.push(evidence);
        return [];
      },
    });
    const snapshot = aSnapshot({ nodes: hidden, nodePools: observed([aKataPool()]), knownImages });
    evaluate(snapshot, [rule], DEFAULT_POLICY);
    const { cluster, observedAt } = snapshot;
    expect(seen).toEqual([{ cluster, observedAt, policy: DEFAULT_POLICY, knownImages, nodes: hidden, nodePools: [aKataPool()] }]);
  });

  it('judges the same list of pods again for another policy, time or list of classes', () => {
    const workloads = observed([
      aPodGroup({ ownerName: 'cart', runtimeClassName: 'mine' }),
      aPodGroup({ ownerName: 'retried', ownerKind: 'Job', phases: ENDED, lastEnded: { at: NOW, phase: 'failed' } }),
    ]);
    const runtimeClasses = observed([aRuntimeClass(), aRuntimeClass({ name: 'mine', handler: 'mine' })]);
    const namesOf = (over: Parameters<typeof aSnapshot>[0], policy = DEFAULT_POLICY) =>
      Object.keys(verdicts(sandboxedPodPrivileged.run(aSnapshot({ workloads, runtimeClasses, ...over }), policy)));
    const [cart, retried] = ['workload/shop/Deployment/cart', 'workload/shop/Job/retried'];
    expect(namesOf({})).toEqual([retried]);
    expect(namesOf({}, { ...DEFAULT_POLICY, workloads: [{ name: 'mine', acceptedHandlers: ['mine'] }] })).toEqual([cart, retried]);
    expect(namesOf({})).toEqual([retried]);
    expect(namesOf({ observedAt: '2026-09-02T12:00:00.000Z' })).toEqual([]);
    expect(namesOf({})).toEqual([retried]);
    expect(namesOf({ runtimeClasses: observed([]) })).toEqual([cart, retried]);
  });

  it('passes a healthy cluster for every rule', () => {
    const runs = evaluate(aSnapshot(), RULES, DEFAULT_POLICY);
    const verdicts = runs.flatMap((run) => (run.state === 'judged' ? run.judgements.map(({ verdict }) => verdict) : [run.state]));
    expect(new Set(verdicts)).toEqual(new Set(['pass', 'not-applicable', 'off']));
  });

  it('is unknown, and never passes, when nothing could be read', () => {
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
