import { describe, expect, it } from 'vitest';
import { rejectedFiles } from './compiler.ts';
import { EQUIVALENT, fault } from './equivalent.ts';
import { readMutants } from './mutant.ts';
import { isTaken } from './sampled.ts';
import { summarize, withoutEquivalent } from './summary.ts';

const FILE = 'shared/domain/policy/glob.ts';
const mutant = (status: string, replacement: string) => ({
  mutatorName: 'ConditionalExpression',
  replacement,
  location: { start: { line: 2, column: 5 }, end: { line: 2, column: 10 } },
  status,
});
const read = (...mutants: readonly object[]) => readMutants({ files: { [FILE]: { source: '// One\nif (a < b) run();', mutants } } });

describe('the result of a mutation run', () => {
  it('counts the detected faults, and names each undetected one with its location', () => {
    const all = read(mutant('Killed', 'true'), mutant('Timeout', 'false'), mutant('Survived', 'a <= b'), mutant('NoCoverage', 'b'));

    expect(summarize(all)).toEqual({
      lines: [
        `${FILE}:2 ConditionalExpression: a < b → a <= b`,
        `${FILE}:2 ConditionalExpression: a < b → b`,
        'shared/domain/policy: caught 2 of 4, 50.0 %',
      ],
      share: 0.5,
    });
  });

  it('omits known equivalent faults, and those that were excluded from the run', () => {
    const all = read(mutant('Survived', 'true'), mutant('Ignored', 'false'), mutant('Survived', 'b'));

    expect(withoutEquivalent(all, [fault(FILE, 'a < b', 'true', 'r')])).toEqual([expect.objectContaining({ replacement: 'b' })]);
    expect(withoutEquivalent(read(mutant('Killed', 'true')), [fault(FILE, 'a < b', 'true', 'r')])).toHaveLength(1);
  });

  it('counts a fault in a condition, whatever kinds are excluded', () => {
    expect(withoutEquivalent(read(mutant('Survived', 'true')), EQUIVALENT)).toHaveLength(1);
  });

  it('gives the compiler the whole file with only that fault', () => {
    expect(read(mutant('Survived', 'a <= b')).map(({ faultyFile }) => faultyFile)).toEqual(['// One\nif (a <= b) run();']);
  });
});

describe('a fault that the compiler rejects', () => {
  it('is recognized by the name of the faulty file, not by errors elsewhere', () => {
    const output = [
      'shared/domain/a.fault-3.ts(5,7): error TS2322: no.',
      '  shared/domain/a.fault-4.ts(1,1): error TS1: a line of more detail.',
      'shared/domain/b.ts(1,1): error TS2304: no.',
    ].join('\n');
    expect([...rejectedFiles(output)]).toEqual([3]);
  });
});

describe('a sample of functions', () => {
  it('selects about one in the given number, the same each time, with all its content', () => {
    const taken = (of: number) => Array.from({ length: 3_000 }, (_, line) => line).filter((line) => isTaken(line, 4, of));
    expect(taken(1)).toHaveLength(3_000);
    expect(Math.abs(taken(3).length - 1_000)).toBeLessThan(100);
    expect(taken(3)).toEqual(taken(3));
  });
});
