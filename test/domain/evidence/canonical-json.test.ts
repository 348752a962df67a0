import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../shared/domain/evidence/canonical-json.ts';

describe('canonical JSON', () => {
  it('orders members by UTF-16 code units, as RFC 8785 shows', () => {
    const value = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, ö: 7 };
    expect(canonicalJson(value)).toBe('{"\\r":2,"1":4,"\u0080":6,"ö":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}');
  });

  it.each([
    [{ b: [], a: { d: null, c: true } }, '{"a":{"c":true,"d":null},"b":[]}'],
    [[1e21, 1e-7, -0, 333333333.3333333], '[1e+21,1e-7,0,333333333.3333333]'],
    [{ gone: undefined, here: '"\n\u2028' }, '{"here":"\\"\\n\u2028"}'],
    ['\ud800', '"\\ud800"'],
  ])('writes %j as RFC 8785 says', (value, expected) => {
    expect(canonicalJson(value)).toBe(expected);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, undefined, () => 1, Symbol('s'), 1n])(
    'refuses what JSON cannot represent: %s',
    (value) => {
      expect(() => canonicalJson([value])).toThrow('JSON cannot hold');
    },
  );

  it('is parsed to the same value, and is the same for every order of members', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(reversed(value))).toBe(text);
      }),
      { seed: 3 },
    );
  });
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, member]) => [name, reversed(member)])
      .reverse(),
  );
}
