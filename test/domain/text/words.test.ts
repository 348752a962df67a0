import { expect, it } from 'vitest';
import { counted } from '../../../shared/domain/text/counted.ts';
import { parseJson } from '../../../shared/domain/text/json.ts';
import { isZeroQuantity } from '../../../shared/domain/text/quantity.ts';
import { commandLine, shellWord } from '../../../shared/domain/text/shell-word.ts';

it.each([
  [counted(0, 'pod'), '0 pods'],
  [counted(1, 'pod'), '1 pod'],
  [counted(2, 'pod'), '2 pods'],
  [counted(2, 'class'), '2 classes'],
  [counted(1, 'class'), '1 class'],
  [counted(2, 'policy', 'policies'), '2 policies'],
])('a count agrees with its noun: %s', (text, expected) => expect(text).toBe(expected));

it.each([
  ['{"a":1}', { a: 1 }],
  ['null', null],
  ['{', undefined],
  ['', undefined],
])('the JSON text %j is %j', (text, value) => expect(parseJson(text)).toEqual(value));

it.each([
  ['0', true],
  ['000', true],
  ['0Mi', true],
  ['0.00Gi', true],
  ['-0', true],
  ['+0', true],
  ['.0', true],
  [' 0 ', true],
  ['1', false],
  ['10', false],
  ['01', false],
  ['0.1', false],
  ['600Mi', false],
  ['0 Mi', false],
  ['0\n1', false],
])('the quantity %j is zero: %s', (quantity, expected) => expect(isZeroQuantity(quantity)).toBe(expected));

it.each([
  ['--name=a_b/c.d:1', '--name=a_b/c.d:1'],
  ['a b', "'a b'"],
  [' a', "' a'"],
  ['a;', "'a;'"],
  ['ä2 ß', "'ä2 ß'"],
  ['$(rm) & #', "'$(rm) & #'"],
  ["it's", undefined],
  ["a'", undefined],
  ["'a", undefined],
  ['a"b', undefined],
  ['a\\', undefined],
  ['a\u2019b', undefined],
  ['a\nb', undefined],
  ['', undefined],
])('the word %j is written for both shells as %s, or not at all', (word, expected) => expect(shellWord(word)).toBe(expected));

it('a command line is written when each of its words is', () => {
  expect(commandLine(['az', 'a b', '-x'])).toBe("az 'a b' -x");
  expect([commandLine(['az', undefined]), commandLine(['az', "'"]), commandLine([])]).toEqual([undefined, undefined, '']);
});
