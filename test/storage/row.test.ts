import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Fault } from '../../shared/domain/snapshot/fault.ts';
import { decodeRow, encodeRow, type HeldRow, LIMITS, ROW_VERSION, type Row, rowBytes } from '../../shared/storage/row.ts';

const encode = (value: unknown, columns: Readonly<Record<string, string | number | boolean>> = {}, key = 'r') =>
  encodeRow('p', key, value, columns);
const held = (row: Row, over: Readonly<Record<string, unknown>> = {}): HeldRow => ({
  ...row,
  ...over,
  partitionKey: 'p',
  rowKey: 'r',
  etag: 'e',
});
const faultOf = (make: () => unknown) => {
  try {
    make();
  } catch (error) {
    if (error instanceof Fault) return error;
  }
  return expect.unreachable('This must be refused with a Fault.');
};

describe('a row’s keys', () => {
  it.each(['a', 'ä', 'x'.repeat(512), "o'x", 'a b', '!', '~', '\u00a0'])('may be %j', (key) => {
    expect(encode({}, {}, key).rowKey).toBe(key);
    expect(encodeRow(key, 'r', {}).partitionKey).toBe(key);
  });

  it.each(['', 'x'.repeat(513), 'a/b', 'a\\b', 'a#b', 'a?b', 'a\u0000', 'a\u001f', 'a\u007f', 'a\u009f', '\n'])('may not be %j', (key) => {
    expect(faultOf(() => encode({}, {}, key)).code).toBe('malformed');
    expect(faultOf(() => encodeRow(key, 'r', {})).code).toBe('malformed');
  });

  it('are named when they are refused, shortened if they are long', () => {
    expect(faultOf(() => encode({}, {}, 'a/b')).message).toBe('Not a key of a table: "a/b"');
    const long = Array.from({ length: 513 }, (_, at) => at % 10).join('');
    expect(faultOf(() => encode({}, {}, long)).message).toBe(`Not a key of a table: "${'0123456789'.repeat(8)}"`);
  });

  it('are counted in UTF-16 units, like the service does', () => {
    expect(encode({}, {}, '😀'.repeat(256)).rowKey).toHaveLength(512);
    expect(faultOf(() => encode({}, {}, '😀'.repeat(257))).code).toBe('malformed');
  });
});

describe('a row’s value', () => {
  it.each([
    ['that fits into one text', 31_990],
    ['just at the end of a text', 31_998],
    ['one unit longer', 31_999],
    ['of several texts', 100_000],
  ])('%s is returned complete', (_, length) => {
    const value = { text: 'é😀'.repeat(length / 3) };
    const row = encode(value);
    for (const part of Object.values(row)) if (typeof part === 'string') expect(part.length).toBeLessThanOrEqual(LIMITS.stringUnits);
    expect(decodeRow('t', held(row), z.unknown())).toEqual(value);
  });

  it.each([
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['minus infinity', Number.NEGATIVE_INFINITY],
  ])('may not contain %s, at any depth', (_, number) => {
    const fault = faultOf(() => encode({ a: [{ deep: number }] }));
    expect(fault).toMatchObject({ code: 'malformed', message: expect.stringContaining('deep') });
  });

  it('may contain null inside its JSON; a column is never null', () => {
    const row = encode({ a: null });
    expect(Object.values(row)).not.toContain(null);
    expect(decodeRow('t', held(row), z.unknown())).toEqual({ a: null });
  });
});

describe('a row’s size', () => {
  // The value's text has the rest of 1 MiB; each unit takes two bytes.
  const largest = (): number => {
    let units = 500_000;
    while (sizeOf(units + 1) <= LIMITS.entityBytes) units += 1;
    return units;
  };
  const sizeOf = (units: number) => {
    const json = units + 2;
    const parts = Math.ceil(json / 32_000);
    const names = Array.from({ length: parts }, (_, at) => 2 * `json${at}`.length + 8).reduce((sum, size) => sum + size, 0);
    return 4 + names + 2 * json + (2 * 12 + 2 + 8) + (2 * 6 + 2 + 8) + (2 * 13 + 8 + 8);
  };

  it('may be 1 MiB, and not one unit more', () => {
    const units = largest();
    const row = encode('x'.repeat(units));
    expect(rowBytes(row)).toBeLessThanOrEqual(LIMITS.entityBytes);
    expect(rowBytes(row)).toBeGreaterThan(LIMITS.entityBytes - 3);
    expect(faultOf(() => encode('x'.repeat(units + 1)))).toMatchObject({
      code: 'too-large',
      message: expect.stringContaining('the maximum is 1048576'),
    });
  });

  const columns = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`c${at}`, at]));

  it('may be 252 properties, and not one more', () => {
    expect(Object.keys(encode({}, columns(250)))).toHaveLength(252 + 2);
    expect(faultOf(() => encode({}, columns(251)))).toMatchObject({
      code: 'too-large',
      message: expect.stringContaining('253 properties'),
    });
  });

  it('may have columns of 32,768 units, and not one more', () => {
    expect(encode({}, { text: 'x'.repeat(32_768) }).text).toHaveLength(32_768);
    expect(faultOf(() => encode({}, { text: 'x'.repeat(32_769) }))).toMatchObject({
      code: 'too-large',
      message: expect.stringContaining('in text'),
    });
  });
});

describe('a damaged row', () => {
  const row = encode({ name: 'n' });
  const Named = z.object({ name: z.string() });

  it.each([
    ['of a newer app', { schemaVersion: ROW_VERSION + 1 }, `has schema version ${ROW_VERSION + 1}; this app reads 1 to ${ROW_VERSION}`],
    ['without a version', { schemaVersion: undefined }, 'has schema version 0'],
    ['with a version that is not a number', { schemaVersion: 'one' }, 'has schema version 0'],
    ['without its value', { json0: undefined }, 'contains no JSON'],
    ['with half of its value', { json0: '{"name":' }, 'contains no JSON'],
    ['whose value is a number', { json0: 7 }, 'contains no JSON'],
    ['with another value', { json0: '{"name":7}' }, 'name: '],
  ])('%s is reported with its table and keys, and never misread', (_, over, says) => {
    const fault = faultOf(() => decodeRow('findings', held(row, over), Named));
    expect(fault).toMatchObject({ code: 'malformed', message: expect.stringContaining('findings(p, r)') });
    expect(fault.message).toContain(says);
  });

  it.each([0, 1, ROW_VERSION, ROW_VERSION + 1])('of version %i is read where this app knows it', (schemaVersion) => {
    const read = () => decodeRow('findings', held(row, { schemaVersion }), Named);
    if (schemaVersion === 0 || schemaVersion > ROW_VERSION) expect(read).toThrow('has schema version');
    else expect(read()).toEqual({ name: 'n' });
  });

  it('that lost a text in the middle is not read as a shorter one', () => {
    const long = held(encode({ name: 'n'.repeat(70_000) }));
    expect(faultOf(() => decodeRow('findings', { ...long, json1: undefined }, Named)).message).toContain('contains no JSON');
  });
});
