import { expect, it } from 'vitest';
import { countsOf, withoutExempted } from '../../../shared/usecases/queries/exempted.ts';
import { aFinding, aSummary } from '../../http/estate.ts';

it('a summary that is older than the exempted findings counts none of them as open, and never a negative number', () => {
  const finding = aFinding({ severity: 'high' });
  const older = aSummary('prod', []);
  const rules = { [finding.ruleId]: { open: 0, verdicts: { pass: 0, fail: 0, unknown: 0, 'not-applicable': 0 } } };
  const left = withoutExempted({ ...older, rules }, countsOf([finding]));
  expect([left.openBySeverity.high, left.rules[finding.ruleId]?.open]).toEqual([0, 0]);

  const now = withoutExempted(aSummary('prod', [finding]), countsOf([finding]));
  expect(now.openBySeverity).toEqual({ critical: 0, high: 0, medium: 0, low: 0, info: 0 });
});
