import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../shared/domain/finding.ts';
import { FULL } from '../../shared/domain/observation.ts';
import { reconcile } from '../../shared/domain/reconcile.ts';
import { defineRule, type Judgement, type RuleRun, type Subject } from '../../shared/domain/rule.ts';

const CLUSTER = {
  id: '/subscriptions/s/resourcegroups/g/x',
  name: 'web',
  subscriptionId: 's',
  resourceGroup: 'g',
  location: 'l',
  tags: {},
};
const RULE = defineRule({
  id: 'a-rule',
  title: 'A pool is fine',
  severity: 'high',
  rationale: 'Because.',
  remediation: 'Mend it.',
  references: [],
  requires: [],
  evaluate: () => [],
});
const SAMPLE = { kind: 'sample', sampledNodes: 1, totalNodes: 2, sampledPods: 3, upperBound: 0.5, confidence: 0.95, seed: 's' } as const;
const NAMES = ['a', 'b', 'c'];

const judgement = (name: string): fc.Arbitrary<Judgement | undefined> => {
  const subject: Subject = { kind: 'node-pool', name };
  return fc.constantFrom<(Judgement | undefined)[]>(
    undefined,
    { verdict: 'pass', subject },
    { verdict: 'unknown', subject, message: 'Not seen.' },
    { verdict: 'fail', subject, message: 'Broken.' },
    { verdict: 'fail', subject, message: 'Worse.' },
  );
};
const judged: fc.Arbitrary<RuleRun> = fc.record({
  ruleId: fc.constant(RULE.id),
  state: fc.constant('judged' as const),
  coverage: fc.constantFrom(FULL, SAMPLE, { kind: 'truncated' as const, message: 'm' }),
  judgements: fc.tuple(...NAMES.map(judgement)).map((all) => all.filter((one) => one !== undefined)),
});
const run: fc.Arbitrary<RuleRun> = fc.oneof(
  { weight: 4, arbitrary: judged },
  { weight: 1, arbitrary: fc.constant<RuleRun>({ ruleId: RULE.id, state: 'unavailable', missing: [] }) },
  { weight: 1, arbitrary: fc.constant<RuleRun>({ ruleId: RULE.id, state: 'error', message: 'm' }) },
);
const runs = fc.array(run, { maxLength: 12 });

type State = ReadonlyMap<string, Finding>;
const at = (index: number) => new Date(Date.UTC(2026, 10, 20, index)).toISOString();

function apply(state: State, one: RuleRun, index: number): State {
  const scan = { cluster: CLUSTER, observedAt: at(index), cause: 'audit' };
  const changes = reconcile([...state.values()], [one], scan, [RULE]);
  return new Map([...state, ...changes.map(({ finding }) => [finding.id, finding] as const)]);
}

const inOrder = (all: readonly RuleRun[]) => all.reduce<State>(apply, new Map());

describe('reconcile, for any sequence of scans', () => {
  it('comes to the same findings when each scan is delivered more than once', () => {
    fc.assert(
      fc.property(runs, fc.integer({ min: 1, max: 3 }), (all, times) => {
        let state: State = new Map();
        for (const [index, one] of all.entries()) for (let n = 0; n <= times; n += 1) state = apply(state, one, index);
        expect(state).toEqual(inOrder(all));
      }),
    );
  });

  it('closes a finding only when a full look showed its subject complying or gone', () => {
    fc.assert(
      fc.property(runs, (all) => {
        let state: State = new Map();
        for (const [index, one] of all.entries()) {
          const next = apply(state, one, index);
          const isProof = one.state === 'judged' && one.coverage.kind === 'full';
          const silent = one.state === 'judged' ? one.judgements.filter(({ verdict }) => verdict === 'unknown') : [];
          for (const [id, finding] of state) {
            if (finding.status !== 'open' || next.get(id)?.status === 'open') continue;
            expect(isProof).toBe(true);
            expect(silent.map(({ subject }) => subject)).not.toContainEqual(finding.subject);
          }
          state = next;
        }
      }),
    );
  });

  it('lets a scan delivered late change nothing of a finding that a newer one confirmed or closed', () => {
    fc.assert(
      fc.property(runs, run, (all, late) => {
        const before = inOrder(all);
        const after = apply(before, late, -1);
        for (const [id, finding] of before) expect(after.get(id)).toEqual(finding);
      }),
    );
  });
});
