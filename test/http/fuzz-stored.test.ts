import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiDependencies } from '../../shared/http/api.ts';
import { type Azurite, startAzurite } from '../../shared/local/azurite.ts';
import { NOTHING_HELD } from '../../shared/ports/finding-store.ts';
import { createStorage } from '../../shared/storage/storage.ts';
import { ask, listOf } from './client.ts';
import { aFinding, anEstate, aSummary, NOW, SUBSCRIPTION } from './estate.ts';
import { OPERATIONS, shots } from './shots.ts';

const SEED = 20_261_124;
const RUNS = 30;

const finding = aFinding();
const exemption = {
  id: 'e1',
  rule: 'node-image-current',
  category: 'waiver',
  reason: 'r',
  approvedBy: 'a',
  expiresOn: '2027-01-01T00:00:00.000Z',
} as const;

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

  it('is still whole afterwards', async () => {
    expect(listOf(await ask(app, '/findings')).value).toMatchObject([{ id: finding.id }]);
  });
});
