import { describe, expect, it } from 'vitest';
import { boundedLabels, boundedName } from '../../shared/kubernetes/bounds.ts';

describe('a name from an API server', () => {
  it.each([null, undefined, ''])('that is %j is empty', (name) => expect(boundedName(name)).toBe(''));

  it('is whole up to 253 characters, and a longer one is cut and stays different from others', () => {
    expect(boundedName('x'.repeat(253))).toBe('x'.repeat(253));
    const [one, other] = ['a', 'b'].map((end) => boundedName(`${'x'.repeat(253)}${end}`));
    expect(one).toMatch(/^x{233}…[0-9a-f]{16}$/);
    expect(other).not.toBe(one);
  });
});

describe('labels from an API server', () => {
  const numbered = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`l${String(at).padStart(3, '0')}`, 'x']));

  it.each([null, undefined, {}])('that are %j are none', (labels) => expect(boundedLabels(labels)).toEqual({ labels: {} }));

  it('are whole up to a hundred, of up to 317 characters', () => {
    const whole = { ...numbered(98), ['n'.repeat(317)]: 'v', v: 'v'.repeat(317) };
    expect(boundedLabels(whole)).toEqual({ labels: whole });
  });

  it('are the first hundred by name of more, and the others are counted', () => {
    const shuffled = Object.fromEntries(Object.entries(numbered(103)).reverse());
    expect(boundedLabels(shuffled)).toEqual({ labels: numbered(100), labelsCut: 3 });
  });

  it.each([
    ['a name', { ['n'.repeat(318)]: 'v' }],
    ['a value', { n: 'v'.repeat(318) }],
  ])('with %s that is too long are those without it', (_, odd) => {
    expect(boundedLabels({ ...numbered(2), ...odd })).toEqual({ labels: numbered(2), labelsCut: 1 });
  });
});
