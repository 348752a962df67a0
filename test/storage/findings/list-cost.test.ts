import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Azurite, startAzurite } from '../../../shared/local/azurite.ts';
import { type FindingFilter, type FindingStore, NOTHING_HELD } from '../../../shared/ports/finding-store.ts';
import { findingStore } from '../../../shared/storage/findings/findings.ts';
import { TABLES } from '../../../shared/storage/names.ts';
import { createStorage } from '../../../shared/storage/storage.ts';
import { openTable, type Table } from '../../../shared/storage/table.ts';
import { aFinding, aSummary, clusterIdOf, NOW } from '../../http/estate.ts';

const CLUSTERS = 230;
const nameOf = (index: number) => `Cluster-${index}`;

let azurite: Azurite;
let store: FindingStore;
let reads = 0;

/** A table that counts what is read. */
function counted(table: Table): Table {
  return {
    ...table,
    get: (...key) => {
      reads += 1;
      return table.get(...key);
    },
    page: (...query) => {
      reads += 1;
      return table.page(...query);
    },
    all: (...query) => {
      reads += 1;
      return table.all(...query);
    },
  };
}

beforeAll(async () => {
  azurite = await startAzurite();
  const { connectionString } = azurite;
  await createStorage({ connectionString }).ensure();
  const open = (name: string) =>
    counted(openTable(TableClient.fromConnectionString(connectionString, name, { allowInsecureConnection: true }), name));
  store = findingStore(
    { findings: open(TABLES.findings), clusters: open(TABLES.clusters), changes: open(TABLES.changes) },
    () => new Date(NOW),
  );
  let next = 0;
  const write = async () => {
    for (let index = next++; index < CLUSTERS; index = next++) {
      const clusterName = nameOf(index);
      const severity = index === 7 ? 'critical' : 'low';
      const findings = Array.from({ length: 3 }, (_, at) => aFinding({ clusterName, severity, subject: { kind: 'node', name: `n${at}` } }));
      await store.write({
        clusterId: clusterIdOf(clusterName),
        findings,
        history: [],
        summary: aSummary(clusterName, findings),
        basedOn: NOTHING_HELD,
      });
    }
  };
  await Promise.all(Array.from({ length: 12 }, write));
});
afterAll(() => azurite.stop());

async function cost(filter: FindingFilter, top: number): Promise<{ readonly found: number; readonly reads: number }> {
  reads = 0;
  const { value } = await store.list(filter, top);
  return { found: value.length, reads };
}

describe('the cost of a page of findings', () => {
  it.each<[string, FindingFilter, number, number, number]>([
    ['anything', {}, 10, 10, 1 + 8],
    ['one cluster by its name', { cluster: ['cluster-100'] }, 100, 3, 2],
    ['one cluster by its name in capitals', { cluster: ['CLUSTER-100'] }, 100, 3, 2],
    ['one cluster by its ARM id', { cluster: [clusterIdOf(nameOf(100)).toUpperCase()] }, 100, 3, 2],
    ['twelve clusters', { cluster: Array.from({ length: 12 }, (_, at) => nameOf(at)) }, 100, 36, 1 + 12],
    ['the only cluster with a critical finding', { status: ['open'], severity: ['critical'] }, 100, 3, 1 + 1],
    ['it again, by rule and severities', { status: ['open'], severity: ['critical', 'high'], rule: ['node-image-current'] }, 100, 3, 1 + 1],
    ['a rule that nothing fails', { status: ['open'], rule: ['workload-sandboxed'] }, 100, 0, 1],
    ['rules that are none', { status: ['open'], rule: ["x' or 'a' eq 'a", 'Upper'] }, 100, 0, 2],
  ])('is that of what it gives, not of the table: %s', async (_, filter, top, found, limit) => {
    const { found: given, reads: made } = await cost(filter, top);
    expect(given).toBe(found);
    expect(made).toBeLessThanOrEqual(limit);
  });

  it('of more clusters than one query can name is that of a walk, and nothing is missed', async () => {
    const cluster = Array.from({ length: 13 }, (_, at) => nameOf(at));
    expect((await cost({ cluster }, 100)).found).toBe(39);
  });

  it('of a name that nothing has is that of one walk through the summaries', async () => {
    expect(await cost({ cluster: ['nothing'] }, 100)).toEqual({ found: 0, reads: 1 + 2 });
  });

  it('of the next page is no more than that of the first', async () => {
    const first = await store.list({}, 30);
    reads = 0;
    const second = await store.list({}, 30, first.next);
    expect(second.value).toHaveLength(30);
    expect(reads).toBeLessThanOrEqual(1 + 16);
  });
});
