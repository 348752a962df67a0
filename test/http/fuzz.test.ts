import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ROUTES } from '../../shared/http/routes.ts';
import { memoryBundles } from '../../shared/memory/bundles.ts';
import { rounds } from '../support/thorough.ts';
import { PUSHED } from './a-pushed-snapshot.ts';
import { ask } from './client.ts';
import { aFinding, anEstate, anExemption, aSummary, NOW, SUBSCRIPTION } from './estate.ts';
import { anExemptionStore } from './exemption-store.ts';
import { OPERATIONS, shots } from './shots.ts';

/** One seed, so that a failure is the same everywhere; raise RUNS to search longer. */
const SEED = 20_261_123;
const RUNS = rounds(120, 25);

const finding = aFinding();
const exemption = anExemption();
const HEAD = { head: { sequence: 1, sha256: 'a'.repeat(64), sealedAt: NOW }, version: 'v' };

const anApp = () =>
  anEstate(
    {
      findings: [finding, aFinding({ subject: { kind: 'workload', namespace: 'shop', ownerKind: 'Deployment', ownerName: 'cart' } })],
      summaries: [aSummary('prod', [finding])],
      history: [
        {
          findingId: finding.id,
          clusterId: finding.clusterId,
          ruleId: finding.ruleId,
          at: NOW,
          kind: 'opened',
          cause: 'a1',
          severity: 'high',
          message: 'm',
        },
      ],
      audits: ['a1', 'a0'].map((id) => ({ id, startedAt: NOW, cause: 'timer', subscriptions: [SUBSCRIPTION] })),
      parked: [{ id: 'abc', queue: 'scans', body: '{}', reason: 'r', parkedAt: NOW, dequeueCount: 5 }],
    },
    {
      assessments: { ...anEstate().assessments, get: async () => ({ snapshot: PUSHED, runs: [], policyHash: '' }) },
      exemptions: anExemptionStore([{ exemption, updatedAt: NOW, version: 'v1' }]),
      signer: { sign: async () => ({ algorithm: 'Ed25519', publicKey: 'p', value: 'v' }) },
      bundles: {
        ...memoryBundles(),
        head: async () => HEAD,
        open: async (number) => (number === 1 ? ReadableStream.from([Buffer.from('{}')]) : undefined),
      },
    },
  );

describe('every operation of the OpenAPI document', () => {
  it('is one of the routes', () => {
    expect(OPERATIONS).toHaveLength(ROUTES.length);
  });

  it.each(OPERATIONS)('$name answers within its document, whatever the request is', async (one) => {
    const statuses = new Set<number>();
    await fc.assert(
      fc.asyncProperty(shots(one), async ({ path, how }) => {
        const { status } = await ask(anApp(), path, how);
        statuses.add(status);
        expect(status).toBeLessThan(500);
      }),
      { seed: SEED, numRuns: RUNS },
    );
    // Input that always fails, or never fails, tests nothing.
    expect([...statuses].some((status) => status < 400)).toBe(true);
    expect([...statuses].some((status) => status >= 400)).toBe(true);
  });
});
