import { describe, expect, it } from 'vitest';
import type { Announcement } from '../../shared/domain/findings/announcement.ts';
import { DEFAULT_POLICY, type Exemption } from '../../shared/domain/policy/policy.ts';
import type { Severity } from '../../shared/domain/policy/severity.ts';
import type { NotificationMessage } from '../../shared/ports/messages.ts';
import { deliverNotification } from '../../shared/usecases/deliver-notification.ts';
import { scanCluster } from '../../shared/usecases/scan-cluster.ts';
import { aCluster } from '../support/a-snapshot.ts';
import { BAD, ScanWorld } from './a-scan.ts';

const { id } = aCluster();
const signal = new AbortController().signal;

/** Scans, and gives what the scan asks to be told. */
async function scan(world: ScanWorld, cause: string): Promise<readonly NotificationMessage[]> {
  const asked: NotificationMessage[] = [];
  const announce = async (message: NotificationMessage) => void asked.push(message);
  await scanCluster({ ...world.deps, announce }, { clusterId: id, cause, requestedAt: world.now }, true, signal);
  return asked;
}

async function tell(world: ScanWorld, cause: string, over: { threshold?: Severity; exemptions?: readonly Exemption[]; now?: string } = {}) {
  const told: Announcement[] = [];
  const { threshold = 'high', exemptions = [], now = world.now } = over;
  const count = await deliverNotification(
    {
      findings: world.storage.findings,
      exemptions: world.storage.exemptions,
      policy: async () => ({ policy: { ...DEFAULT_POLICY, exemptions }, hash: 'h', source: 'test' }),
      clock: () => new Date(now),
      notify: { threshold, notifier: { deliver: async (announcement) => void told.push(announcement) } },
    },
    { clusterId: id, cause },
    signal,
  );
  expect(count).toBe(told.flatMap(({ changes }) => changes).length);
  return told;
}

async function aWorldWithAFinding(): Promise<ScanWorld> {
  const world = new ScanWorld();
  world.workloads = [BAD];
  expect(await scan(world, 'audit-1')).toEqual([{ clusterId: id, cause: 'audit-1' }]);
  return world;
}

describe('telling of what a scan changed', () => {
  it('names the finding, once for each scan, under the same id however often', async () => {
    const world = await aWorldWithAFinding();
    const [first] = await tell(world, 'audit-1');

    expect(first).toMatchObject({
      clusterName: aCluster().name,
      cause: 'audit-1',
      changes: [{ kind: 'opened', severity: 'critical', finding: { ruleId: 'workload-sandboxed' } }],
    });
    expect(await tell(world, 'audit-1')).toEqual([first]);
  });

  it('is not asked for by a scan that changed nothing', async () => {
    const world = await aWorldWithAFinding();
    world.now = '2026-09-01T18:00:00.000Z';
    expect(await scan(world, 'audit-2')).toEqual([]);
    expect(await tell(world, 'audit-2')).toEqual([]);
  });

  it('tells that a finding resolved, and that it came back', async () => {
    const world = await aWorldWithAFinding();
    for (const [cause, workloads, kind] of [['audit-2', [], 'resolved'] as const, ['audit-3', [BAD], 'reopened'] as const]) {
      world.now = `2026-09-0${cause.slice(-1)}T12:00:00.000Z`;
      world.workloads = workloads;
      await scan(world, cause);
      expect((await tell(world, cause)).flatMap(({ changes }) => changes)).toMatchObject([{ kind }]);
    }
  });

  it('is asked for again by the try after one that died, so that nothing goes untold', async () => {
    const world = await aWorldWithAFinding();
    world.now = '2026-09-01T12:05:00.000Z';
    expect(await scan(world, 'audit-1')).toEqual([{ clusterId: id, cause: 'audit-1' }]);
  });

  it.each([
    ['critical', 1],
    ['info', 1],
  ] as const)('tells what is as severe as %s', async (threshold, count) => {
    expect(await tell(await aWorldWithAFinding(), 'audit-1', { threshold })).toHaveLength(count);
  });

  it('leaves out what is less severe than asked for', async () => {
    const world = new ScanWorld();
    world.policy = { ...DEFAULT_POLICY, rules: { 'workload-sandboxed': 'medium' } };
    world.workloads = [BAD];
    await scan(world, 'audit-1');

    expect(await tell(world, 'audit-1', { threshold: 'high' })).toEqual([]);
    expect(await tell(world, 'audit-1', { threshold: 'medium' })).toHaveLength(1);
  });

  it('leaves out what is exempted, until the exemption ends', async () => {
    const world = await aWorldWithAFinding();
    const exemption: Exemption = {
      id: 'e',
      rule: 'workload-sandboxed',
      category: 'waiver',
      reason: 'moving',
      approvedBy: 'ciso',
      expiresOn: '2026-09-02T12:00:00.000Z',
    };

    expect(await tell(world, 'audit-1', { exemptions: [exemption], now: '2026-09-02T11:59:59.999Z' })).toEqual([]);
    expect(await tell(world, 'audit-1', { exemptions: [exemption], now: '2026-09-02T12:00:00.000Z' })).toHaveLength(1);
  });

  it('tells nobody when nobody wants to know', async () => {
    const world = await aWorldWithAFinding();
    const { findings, exemptions } = world.storage;
    const deps = { findings, exemptions, policy: world.deps.policy, clock: world.deps.clock };
    expect(await deliverNotification(deps, { clusterId: id, cause: 'audit-1' }, signal)).toBe(0);
  });
});
