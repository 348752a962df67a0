import { describe, expect, it } from 'vitest';
import { progressLine } from '../../../shared/cli/frame/progress.ts';

describe('a line of progress', () => {
  it.each([
    [0, 250, [], '[--------------------] 0 of 250 clusters'],
    [1, 250, ['a'], '[--------------------] 1 of 250 clusters: a'],
    [125, 250, ['b', 'c'], '[##########----------] 125 of 250 clusters: b, c'],
    [249, 250, [], '[###################-] 249 of 250 clusters'],
    [250, 250, [], '[####################] 250 of 250 clusters'],
    [0, 0, [], '[--------------------] 0 of 0 clusters'],
  ])('of %i of %i is full only at the end', (done, total, current, line) => {
    expect(progressLine(done, total, 'clusters', current)).toBe(line);
  });
});
