import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../shared/domain/findings/finding.ts';
import { NOTHING_HELD } from '../../../shared/ports/finding-store.ts';
import type { FindingTables } from '../../../shared/storage/findings/finding-tables.ts';
import { findingStore } from '../../../shared/storage/findings/findings.ts';
import { aFinding, aSummary, clusterIdOf, NOW } from '../../http/estate.ts';
import { mortalTable, slowTable } from '../../support/memory-table.ts';
import { memoryTables, opened } from './a-store.ts';

const CLUSTER = clusterIdOf('prod');
const node = (name: string) => aFinding({ subject: { kind: 'node', name } });

const storeOf = (tables: FindingTables) => findingStore(tables, () => new Date(NOW));

/** A scan of the cluster that is based on what is stored. */
async function aScan(tables: FindingTables, findings: readonly Finding[]) {
  const basedOn = await storeOf(tables).ofCluster(CLUSTER);
  return { clusterId: CLUSTER, findings, history: findings.map(opened), summary: aSummary('prod', findings), basedOn };
}

describe('a scan', () => {
  it.each([1, 2, 98, 99, 250])('copies each of its %i changes for the estate, and ends no earlier', async (count) => {
    const tables = memoryTables();
    const findings = Array.from({ length: count }, (_, at) => node(`n${at}`));
    const { table: changes, writes } = slowTable(tables.changes);
    expect(await storeOf({ ...tables, changes }).write(await aScan(tables, findings))).toBe('written');
    expect(writes.open).toBe(0);
    const told = (await storeOf(tables).changes({ since: NOW }, 1_000)).value.map(({ findingId }) => findingId);
    expect(told.toSorted()).toEqual(findings.map(({ id }) => id).toSorted());
  });

  it.each(['changes', 'clusters'] as const)('completes the copies of one that crashed before it makes its own: of %s', async (name) => {
    const tables = memoryTables();
    const first = await aScan(tables, [node('first')]);
    await expect(storeOf({ ...tables, changes: mortalTable(tables.changes, 0) }).write(first)).rejects.toThrow('died');
    const { table: slow, writes } = slowTable(tables[name]);
    const second = await aScan(tables, [node('second')]);
    expect(await storeOf({ ...tables, [name]: slow }).write(second)).toBe('written');
    expect(writes).toEqual({ begun: 2, open: 0, most: 1 });
    expect((await storeOf(tables).changes({ since: NOW }, 9)).value).toHaveLength(2);
  });

  it('whose copy for lists is late does not replace that of a newer one', async () => {
    const tables = memoryTables();
    let isLate = true;
    const late = {
      ...tables.clusters,
      get: async (partitionKey: string, rowKey: string) => {
        if (isLate) {
          isLate = false;
          expect(await storeOf(tables).write(await aScan(tables, [node('newer')]))).toBe('written');
        }
        return tables.clusters.get(partitionKey, rowKey);
      },
    };
    const scan = { ...(await aScan(tables, [node('older')])), basedOn: NOTHING_HELD };
    expect(await storeOf({ ...tables, clusters: late }).write(scan)).toBe('written');
    const listed = (await storeOf(tables).list({}, 9)).value.map(({ subject }) => subject);
    expect(listed).toEqual(expect.arrayContaining([node('older').subject, node('newer').subject]));
  });
});
