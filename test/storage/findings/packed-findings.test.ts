import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { fitted, fittedLine } from '../../../shared/domain/findings/finding-size.ts';
import { clusterKey } from '../../../shared/domain/snapshot/resource-id.ts';
import { NOTHING_HELD } from '../../../shared/ports/finding-store.ts';
import { findingStore } from '../../../shared/storage/findings/findings.ts';
import { packedRow, unpack } from '../../../shared/storage/findings/packed-findings.ts';
import { rowBytes } from '../../../shared/storage/row.ts';
import { aFinding, aSummary, NOW } from '../../http/estate.ts';
import { memoryTable } from '../../support/memory-table.ts';

const KEY = '0123456789abcdef';
const nodes = (count: number, noise = '') =>
  Array.from({ length: count }, (_, at) => aFinding({ subject: { kind: 'node', name: `n${at}${noise}` }, facts: { text: noise } }));
const held = (row: ReturnType<typeof packedRow>) => ({ ...row, etag: 'e' });

describe('packed findings', () => {
  it('are returned complete, in order of their ids, with the number of their transaction', () => {
    const findings = nodes(50);
    const packed = unpack(held(packedRow(KEY, 7, findings)));

    expect(packed?.sequence).toBe(7);
    expect(packed?.findings).toEqual(findings.toSorted((a, b) => (a.id < b.id ? -1 : 1)));
  });

  it('without findings are an empty list, not a missing one', () => {
    expect(unpack(held(packedRow(KEY, 1, [])))).toEqual({ sequence: 1, findings: [] });
  });

  it('that are missing, or are being written, make the reader use the rows', () => {
    expect(unpack(undefined)).toBeUndefined();
    expect(unpack(held(packedRow(KEY, 2, undefined)))).toBeUndefined();
  });

  it('that are not of the last write are not used: the rows are read', async () => {
    const table = memoryTable('findings');
    const tables = { findings: table, clusters: memoryTable('clusters'), changes: memoryTable('changes') };
    const store = findingStore(tables, () => new Date(NOW));
    const finding = aFinding();
    const { clusterId } = finding;
    await store.write({ clusterId, findings: [finding], history: [], summary: aSummary('prod', [finding]), basedOn: NOTHING_HELD });
    await table.put(packedRow(clusterKey(clusterId), 99, []));
    expect((await store.ofCluster(clusterId)).findings).toEqual([finding]);
  });

  it('of a few thousand fit into one row', () => {
    const row = packedRow(KEY, 1, nodes(3_000));
    expect(rowBytes(row)).toBeLessThan(1_048_576);
    expect(unpack(held(row))?.findings).toHaveLength(3_000);
  });

  it('that do not fit into a row make the reader use the rows', () => {
    // Text that does not compress: the ids of other findings.
    const noisy = nodes(60).map((finding) => ({
      ...finding,
      facts: {
        text: nodes(300, finding.id)
          .map(({ id }) => id)
          .join(''),
      },
    }));
    expect(unpack(held(packedRow(KEY, 1, noisy)))).toBeUndefined();
  });

  it.each([
    ['is not base64', '!!!!'],
    ['is not compressed text', Buffer.from('abc').toString('base64')],
  ])('whose text %s are reported, and not treated as none', (_, deflated) => {
    const row = { ...held(packedRow(KEY, 1, [])), json0: JSON.stringify({ sequence: 1, deflated }) };
    expect(() => unpack(row)).toThrow(`The row findings(${KEY}, !findings) cannot be read`);
  });
});

describe('packed findings that somebody else wrote', () => {
  const packed = (value: unknown) => ({
    ...held(packedRow(KEY, 1, [])),
    json0: JSON.stringify({
      sequence: 1,
      deflated: deflateRawSync(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64'),
    }),
  });

  it('are named with what is wrong', () => {
    expect(() => unpack(packed([{}]))).toThrow(/cannot be read: 0\.id: expected a string/);
    expect(() => unpack(packed('{'))).toThrow(/it contains no packed findings/);
  });

  it('are not unpacked past what a process can hold', () => {
    expect(() => unpack(packed(`[${' '.repeat(64 * 1_048_576)}]`))).toThrow(/it contains no packed findings/);
  });
});

describe('a finding too large for a row', () => {
  const many = Array.from({ length: 5_000 }, (_, at) => `pod-${at}`);
  const size = (finding: ReturnType<typeof aFinding>) => JSON.stringify(finding).length;

  it('is unchanged up to the limit, and cut and marked beyond it', () => {
    const empty = size(aFinding({ facts: { text: '' } }));
    const atLimit = aFinding({ facts: { text: 'x'.repeat(60_000 - empty) } });
    const past = aFinding({ facts: { text: 'x'.repeat(60_001 - empty) } });

    expect(fitted(atLimit)).toBe(atLimit);
    expect(fitted(past).facts).toMatchObject({ evidenceCut: true });
    expect(String(fitted(past).facts.text)).toMatch(/… \(cut\)$/);
  });

  it('keeps the first items of a list and the number of the others', () => {
    const { facts } = fitted(aFinding({ facts: { pods: many, padding: 'x'.repeat(60_000) } }));

    expect(facts.pods).toEqual([...many.slice(0, 100), '… (cut: 4900 more)']);
  });

  it('fits whatever it contains', () => {
    const facts = Object.fromEntries(many.slice(0, 200).map((name) => [name, many.slice(0, 200).map((pod) => pod.repeat(100))]));
    const cut = fitted(aFinding({ message: 'm'.repeat(90_000), remediation: 'r'.repeat(90_000), facts }));

    expect(size(cut)).toBeLessThanOrEqual(60_000);
    expect(cut.facts.evidenceCut).toBe(true);
  });

  it('has a history entry whose message is also cut', () => {
    const line = (message: string) =>
      fittedLine({ findingId: 'f', clusterId: 'c', ruleId: 'r', at: NOW, kind: 'opened', cause: 'a', severity: 'low', message });

    expect(line('m'.repeat(2_000)).message).toBe('m'.repeat(2_000));
    expect(line('m'.repeat(2_001)).message).toBe(`${'m'.repeat(2_000)} … (cut)`);
  });
});
