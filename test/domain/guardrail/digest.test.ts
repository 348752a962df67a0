import { expect, it } from 'vitest';
import { guardrailDigest } from '../../../shared/domain/guardrail/digest.ts';

const digest = (...validations: readonly unknown[]) => guardrailDigest({ validations });
const CHECK = { expression: 'true', message: 'Why.' };

it('the digest of an admission policy changes with its effect, and not with its messages', () => {
  expect(digest({ ...CHECK, message: 'Other words.' })).toBe(digest(CHECK));
  expect(digest({ ...CHECK, expression: 'false' })).not.toBe(digest(CHECK));
  expect(guardrailDigest({ matchConditions: [CHECK] })).not.toBe(guardrailDigest({ matchConditions: [{ ...CHECK, message: 'x' }] }));
});

it.each([null, 'text', 7])('an API server may answer with a validation that is no object: %j', (odd) => {
  expect(digest(odd)).toBe(digest(odd));
  expect(digest(odd)).not.toBe(digest({}));
});
