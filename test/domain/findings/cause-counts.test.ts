import { expect, it } from 'vitest';
import { type CauseCount, changedBy, countChanges } from '../../../shared/domain/findings/cause-counts.ts';

it('changes are added to those of their cause, which is then the newest', () => {
  const counts = countChanges(countChanges(countChanges([], 'audit-1', 2), 'event:e', 1), 'audit-1', 3);
  expect(counts).toEqual([
    { cause: 'event:e', changed: 1 },
    { cause: 'audit-1', changed: 5 },
  ]);
  expect([changedBy(counts, 'audit-1'), changedBy(counts, 'audit-2')]).toEqual([5, 0]);
});

it('the eight newest causes are remembered', () => {
  const causes = Array.from({ length: 9 }, (_, at) => `audit-${at}`);
  const counts = causes.reduce<readonly CauseCount[]>((all, cause) => countChanges(all, cause, 1), []);
  expect(counts.map(({ cause }) => cause)).toEqual(causes.slice(1));
});
