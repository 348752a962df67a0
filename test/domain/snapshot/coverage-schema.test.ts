import { expect, it } from 'vitest';
import { COVERAGE_SCHEMA } from '../../../shared/domain/snapshot/observation-schema.ts';

const sample = { kind: 'sample', sampledNodes: 0, totalNodes: 0, sampledPods: 0, totalPods: 0, upperBound: 0, confidence: 0, seed: 's' };

it.each([
  ...['sampledNodes', 'totalNodes', 'sampledPods', 'totalPods'].map((count) => [count, [0, 1_000], [-1, 0.5]] as const),
  ...['upperBound', 'confidence'].map((share) => [share, [0, 0.5, 1], [-0.1, 1.1]] as const),
])('the %s of a sample is one of %j, not of %j', (name, right, wrong) => {
  const takes = (value: number) => COVERAGE_SCHEMA.safeParse({ ...sample, [name]: value }).success;
  expect([right.filter((value) => !takes(value)), wrong.filter(takes)]).toEqual([[], []]);
});
