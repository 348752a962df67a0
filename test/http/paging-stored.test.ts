import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../shared/domain/findings/finding.ts';
import type { ApiDependencies } from '../../shared/http/framework/api.ts';
import { type Azurite, startAzurite } from '../../shared/local/azurite.ts';
import { createStorage, type Storage } from '../../shared/storage/storage.ts';
import { ask, listOf } from './client.ts';
import { aFinding, anEstate, aSummary, clusterIdOf, NOW } from './estate.ts';

let azurite: Azurite;
let storage: Storage;
let app: ApiDependencies;

beforeAll(async () => {
  azurite = await startAzurite();
  storage = createStorage({ connectionString: azurite.connectionString }, () => new Date(NOW));
  await storage.ensure();
  app = anEstate({}, storage);
});
afterAll(() => azurite.stop());

const node = (clusterName: string, name: string, over: Partial<Finding> = {}) =>
  aFinding({ clusterName, subject: { kind: 'node', name }, ...over });

/** Writes a cluster's findings like a scan. */
async function write(clusterName: string, findings: readonly Finding[]): Promise<void> {
  const basedOn = await storage.findings.ofCluster(clusterIdOf(clusterName));
  const all = [...new Map([...basedOn.findings, ...findings].map((one) => [one.id, one])).values()];
  const summary = aSummary(clusterName, all);
  const written = await storage.findings.write({ clusterId: summary.cluster.id, findings, history: [], summary, basedOn });
  expect(written).toBe('written');
}

/** Follows the pages, beginning with a link. */
async function rest(link: string | undefined): Promise<unknown[]> {
  const ids: unknown[] = [];
  for (let next = link; next !== undefined; ) {
    const page = listOf(await ask(app, next));
    ids.push(...page.value.map(({ id }) => id));
    next = page.nextLink;
  }
  return ids;
}

describe('paging through findings while they change', () => {
  const stays = ['c1', 'c2', 'c3'].flatMap((cluster) => Array.from({ length: 7 }, (_, index) => node(cluster, `stays${index}`)));
  const goes = ['c1', 'c2', 'c3'].flatMap((cluster) => Array.from({ length: 4 }, (_, index) => node(cluster, `goes${index}`)));

  beforeAll(async () => {
    for (const cluster of ['c1', 'c2', 'c3'])
      await write(
        cluster,
        [...stays, ...goes].filter(({ clusterName }) => clusterName === cluster),
      );
  });

  it('returns every finding once while nothing changes, with any page size', async () => {
    for (const top of [1, 2, 5, 33, 34, 1_000]) {
      const ids = await rest(`/findings?status=open&top=${top}`);
      expect(ids).toHaveLength(33);
      expect(new Set(ids).size).toBe(33);
    }
  });

  it('returns unchanged findings once, although others open and resolve between the pages', async () => {
    const ids: unknown[] = [];
    let link: string | undefined = '/findings?status=open&top=3';
    for (let round = 0; link !== undefined; round++) {
      const page = listOf(await ask(app, link));
      ids.push(...page.value.map(({ id }) => id));
      link = page.nextLink;
      const cluster = `c${(round % 3) + 1}`;
      const closing = goes.filter(({ clusterName }) => clusterName === cluster)[Math.floor(round / 3)];
      await write(cluster, [
        node(cluster, `new${round}`),
        ...(closing !== undefined ? [{ ...closing, status: 'resolved', resolution: 'complies', resolvedAt: NOW } satisfies Finding] : []),
      ]);
      if (round > 100) throw new Error('The list does not end.');
    }
    for (const { id } of stays) expect(ids.filter((one) => one === id)).toHaveLength(1);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('accepts a link only for its own list and filters', async () => {
    const { nextLink = '' } = listOf(await ask(app, '/findings?status=open&top=2'));
    expect((await rest(nextLink)).length).toBeGreaterThan(10);
    const other = new URL(nextLink, 'https://kataudit.example');
    other.searchParams.set('status', 'resolved');
    expect((await ask(app, other.href)).status).toBe(400);
    const cursor = other.searchParams.get('cursor') ?? '';
    for (const at of [0, 10, cursor.length - 1]) {
      const bent = `${cursor.slice(0, at)}${cursor[at] === 'A' ? 'B' : 'A'}${cursor.slice(at + 1)}`;
      expect((await ask(app, `/findings?status=open&top=2&cursor=${encodeURIComponent(bent)}`)).status).toBe(400);
    }
    expect((await ask(app, `/clusters?cursor=${encodeURIComponent(cursor)}`)).status).toBe(400);
  });

  it('allows the page size to change between pages', async () => {
    const first = listOf(await ask(app, '/findings?status=open&top=2'));
    const link = new URL(first.nextLink ?? '', 'https://kataudit.example');
    link.searchParams.set('top', '500');
    const ids = [...first.value.map(({ id }) => id), ...(await rest(link.href))];
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id } of stays) expect(ids).toContain(id);
  });
});
