import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { FieldReader } from '../../../shared/azure/estate/field-reader.ts';

const List = z.array(z.string('expected a text'), 'expected a list');

/** What a reader notes of a field below `profile`, and what it reads. */
function noted(value: unknown, read: (fields: FieldReader) => unknown) {
  const fields = new FieldReader({ profile: { field: value } }, 'properties');
  const got = read(fields);
  return [got, ...fields.unread.map(({ of, field, problem }) => `${of}: ${field}: ${problem}`)];
}

describe('a field that cannot be read', () => {
  const text = (fields: FieldReader) => fields.text('a', 'profile.field');
  const count = (fields: FieldReader) => fields.count('a', 'profile.field');
  const list = (fields: FieldReader) => fields.read('a', 'profile.field', List);
  const known = (fields: FieldReader) => fields.oneOf('a', 'profile.field', /^Auto$/);

  it.each<[string, unknown, (fields: FieldReader) => unknown]>([
    ['expected a text, got a number', 7, text],
    ['expected a text, got true or false', true, text],
    ['expected a text, got an object', {}, text],
    ['expected a text, got a list', [], text],
    ['expected a text, got an empty one', '', text],
    ['expected no control characters', 'a\u0007b', text],
    ['expected true or false, got a text', 'true', (fields) => fields.flag('a', 'profile.field')],
    ['expected a whole number, got a text', '1', count],
    ['expected a number of at least 0', -1, count],
    ['expected a list, got an object', {}, list],
    ['"Moonshine" is not a known value', 'Moonshine', known],
    [`"${'x'.repeat(60)}" is not a known value`, 'x'.repeat(61), known],
    ['expected a text, got a number', 7, known],
  ])('says what was expected and what it is: %s', (problem, value, read) => {
    expect(noted(value, read)).toEqual([undefined, `a: properties.profile.field: ${problem}`]);
  });

  it('names the first wrong part of a list, and does not call the list another kind', () => {
    expect(noted(['a', 7, 8], list)).toEqual([undefined, 'a: properties.profile.field.1: expected a text']);
  });

  it.each([
    ['no object, and the first', 'all', 'properties', 'a text'],
    ['null', null, 'properties', 'null'],
    ['nothing', undefined, 'properties', 'nothing'],
    ['a list', [], 'properties', 'a list'],
    ['no object in its path', { profile: 7 }, 'properties.profile', 'a number'],
    ['no object deeper in its path', { profile: { deeper: true } }, 'properties.profile.deeper', 'true or false'],
  ])('is named by the part of its path that is %s', (_, value, field, kind) => {
    const fields = new FieldReader(value, 'properties');
    expect(fields.text('a', 'profile.deeper.field')).toBeUndefined();
    expect(fields.unread).toEqual([{ of: 'a', field, problem: `expected an object, got ${kind}` }]);
  });
});

it('reads a field on its own: what is absent or null is not unreadable', () => {
  for (const value of [undefined, null]) {
    expect(noted(value, (fields) => [fields.text('a', 'profile.field'), fields.flag('b', 'profile.field')])).toEqual([[undefined, false]]);
  }
  expect(new FieldReader({ profile: null }).text('a', 'profile.field')).toBeUndefined();
  expect(noted(0, (fields) => fields.count('a', 'profile.field'))).toEqual([0]);
  expect(noted('x', (fields) => fields.text('a', 'profile.field'))).toEqual(['x']);
});
