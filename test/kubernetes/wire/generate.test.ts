import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generateDecoder } from '../../../shared/kubernetes/wire/generate.ts';

test('the committed decoder is up to date with the schema', () => {
  const committed = new URL('../../../shared/kubernetes/wire/kubernetes.generated.js', import.meta.url);
  expect(readFileSync(committed, 'utf8')).toBe(generateDecoder());
});
