import { describe, expect, it } from 'vitest';
import { isTaken } from './sampled.ts';
import { summarize } from './summary.ts';

const mutant = (status: string, replacement: string) => ({
  mutatorName: 'ConditionalExpression',
  replacement,
  location: { start: { line: 1, column: 5 }, end: { line: 1, column: 10 } },
  status,
});
const report = (...mutants: readonly object[]) => ({ files: { 'shared/domain/policy/glob.ts': { source: 'if (a < b) run();', mutants } } });

describe('what a run of faults came to', () => {
  it('counts what was caught, and names each fault that was not with its place', () => {
    const { lines, share } = summarize(
      report(mutant('Killed', 'true'), mutant('Timeout', 'false'), mutant('Survived', 'a <= b'), mutant('NoCoverage', 'b')),
      [],
    );

    expect(lines).toEqual([
      'shared/domain/policy/glob.ts:1 ConditionalExpression: a < b → a <= b',
      'shared/domain/policy/glob.ts:1 ConditionalExpression: a < b → b',
      'shared/domain/policy: caught 2 of 4, 50.0 %',
    ]);
    expect(share).toBe(0.5);
  });

  it('leaves out what is known to change nothing, and what was left out of the run', () => {
    const known = { file: 'shared/domain/policy/glob.ts', original: 'a < b', replacement: 'true', reason: 'r' };

    expect(summarize(report(mutant('Survived', 'true'), mutant('Ignored', 'false')), [known])).toEqual({
      lines: ['shared/domain/policy: caught 0 of 0, nothing to catch'],
      share: 1,
    });
  });
});

describe('a sample of functions', () => {
  it('takes about one of as many as are asked for, the same each time, and all of one', () => {
    const taken = (of: number) => Array.from({ length: 3_000 }, (_, line) => line).filter((line) => isTaken(line, 4, of));
    expect(taken(1)).toHaveLength(3_000);
    expect(Math.abs(taken(3).length - 1_000)).toBeLessThan(100);
    expect(taken(3)).toEqual(taken(3));
  });
});
