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
