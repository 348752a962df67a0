import { describe, expect, it } from 'vitest';
import { runFleet } from '../support/fleet.ts';

/** All AKS calls except lists and reads, in one subscription and region. */
const bucket = { key: 'aks-other', burst: 60, perSecond: 1 };
/** The service needs at least this long for 200 calls, whichever instances make them. */
const IDEAL_SECONDS = 140;

describe('independent instances that share one budget', () => {
  it.each([
    [1, 0, 1.1],
    [2, 0.15, 1.6],
    [5, 0.25, 1.6],
    [10, 0.35, 1.6],
  ])('%i of them fail no call, and at most a share of %f is refused', async (instances, share, slower) => {
    const run = await runFleet({ instances, callers: 6, calls: 200, bucket, timeBudgetMs: 240_000 });

    expect(run).toMatchObject({ granted: 200, late: 0 });
    expect(run.refused / (run.refused + run.granted)).toBeLessThanOrEqual(share);
    expect(run.seconds).toBeGreaterThanOrEqual(IDEAL_SECONDS - 1);
    expect(run.seconds).toBeLessThan(IDEAL_SECONDS * slower);
  });

  it('share the ARM limit of one subscription, with a hundred instances, so that every call is served in time', async () => {
    const reads = { key: 'arm-reads', burst: 250, perSecond: 25 };
    const run = await runFleet({ instances: 100, callers: 6, calls: 3_000, bucket: reads, timeBudgetMs: 240_000 });

    expect(run).toMatchObject({ granted: 3_000, late: 0 });
    expect(run.refused).toBeLessThan(0.5 * 3_000);
    // The service itself needs 110 seconds.
    expect(run.seconds).toBeLessThan(2 * 110);
  }, 120_000);

  it('use the full rate of the service when there are more calls than time', async () => {
    const run = await runFleet({ instances: 100, callers: 6, calls: 1_000, bucket, timeBudgetMs: 240_000 });

    expect(run.granted + run.late).toBe(1_000);
    expect(run.granted).toBeGreaterThan(0.85 * (bucket.burst + run.seconds * bucket.perSecond));
  });
});
