import { describe, expect, it } from 'vitest';
import { fitted, fittedLine, isStorable } from '../../../shared/domain/findings/finding-size.ts';
import { aFinding } from '../../http/estate.ts';

const MOST = 60_000;
/** A finding whose JSON has exactly this length. */
const ofLength = (length: number) => {
  const empty = JSON.stringify(aFinding({ facts: { names: [''] } })).length;
  return aFinding({ facts: { names: ['x'.repeat(length - empty)] } });
};
const names = (count: number, length: number) => Array.from({ length: count }, (_, at) => `${at}`.padEnd(length, '-'));

describe('a finding', () => {
  it('is kept complete as long as it fits into a row', () => {
    const finding = ofLength(MOST);
    expect(fitted(finding)).toBe(finding);
    expect(fitted(ofLength(MOST + 1)).facts).toEqual({ names: ['x'.repeat(300)], evidenceCut: true });
  });

  it('that is too large keeps a hundred items of its evidence, and the number of those that are cut', () => {
    const facts = { pods: names(1_000, 100), count: 1_000, reason: 'r'.repeat(2_001), few: names(100, 9), isOld: true };
    const cut = fitted(aFinding({ facts, message: 'm'.repeat(2_000), remediation: 'a'.repeat(2_001) }));
    expect(cut.facts).toEqual({
      pods: [...names(1_000, 100).slice(0, 100), '… (cut: 900 more)'],
      count: 1_000,
      reason: `${'r'.repeat(2_000)} … (cut)`,
      few: names(100, 9),
      isOld: true,
      evidenceCut: true,
    });
    expect([cut.message, cut.remediation]).toEqual(['m'.repeat(2_000), `${'a'.repeat(2_000)} … (cut)`]);
    expect(cut).toMatchObject({ id: cut.id, severity: 'high', subject: cut.subject });
  });

  it('that is still too large keeps ten, and then none', () => {
    const wide = (count: number) => Object.fromEntries(names(count, 4).map((name) => [name, names(100, 290)]));
    expect(Object.keys(fitted(aFinding({ facts: wide(20) })).facts)).toEqual([...names(10, 4), 'evidenceCut']);
    const long = Object.fromEntries(names(20, 8_000).map((name) => [name, 'v']));
    expect(fitted(aFinding({ facts: long })).facts).toEqual({ evidenceCut: true });
  });

  it('whose subject is too large cannot be stored', () => {
    const huge = { kind: 'node-pool', name: 'x'.repeat(MOST) } as const;
    expect(isStorable(aFinding({ subject: huge }))).toBe(false);
    expect(fitted(aFinding({ subject: huge })).subject).toEqual(huge);
    expect(isStorable(aFinding({ facts: { pods: names(10_000, 100) } }))).toBe(true);
  });
});

it.each([
  ['2,000 characters complete', 'm'.repeat(2_000), 'm'.repeat(2_000)],
  ['2,001 characters cut', 'm'.repeat(2_001), `${'m'.repeat(2_000)} … (cut)`],
])('a history entry keeps a message of %s', (_, message, kept) => {
  const { id: findingId, clusterId, ruleId, severity } = aFinding();
  const line = {
    findingId,
    clusterId,
    ruleId,
    severity,
    at: '2026-11-23T09:00:00.000Z',
    kind: 'opened',
    cause: 'audit-1',
    message,
  } as const;
  expect(fittedLine(line)).toEqual({ ...line, message: kept });
});
