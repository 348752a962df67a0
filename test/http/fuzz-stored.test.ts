import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiDependencies } from '../../shared/http/framework/api.ts';
import { sealCursor } from '../../shared/http/framework/cursor.ts';
import { parseQuery } from '../../shared/http/framework/query.ts';
import { ROUTES } from '../../shared/http/routes.ts';
import { type Azurite, startAzurite } from '../../shared/local/azurite.ts';
import { NOTHING_HELD } from '../../shared/ports/finding-store.ts';
import { createStorage } from '../../shared/storage/storage.ts';
import { rounds } from '../support/thorough.ts';
import { ask, listOf } from './client.ts';
import { aFinding, anEstate, anExemption, aSummary, NOW, SUBSCRIPTION } from './estate.ts';
import { OPERATIONS, shots } from './shots.ts';

const SEED = 20_261_124;
const RUNS = rounds(30, 5);

const finding = aFinding();
const exemption = anExemption();

const token = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64');
/** Positions that a store might get from an attacker who can create a seal. */
const FORGED = [
  'x',
  "' or 1 eq 1",
  "2026-11-23|'",
  '9'.repeat(2_000),
  '\u0000',
  '[]',
  'null',
  token(null),
  token('text'),
  token({}),
  token({ nextPartitionKey: 1 }),
  token({ nextPartitionKey: "'", nextRowKey: '\u0000\r\nx: 1' }),
];

let azurite: Azurite;
let app: ApiDependencies;

beforeAll(async () => {
  azurite = await startAzurite();
  const storage = createStorage({ connectionString: azurite.connectionString }, () => new Date(NOW));
  await storage.ensure();
  const { clusterId, id: findingId, ruleId, severity, message } = finding;
  await storage.findings.write({
    clusterId,
    findings: [finding],
    history: [{ findingId, clusterId, ruleId, at: finding.observedAt, kind: 'opened', cause: 'a1', severity, message }],
    summary: aSummary('prod', [finding]),
    basedOn: NOTHING_HELD,
  });
  await storage.audits.start({ id: 'a1', startedAt: NOW, cause: 'timer', subscriptions: [SUBSCRIPTION] });
  await storage.parked.park({ id: 'abc', queue: 'scans', body: '{}', reason: 'r', parkedAt: NOW, dequeueCount: 5 });
  await storage.exemptions.put({ exemption, updatedAt: NOW }, undefined);
  app = anEstate({}, storage);
});
afterAll(() => azurite.stop());

describe('over real storage, every operation', () => {
  it.each(OPERATIONS)('$name stays within its document, whatever it is asked', async (one) => {
    await fc.assert(
      fc.asyncProperty(shots(one), async ({ path, how }) => {
        expect((await ask(app, path, how)).status).toBeLessThan(500);
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });

  it.each(["' or true or '", "prod' or PartitionKey ne '", '" or 1 eq 1', '%', 'prod%27', '*'])(
    'no filter lets %s out into a query: nothing matches it',
    async (text) => {
      for (const name of ['cluster', 'pool', 'namespace', 'workload']) {
        expect(listOf(await ask(app, `/findings?${name}=${encodeURIComponent(text)}`)).value).toEqual([]);
      }
    },
  );

  it.each([
    ['/findings?top=1', 'list-findings', {}],
    ['/findings?top=1&orderby=severity%20desc', 'list-findings', {}],
    [`/findings/${finding.id}/history?top=1`, 'get-finding-history', { id: finding.id }],
    ['/clusters?top=1', 'list-clusters', {}],
    ['/audits?top=1', 'list-audits', {}],
    ['/parked?top=1', 'list-parked', {}],
    ['/parked?top=1&state=settled', 'list-parked', {}],
  ])('%s answers a forged and sealed cursor with 400, or with a page', async (path, name, params) => {
    const route = ROUTES.find((one) => one.name === name) ?? expect.unreachable();
    const { top: _, ...filters } = parseQuery(route.query, new URL(path, 'https://x.example').searchParams);
    const list = JSON.stringify([name, params, Object.entries(filters).sort(([a], [b]) => (a < b ? -1 : 1))]);
    for (const cursor of FORGED) {
      const sealed = encodeURIComponent(sealCursor(cursor, list, await app.cursorSecret?.()));
      const { status, text } = await ask(app, `${path}&cursor=${sealed}`);
      expect([cursor, [200, 400].includes(status)]).toEqual([cursor, true]);
      // Its seal was valid, and its reader refused it, if at all.
      expect(text).not.toContain('of this list with these filters');
    }
  });

  it('leaves the store intact', async () => {
    // Whether an exemption covers it by now is random too.
    const lists = await Promise.all(
      ['true', 'false'].map(async (exempted) => listOf(await ask(app, `/findings?exempted=${exempted}`)).value),
    );
    expect(lists.flat()).toMatchObject([{ id: finding.id }]);
  });
});
