import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeRow, LIMITS, rowBytes } from '../../../shared/storage/row.ts';
import { batches, batchesOfGroups, type Step } from '../../../shared/storage/table.ts';

const put = (at: number, units = 1): Step => ({ kind: 'put', row: encodeRow('p', `r${at}`, 'x'.repeat(units)) });
const sizeOf = (step: Step) => (step.kind === 'delete' ? 0 : rowBytes(step.row)) + 1_000;
/** The size of a transaction: its rows as JSON, and some headers for each. */
const weight = (steps: readonly Step[]) =>
  steps.reduce((sum, step) => sum + 700 + (step.kind === 'delete' ? 0 : Buffer.byteLength(JSON.stringify(step.row))), 0);

describe('transactions', () => {
  it.each([
    [0, []],
    [1, [1]],
    [98, [98]],
    [99, [98, 1]],
    [196, [98, 98]],
    [197, [98, 98, 1]],
  ])('of %i steps, with two reserved rows, are split into %j', (count, sizes) => {
    const steps = Array.from({ length: count }, (_, at) => put(at));
    expect(batches(steps, 2).map(({ length }) => length)).toEqual(sizes);
  });

  it('of large rows are split before they are too large', () => {
    const steps = Array.from({ length: 20 }, (_, at) => put(at, 100_000));
    const cut = batches(steps, 2);
    expect(cut.map(({ length }) => length)).toEqual([5, 5, 5, 5]);
    expect(cut.flat()).toEqual(steps);
    // One that is too large for any other beside it goes alone, and nothing is sent before it.
    expect(batches([put(0, 523_800), put(1)], 2).map(({ length }) => length)).toEqual([1, 1]);
  });

  it('are filled up to a quarter of what the service takes, with 1,000 bytes for the headers of each row', () => {
    const [small, quarter] = [put(0), 1_048_576];
    // The two bytes of each unit are what the size of a row grows by, as long as its text has as many parts.
    const free = (quarter - sizeOf(small) - sizeOf(put(1, 520_000))) / 2;
    const fits = put(1, 520_000 + free);
    expect(sizeOf(small) + sizeOf(fits)).toBe(quarter);
    expect(batches([small, fits], 2)).toHaveLength(1);
    expect(batches([small, put(1, 520_001 + free)], 2)).toHaveLength(2);
  });

  it('keep every step once and in order, within 100 rows and 4 MiB including reserved rows, with any text', () => {
    const text = fc.constantFrom('x', '"', '界', '\u0001');
    const size = fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 20_000, max: 60_000 }));
    const anyStep = fc.tuple(text, size).map(([unit, units]) => unit.repeat(units));
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 150 }), fc.integer({ min: 0, max: 3 }), (values, reserve) => {
        const steps = values.map((value, at): Step => ({ kind: 'put', row: encodeRow('p', `r${at}`, value) }));
        const cut = batches(steps, reserve);
        expect(cut.flat()).toEqual(steps);
        for (const part of cut) {
          expect(part.length).toBeGreaterThan(0);
          expect(part.length + reserve).toBeLessThanOrEqual(LIMITS.batchRows);
          expect(weight(part)).toBeLessThanOrEqual(LIMITS.batchBytes / 2);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('never split a group', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 20 });
    fc.assert(
      fc.property(lengths, (sizes) => {
        const groups = sizes.map((size, group) => Array.from({ length: size }, (_, at) => put(group * 100 + at)));
        const cut = batchesOfGroups(groups, 2);
        expect(cut.flat()).toEqual(groups.flat());
        for (const part of cut) expect(part.length).toBeLessThanOrEqual(98);
        for (const group of groups) expect(cut.filter((part) => group.some((step) => part.includes(step)))).toHaveLength(1);
      }),
    );
  });
});
