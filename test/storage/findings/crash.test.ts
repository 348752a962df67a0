import { describe, expect, it } from 'vitest';
import { changedBy } from '../../../shared/domain/findings/cause-counts.ts';
import { NOTHING_HELD } from '../../../shared/ports/finding-store.ts';
import { findingStore } from '../../../shared/storage/findings/findings.ts';
import { aFinding, aSummary, clusterIdOf, NOW } from '../../http/estate.ts';
import { memoryTables, opened } from './a-store.ts';

const CLUSTER = clusterIdOf('crash');

const tables = memoryTables();

/** A store that crashes after so many transactions. */
function mortal(transactions: number) {
  const { findings } = tables;
  let left = transactions;
  const dying: typeof findings = {
    ...findings,
    transact: async (...what) => {
      if (left === 0) throw new Error('died');
      left -= 1;
      return findings.transact(...what);
    },
  };
  return findingStore({ ...tables, findings: dying }, () => new Date(NOW));
}

const findings = Array.from({ length: 350 }, (_, at) => aFinding({ clusterName: 'crash', subject: { kind: 'node', name: `n${at}` } }));
const summary = aSummary('crash', findings);

describe('a writer that crashes between two transactions of one scan', () => {
  it('leaves no finding without its history, and the next writer copies it for the estate', async () => {
    const scan = { clusterId: CLUSTER, findings, history: findings.map(opened), summary, basedOn: NOTHING_HELD };
    await expect(mortal(1).write(scan)).rejects.toThrow('died');

    const store = mortal(Number.POSITIVE_INFINITY);
    const held = await store.ofCluster(CLUSTER);
    expect(held.summary).toBeUndefined();
    expect(held.findings.length).toBeGreaterThan(0);
    expect(held.findings.length).toBeLessThan(findings.length);
    for (const { id } of held.findings) expect((await store.history(id, 2)).value).toHaveLength(1);
    expect(held.observedAt).toBe(summary.observedAt);

    const rest = findings.filter(({ id }) => !held.findings.some((one) => one.id === id));
    const again = { clusterId: CLUSTER, findings: rest, history: rest.map(opened), summary, basedOn: held };
    expect(await store.write(again)).toBe('written');
    expect(await store.cluster(CLUSTER)).toEqual(summary);
    const told = (await store.changes({ since: NOW }, 1_000)).value.map(({ findingId }) => findingId);
    expect(told.toSorted()).toEqual(findings.map(({ id }) => id).toSorted());
    const whole = await store.ofCluster(CLUSTER);
    expect(changedBy(whole.changedBy, 'audit-1')).toBe(findings.length);
    expect(whole.findings.map(({ id }) => id).toSorted()).toEqual(findings.map(({ id }) => id).toSorted());
  });

  it('never leaves the earlier packed findings in place of those that it began to write', async () => {
    const store = mortal(Number.POSITIVE_INFINITY);
    const basedOn = await store.ofCluster(CLUSTER);
    const later = findings.map((finding) => ({ ...finding, message: 'later' }));
    await expect(mortal(2).write({ clusterId: CLUSTER, findings: later, history: [], summary, basedOn })).rejects.toThrow('died');

    const held = (await store.ofCluster(CLUSTER)).findings;
    const changed = held.filter(({ message }) => message === 'later').length;
    expect(held).toHaveLength(findings.length);
    expect(changed).toBeGreaterThan(0);
    expect(changed).toBeLessThan(findings.length);
    expect(await store.cluster(CLUSTER)).toEqual(summary);
    // Lists show the complete previous scan until the message is delivered again, and never a mixture of the two.
    const listed = (await store.list({ cluster: ['crash'] }, 1_000)).value;
    expect(listed).toHaveLength(findings.length);
    expect(listed.filter(({ message }) => message === 'later')).toEqual([]);
  });
});
