import { describe, expect, it } from 'vitest';
import { rejectedFiles } from './compiler.ts';
import { fault } from './equivalent/fault.ts';
import { EQUIVALENT } from './equivalent.ts';
import { MORE_FAULTS } from './more-faults.ts';
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

  it('begins a long fault with the first line that differs', () => {
    const swapped = {
      ...mutant('Survived', '{\n  await b();\n  await a();\n}'),
      location: { start: { line: 2, column: 1 }, end: { line: 5, column: 2 } },
    };
    const [long] = readMutants({ files: { [FILE]: { source: '// One\n{\n  await a();\n  await b();\n}', mutants: [swapped] } } });

    expect(summarize(long === undefined ? [] : [long]).lines[0]).toBe(
      `${FILE}:3 ConditionalExpression:  await a(); await b(); } →  await b(); await a(); }`,
    );
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

describe('faults beside those of Stryker', () => {
  const name = (text: string) => ({ type: 'Identifier', name: text });
  const call = (...args: readonly object[]) => ({ type: 'CallExpression', callee: name('f'), arguments: args });
  const step = (of: string) => ({ type: 'ExpressionStatement', expression: { type: 'AwaitExpression', argument: name(of) } });
  const numeral = (value: number) => ({ type: 'NumericLiteral', value });
  const block = (...body: readonly object[]) => ({ type: 'BlockStatement', body });
  const faultsIn = (node: { readonly type: string }, parent?: { readonly type: string }) =>
    MORE_FAULTS.flatMap((kind) => [...kind.mutate({ node, ...(parent && { parent }) })]);

  it.each([
    ['an await', { type: 'AwaitExpression', argument: name('x') }, [name('x')]],
    ['the first two arguments', call(name('a'), name('b'), name('c')), [call(name('b'), name('a'), name('c'))]],
    ['a single argument', call(name('a')), []],
    [
      'steps that wait',
      block(step('a'), step('b'), step('c')),
      [block(step('b'), step('a'), step('c')), block(step('a'), step('c'), step('b'))],
    ],
    ['steps of which one does not wait', block(step('a'), { type: 'ExpressionStatement', expression: name('b') }), []],
    ['a number that is no limit', numeral(5), []],
  ])('puts faults into %s', (_, node, expected) => {
    expect(faultsIn(node)).toEqual(expected);
  });

  it.each([
    [1_000, 'BinaryExpression', [1_001]],
    [0, 'MemberExpression', [1]],
    [10, 'CallExpression', [11]],
    [1_001, 'BinaryExpression', []],
    [5, 'VariableDeclarator', []],
  ])('counts the number %d in a %s off by one', (value, type, expected) => {
    expect(faultsIn(numeral(value), { type })).toEqual(expected.map((one) => expect.objectContaining(numeral(one))));
  });
});
