import { describe, expect, it } from 'vitest';
import type { Policy } from '../../shared/domain/policy/policy.ts';
import type { Severity } from '../../shared/domain/policy/severity.ts';
import type { Rule } from '../../shared/domain/rule/rule.ts';
import { subjectKey } from '../../shared/domain/snapshot/subject.ts';
import type { SnapshotParts } from './a-snapshot.ts';
import { judge, judgements, verdicts } from './judge.ts';

/** One snapshot of a cluster and the verdicts that a rule must give. */
export interface RuleCase {
  /** Continues the sentence `<rule> …`. */
  readonly name: string;
  /** The differences from a healthy cluster. */
  readonly over?: SnapshotParts;
  readonly policy?: Partial<Policy>;
  /** All verdicts by subject; `unavailable` when required evidence cannot be read. */
  readonly says: Readonly<Record<string, string>> | 'unavailable';
  /** The pattern of a message; of a subject's message when there are several. */
  readonly message?: RegExp;
  readonly severity?: Severity;
  /** Facts that one of its judgements must contain. */
  readonly facts?: Readonly<Record<string, unknown>>;
  /** The pattern of its remediation or of one of its commands. */
  readonly remediation?: RegExp | string;
}

/** Runs the cases of a rule, and asserts that they include every verdict: pass, fail, unknown and not applicable. */
export function testRule(rule: Rule, cases: readonly RuleCase[]): void {
  describe(rule.id, () => {
    it.each(cases.map((one) => [one.name, one] as const))('%s', (_, { over, policy, says, message, severity, facts, remediation }) => {
      const run = judge(rule, over, policy);
      if (says === 'unavailable') {
        expect(run.state).toBe('unavailable');
        return;
      }
      expect(run.state).toBe('judged');
      expect(verdicts(run)).toEqual(says);
      expect(new Set(judgements(run).map(({ subject }) => subjectKey(subject))).size).toBe(judgements(run).length);
      for (const { verdict, subject: _subject, message: _message, facts: _facts, ...rest } of judgements(run)) {
        // Advice and a severity belong to a failure.
        if (verdict !== 'fail') expect(Object.keys(rest).filter((name) => name !== 'reason')).toEqual([]);
      }
      if (message !== undefined) expect(judgements(run).map((one) => one.message ?? '')).toContainEqual(expect.stringMatching(message));
      if (facts !== undefined) expect(judgements(run).map((one) => one.facts)).toContainEqual(expect.objectContaining(facts));
      const failures = judgements(run).filter((one) => one.verdict === 'fail');
      if (severity !== undefined) expect(failures.map((one) => one.severity ?? rule.severity)).toEqual(failures.map(() => severity));
      if (remediation !== undefined) {
        const told = failures.map((one) => [one.remediation ?? '', ...(one.commands ?? []).map(({ run }) => run)].join('\n'));
        expect(told).toContainEqual(expect.stringMatching(remediation));
      }
    });

    it('has cases for pass, fail, unknown and not-applicable', () => {
      const shown = new Set(
        cases.flatMap(({ says }) => {
          if (says === 'unavailable') return ['unknown'];
          return Object.keys(says).length === 0 ? ['not-applicable'] : Object.values(says);
        }),
      );
      expect([...shown].sort()).toEqual(['fail', 'not-applicable', 'pass', 'unknown']);
    });
  });
}
