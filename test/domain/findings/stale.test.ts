import { describe, expect, it } from 'vitest';
import { isStale, missedAudits } from '../../../shared/domain/findings/stale.ts';
import { Fault } from '../../../shared/domain/snapshot/fault.ts';
import { scanCluster } from '../../../shared/usecases/scan-cluster.ts';
import { aCluster } from '../../support/a-snapshot.ts';
import { BAD, ScanWorld } from '../../usecases/a-scan.ts';

describe('a cluster', () => {
  it.each([
    ['failed in too many audits', 'present', 3, true],
    ['failed in fewer audits', 'present', 2, false],
    ['is deleted', 'deleted', 9, false],
    ['is out of scope', 'out-of-scope', 9, false],
  ] as const)('that %s is stale, or not', (_, status, missed, expected) => {
    expect(isStale({ status, missedAudits: missed }, { staleAfterAudits: 3 })).toBe(expected);
  });

  it.each([
    ['the first audit', undefined, 'audit-1', 1],
    ['another audit', { missedAudits: 1, cause: 'audit-1' }, 'audit-2', 2],
    ['another try of the same audit', { missedAudits: 2, cause: 'audit-2' }, 'audit-2', 2],
    ['an event', { missedAudits: 2, cause: 'audit-2' }, 'event:e', 2],
    ['the scan of an audit that had scanned it before', { missedAudits: 0, cause: 'audit-2' }, 'audit-2', 1],
  ])('that %s could not scan counts the failed audits', (_, previous, cause, expected) => {
    expect(missedAudits(previous, cause)).toBe(expected);
  });

  it('that can no longer be scanned becomes stale, keeps its open findings, and is no longer stale after one scan', async () => {
    const world = new ScanWorld();
    const { listed } = world;
    const scan = async (number: number) => {
      world.now = `2026-09-0${number}T12:00:00.000Z`;
      const message = { clusterId: aCluster().id, cause: `audit-${number}`, requestedAt: world.now };
      await scanCluster(world.deps, message, true, new AbortController().signal);
      return (await world.storage.findings.cluster(aCluster().id)) ?? expect.unreachable();
    };
    world.workloads = [BAD];
    await scan(1);
    world.listed = new Fault('denied', '403');
    const missed = [await scan(2), await scan(3), await scan(4)];

    expect(missed.map((summary) => isStale(summary, world.policy))).toEqual([false, false, true]);
    expect((await world.storage.findings.list({ status: ['open'] }, 10)).value).toMatchObject([
      { ruleId: 'workload-sandboxed', stale: true },
    ]);
    world.listed = listed;
    expect(isStale(await scan(5), world.policy)).toBe(false);
  });
});
