import { describe, expect, it } from 'vitest';
import { matchesGlobs } from '../../../shared/domain/policy/glob.ts';

describe('matchesGlobs', () => {
  it.each([
    ['payments-prod', ['payments-*'], true],
    ['payments', ['payments-*'], false],
    ['PAYMENTS-prod', ['payments-*'], true],
    ['anything', ['*'], true],
    ['', ['*'], true],
    ['a', ['?'], true],
    ['', ['?'], false],
    ['ab', ['?'], false],
    ['a.b', ['a?b'], true],
    ['axb', ['a.b'], false],
    ['abcabc', ['*abc'], true],
    ['abcab', ['*abc'], false],
    ['x', [], false],
    ['x', ['y', 'x'], true],
  ])('matches %j against %j: %j', (name, globs, expected) => {
    expect(matchesGlobs(name, globs)).toBe(expected);
  });

  it('matches a hostile glob quickly', () => {
    const glob = `${'*a'.repeat(60)}b`;
    expect(matchesGlobs('a'.repeat(5_000), [glob])).toBe(false);
  });
});

it.each([
  ['abc', 'abc*', true],
  ['abc', 'abc**', true],
  ['abc', '**', true],
  ['abc', 'a*?', true],
  ['a', 'a*?', false],
  ['abcd', 'a*c', false],
  ['aXbXc', 'a*b*c', true],
  ['ac', 'a*b*c', false],
  ['aab', 'a*ab', true],
  ['', '', true],
  ['a', '', false],
  ['a\nb', 'a*b', true],
])('%j fits the glob %j: %s', (name, glob, expected) => expect(matchesGlobs(name, [glob])).toBe(expected));
