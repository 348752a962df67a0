import { expect, it } from 'vitest';
import { all, any, matches, selects, text, texts } from '../../../shared/domain/guardrail/cel.ts';

it('texts are literals, whatever they contain', () => {
  expect(text('a"b\\c\n')).toBe('"a\\"b\\\\c\\n"');
  expect(text('\ud800')).toBe('"\ufffd"');
  expect([texts([]), texts(['a', 'b"'])]).toEqual(['[]', '["a", "b\\""]']);
});

it.each([
  [[], 'true', 'false'],
  [['a'], 'a', 'a'],
  [['a', 'b || c'], '(a) && (b || c)', '(a) || (b || c)'],
])('of the conditions %j all or one must hold', (conditions, ofAll, ofAny) => {
  expect([all(conditions), any(conditions)]).toEqual([ofAll, ofAny]);
});

it.each([
  [[], 'false'],
  [['a', '*'], 'true'],
  [['A', 'b'], 'n in ["a", "b"]'],
  [['A*'], 'n.matches("^a.*$")'],
  [['a?b'], 'n.matches("^a.b$")'],
  [['x', 'a.(b)*'], '(n in ["x"]) || (n.matches("^a\\\\.\\\\(b\\\\).*$"))'],
])('a name is compared with the globs %j as a whole', (globs, expression) => {
  expect(matches('n', globs)).toBe(expression);
});

it('a selector wants every one of its labels, with its value', () => {
  expect(selects('l', {})).toBe('true');
  expect(selects('l', { a: 'b' })).toBe('"a" in l && l["a"] == "b"');
  expect(selects('l', { a: 'b', 'c"': 'd' })).toBe('("a" in l && l["a"] == "b") && ("c\\"" in l && l["c\\""] == "d")');
});
