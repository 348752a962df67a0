import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HistoryEntry } from '../../shared/domain/finding.ts';
import { type Azurite, startAzurite } from '../../shared/local/azurite.ts';
import { findingStore } from '../../shared/storage/findings.ts';
import { TABLES } from '../../shared/storage/names.ts';
import { createStorage } from '../../shared/storage/storage.ts';
import { openTable } from '../../shared/storage/table.ts';
import { aFinding, aSummary, clusterIdOf, NOW } from '../http/estate.ts';

const CLUSTER = clusterIdOf('crash');

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
  await createStorage({ connectionString: azurite.connectionString }).ensure();
}, 60_000);
afterAll(() => azurite.stop());

/** A store that dies when it has sent so many transactions. */
function mortal(transactions: number) {
  const open = (name: string) =>
    openTable(TableClient.fromConnectionString(azurite.connectionString, name, { allowInsecureConnection: true }), name);
  const findings = open(TABLES.findings);
  let left = transactions;
  const dying: typeof findings = {
    ...findings,
    transact: async (...what) => {
      if (left === 0) throw new Error('died');
      left -= 1;
      return findings.transact(...what);
    },
  };
  return findingStore({ findings: dying, clusters: open(TABLES.clusters), changes: open(TABLES.changes) }, () => new Date(NOW));
}

describe('a writer that dies between two transactions of one scan', () => {
  it('leaves no finding without its history, and the next writer tells the estate of it', async () => {
    const findings = Array.from({ length: 120 }, (_, at) => aFinding({ clusterName: 'crash', subject: { kind: 'node', name: `n${at}` } }));
    const history = findings.map(
      ({ id, clusterId, ruleId, severity, message }): HistoryEntry => ({
        findingId: id,
        clusterId,
        ruleId,
        at: NOW,
        kind: 'opened',
        cause: 'audit-1',
        severity,
        message,
      }),
    );
    const summary = aSummary('crash', findings);
    const scan = { clusterId: CLUSTER, findings, history, summary, basedOn: undefined };
    await expect(mortal(1).write(scan)).rejects.toThrow('died');

    const store = mortal(Number.POSITIVE_INFINITY);
    const held = await store.ofCluster(CLUSTER);
    expect(held.summary).toBeUndefined();
    expect(held.findings.length).toBeGreaterThan(0);
    expect(held.findings.length).toBeLessThan(findings.length);
    for (const { id } of held.findings) expect((await store.history(id, 2)).value).toHaveLength(1);

    const seenAgain = { clusterId: CLUSTER, findings, history: [], summary, basedOn: held.version };
    expect(await store.write(seenAgain)).toBe('written');
    expect(await store.cluster(CLUSTER)).toEqual(summary);
    const told = new Set((await store.changes(NOW, 500)).value.map(({ findingId }) => findingId));
    for (const { id } of held.findings) expect(told).toContain(id);
  });
});
