import { beforeAll, describe, expect, it } from 'vitest';
import { type FindingFilter, type FindingStore, NOTHING_HELD } from '../../../shared/ports/finding-store.ts';
import { findingStore } from '../../../shared/storage/findings/findings.ts';
import { TABLES } from '../../../shared/storage/names.ts';
import type { Table } from '../../../shared/storage/table.ts';
import { aFinding, aSummary, clusterIdOf, NOW } from '../../http/estate.ts';
import { memoryTable } from '../../support/memory-table.ts';

const CLUSTERS = 230;
const nameOf = (index: number) => `Cluster-${index}`;

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

const tables = [TABLES.findings, TABLES.clusters, TABLES.changes].map((name) => memoryTable(name));

function openStore(): FindingStore {
  const [findings, clusters, changes] = tables.map(counted);
  if (findings === undefined || clusters === undefined || changes === undefined) return expect.unreachable();
  return findingStore({ findings, clusters, changes }, () => new Date(NOW));
}

beforeAll(async () => {
  store = openStore();
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

async function cost(filter: FindingFilter, top: number): Promise<{ readonly found: number; readonly reads: number }> {
  reads = 0;
  const { value } = await store.list(filter, top);
  return { found: value.length, reads };
}

describe('the cost of a page of findings', () => {
  it.each<[string, FindingFilter, number, number, number]>([
    ['all findings, resolved or not', {}, 10, 10, 1],
    ['one cluster by its name', { cluster: ['cluster-100'] }, 100, 3, 1],
    ['one cluster by its ARM id, in capitals', { cluster: [clusterIdOf(nameOf(100)).toUpperCase()] }, 100, 3, 2],
    ['all open findings', { status: ['open'] }, 200, 200, 1],
    ['the only cluster with a critical finding', { status: ['open'], severity: ['critical'] }, 100, 3, 1],
    ['a rule without findings', { status: ['open'], rule: ['workload-sandboxed'] }, 100, 0, 1],
    ['an unknown name', { cluster: ['nothing'] }, 100, 0, 1],
  ])('depends on its result, not on the size of the table: %s', async (_, filter, top, found, limit) => {
    await store.clusters(1);
    const { found: given, reads: made } = await cost(filter, top);
    expect(given).toBe(found);
    expect(made).toBeLessThanOrEqual(limit);
  });

  it('of the next page is not higher than that of the first', async () => {
    const first = await store.list({}, 30);
    reads = 0;
    const second = await store.list({}, 30, first.next);
    expect(second.value).toHaveLength(30);
    expect(reads).toBeLessThanOrEqual(1 + 16);
  });

  it('does not hide a write by another instance, and shows only the newest one', async () => {
    const other = openStore();
    const clusterName = nameOf(3);
    const clusterId = clusterIdOf(clusterName);
    await store.list({ status: ['open'] }, 1);
    for (const message of ['first', 'second']) {
      const finding = aFinding({ clusterName, severity: 'low', subject: { kind: 'node', name: 'n0' }, message });
      const basedOn = await other.ofCluster(clusterId);
      await other.write({ clusterId, findings: [finding], history: [], summary: aSummary(clusterName, [finding]), basedOn });
    }

    const { value } = await store.list({ status: ['open'], cluster: [clusterName] }, 10);

    expect(value.map(({ message }) => message).filter((message) => message.length < 10)).toEqual(['second']);
  });
});
