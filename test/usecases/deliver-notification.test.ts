import { describe, expect, it } from 'vitest';
import type { Notification } from '../../shared/domain/findings/notification.ts';
import type { NotificationTarget } from '../../shared/domain/policy/notification-target.ts';
import { DEFAULT_POLICY, type Exemption } from '../../shared/domain/policy/policy.ts';
import { Fault } from '../../shared/domain/snapshot/fault.ts';
import type { NotificationMessage } from '../../shared/ports/messages.ts';
import { type DeliverNotification, deliverDigest, routeNotification } from '../../shared/usecases/deliver-notification.ts';
import { scanCluster } from '../../shared/usecases/scan-cluster.ts';
import { aCluster } from '../support/a-snapshot.ts';
import { BAD, ScanWorld } from './a-scan.ts';

const { id, name: clusterName } = aCluster();
const signal = new AbortController().signal;
const TARGET: NotificationTarget = { name: 'on-call', format: 'slack', severity: 'high', digestSeconds: 30 };

/** Scans, and returns the queued notifications. */
async function scan(world: ScanWorld, cause: string): Promise<readonly NotificationMessage[]> {
  const asked: NotificationMessage[] = [];
  const notify = async (message: NotificationMessage) => void asked.push(message);
  await scanCluster({ ...world.deps, notify }, { clusterId: id, cause, requestedAt: world.now }, true, signal);
  return asked;
}

interface Telling {
  readonly targets?: readonly NotificationTarget[];
  readonly exemptions?: readonly Exemption[];
  readonly now?: string;
  readonly deliver?: (notifications: readonly Notification[]) => void;
}

/** The dependencies of notifying, with what was sent. */
function telling(world: ScanWorld, { targets = [TARGET], exemptions = [], now = world.now, deliver }: Telling = {}) {
  const told: { readonly target: string; readonly notifications: readonly Notification[] }[] = [];
  const { findings, outbox, events, messages, exemptions: given } = world.storage;
  const deps: DeliverNotification = {
    findings,
    outbox,
    events,
    messages,
    exemptions: given,
    policy: async () => ({
      policy: { ...DEFAULT_POLICY, exemptions, notifications: { targets, allowPrivateAddresses: false } },
      hash: 'h',
      source: 'test',
    }),
    clock: () => new Date(now),
    ownTargets: [],
    notifierOf: ({ name }, allowPrivate) => ({
      deliver: async (notifications) => {
        // Private networks are reached only when the policy allows it.
        expect(allowPrivate).toBe(false);
        deliver?.(notifications);
        told.push({ target: name, notifications });
      },
    }),
  };
  return { deps, told };
}

async function tell(world: ScanWorld, cause: string, how: Telling = {}) {
  const { deps, told } = telling(world, how);
  for (const target of await routeNotification(deps, { clusterId: id, cause })) await deliverDigest(deps, { target }, signal);
  return told.flatMap(({ notifications }) => notifications);
}

async function aWorldWithAFinding(): Promise<ScanWorld> {
  const world = new ScanWorld();
  world.workloads = [BAD];
  expect(await scan(world, 'audit-1')).toEqual([{ clusterId: id, cause: 'audit-1' }]);
  return world;
}

describe('notifications about a scan', () => {
  it('name the finding, once per scan, under the same id at every repetition', async () => {
    const world = await aWorldWithAFinding();
    const [first] = await tell(world, 'audit-1');

    expect(first).toMatchObject({
      clusterName,
      cause: 'audit-1',
      changes: [{ kind: 'opened', severity: 'critical', finding: { ruleId: 'workload-sandboxed' } }],
    });
    expect(await tell(world, 'audit-1')).toEqual([first]);
  });

  it('are not queued by a scan that changed nothing', async () => {
    const world = await aWorldWithAFinding();
    world.now = '2026-09-01T18:00:00.000Z';
    expect(await scan(world, 'audit-2')).toEqual([]);
    expect(await tell(world, 'audit-2')).toEqual([]);
  });

  it('report that a finding resolved and that it reopened', async () => {
    const world = await aWorldWithAFinding();
    for (const [cause, workloads, kind] of [['audit-2', [], 'resolved'] as const, ['audit-3', [BAD], 'reopened'] as const]) {
      world.now = `2026-09-0${cause.slice(-1)}T12:00:00.000Z`;
      world.workloads = workloads;
      await scan(world, cause);
      expect((await tell(world, cause)).flatMap(({ changes }) => changes)).toMatchObject([{ kind }]);
    }
  });

  it('are queued again after a crashed attempt, so that none is lost', async () => {
    const world = await aWorldWithAFinding();
    world.now = '2026-09-01T12:05:00.000Z';
    expect(await scan(world, 'audit-1')).toEqual([{ clusterId: id, cause: 'audit-1' }]);
  });

  it.each<[string, Partial<NotificationTarget>, number]>([
    ['everything of sufficient severity', { severity: 'critical' }, 1],
    ['rules by globs', { rules: ['workload-*'] }, 1],
    ['no other rules', { rules: ['node-*'] }, 0],
    ['clusters by globs', { clusters: [`${clusterName.slice(0, 2)}*`] }, 1],
    ['no other clusters', { clusters: ['other'] }, 0],
    ['owners by globs', { owners: [`${BAD.namespace}/${BAD.ownerName}`] }, 1],
    ['no other owners', { owners: [`other/${BAD.ownerName}`] }, 0],
  ])('are sent to a target by %s', async (_, over, count) => {
    const world = await aWorldWithAFinding();
    expect(await tell(world, 'audit-1', { targets: [{ ...TARGET, ...over }] })).toHaveLength(count);
    // Nothing is queued when no target matches.
    expect(world.storage.queued).toHaveLength(count);
  });

  it('omit findings below the severity of the target', async () => {
    const world = new ScanWorld();
    world.policy = { ...DEFAULT_POLICY, rules: { 'workload-sandboxed': 'medium' } };
    world.workloads = [BAD];
    await scan(world, 'audit-1');

    expect(await tell(world, 'audit-1')).toEqual([]);
    expect(await tell(world, 'audit-1', { targets: [{ ...TARGET, severity: 'medium' }] })).toHaveLength(1);
  });

  it('omit exempted findings until the exemption ends', async () => {
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

  it('are not sent without a target', async () => {
    const { deps } = telling(await aWorldWithAFinding(), { targets: [] });
    const clusterHistory = () => expect.unreachable('Nobody is to be told.');
    expect(
      await routeNotification({ ...deps, findings: { ...deps.findings, clusterHistory } }, { clusterId: id, cause: 'audit-1' }),
    ).toEqual([]);
  });
});

describe('a digest', () => {
  it('is queued once for all changes until it begins, and again after that', async () => {
    const world = await aWorldWithAFinding();
    for (const [cause, workloads] of [['audit-2', []] as const, ['audit-3', [BAD]] as const, ['audit-4', []] as const]) {
      world.now = `2026-09-0${cause.slice(-1)}T12:00:00.000Z`;
      world.workloads = workloads;
      await scan(world, cause);
    }
    const route = (cause: string, seconds: number) => {
      const now = new Date(Date.parse(world.now) + seconds * 1_000).toISOString();
      return routeNotification(telling(world, { now }).deps, { clusterId: id, cause });
    };
    const digests = () => world.storage.queued.filter(({ body }) => body.includes('target'));
    for (const [cause, seconds] of [['audit-1', 0] as const, ['audit-2', 10] as const, ['audit-3', 29] as const])
      await route(cause, seconds);
    expect(digests()).toEqual([{ queue: 'notifications', body: '{"target":"on-call"}', delaySeconds: 30 }]);
    // The next attempt repeats one that crashed after its claim.
    await route('audit-1', 20);
    await route('audit-4', 31);
    expect(digests()).toHaveLength(3);
    const { deps, told } = telling(world);
    expect(await deliverDigest(deps, { target: 'on-call' }, signal)).toBe(4);
    expect(told).toHaveLength(1);
  });

  it('is claimed for as long as its target wants to collect', async () => {
    const world = await aWorldWithAFinding();
    const { deps } = telling(world);
    const claims: unknown[] = [];
    const tryClaim = async (...claim: unknown[]) => claims.push(claim) > 0;
    await routeNotification({ ...deps, events: { tryClaim } }, { clusterId: id, cause: 'audit-1' });
    expect(claims).toEqual([['digest:on-call', expect.stringContaining('audit-1'), '2026-09-01T12:00:30.000Z', world.now]]);
  });

  it('keeps undelivered notifications, separately for each target', async () => {
    const world = await aWorldWithAFinding();
    const targets = [TARGET, { ...TARGET, name: 'broken' }];
    const { deps, told } = telling(world, { targets });
    const failing: DeliverNotification = {
      ...deps,
      notifierOf: (target, ...rest) =>
        target.name === 'broken' ? { deliver: () => Promise.reject(new Fault('unreachable', 'Down.')) } : deps.notifierOf(target, ...rest),
    };
    await routeNotification(failing, { clusterId: id, cause: 'audit-1' });
    expect(await deliverDigest(failing, { target: 'on-call' }, signal)).toBe(1);
    await expect(deliverDigest(failing, { target: 'broken' }, signal)).rejects.toThrow('Down.');
    expect([await world.storage.outbox.list('on-call', 9), await world.storage.outbox.list('broken', 9)]).toEqual([
      [],
      [expect.objectContaining({ cause: 'audit-1' })],
    ]);
    expect(await deliverDigest(deps, { target: 'broken' }, signal)).toBe(1);
    expect(told.map(({ target }) => target)).toEqual(['on-call', 'broken']);
  });

  it('notifies a target only of the changes that it wants, and no target of the others', async () => {
    const world = await aWorldWithAFinding();
    world.workloads = [BAD, { ...BAD, ownerName: 'other' }];
    world.now = '2026-09-02T12:00:00.000Z';
    await scan(world, 'audit-2');
    world.policy = { ...DEFAULT_POLICY, rules: { 'workload-sandboxed': 'off' } };
    world.now = '2026-09-03T12:00:00.000Z';
    await scan(world, 'audit-3');
    const target = { ...TARGET, owners: [`${BAD.namespace}/${BAD.ownerName}`] };
    const [told] = await tell(world, 'audit-3', { targets: [target] });
    expect(told?.changes.map(({ finding }) => finding.subject)).toEqual([expect.objectContaining({ ownerName: BAD.ownerName })]);
    expect(await tell(world, 'audit-2', { targets: [target] })).toEqual([]);
  });

  it('is not sent if the target no longer wants any of the pending changes', async () => {
    const world = await aWorldWithAFinding();
    const { deps } = telling(world);
    await routeNotification(deps, { clusterId: id, cause: 'audit-1' });
    const elsewhere = telling(world, { targets: [{ ...TARGET, clusters: ['other'] }] });
    expect(await deliverDigest(elsewhere.deps, { target: 'on-call' }, signal)).toBe(0);
    expect([elsewhere.told, await world.storage.outbox.list('on-call', 9)]).toEqual([[], []]);
  });

  it('holds 500 scans, each asked for once and 16 at a time, and asks for another when there may be more', async () => {
    const world = await aWorldWithAFinding();
    const { deps } = telling(world);
    let [asked, atOnce, most] = [0, 0, 0];
    const clusterHistory: typeof deps.findings.clusterHistory = async () => {
      asked += 1;
      atOnce += 1;
      most = Math.max(most, atOnce);
      await Promise.resolve();
      atOnce -= 1;
      return [];
    };
    const counted = { ...deps, findings: { ...deps.findings, clusterHistory } };
    for (let at = 0; at < 501; at++) await deps.outbox.add('on-call', { clusterId: id, cause: `audit-${at}`, at: world.now });
    const digests = () => world.storage.queued.filter(({ body }) => body.includes('target')).length;
    await deliverDigest(counted, { target: 'on-call' }, signal);
    expect([asked, digests(), (await deps.outbox.list('on-call', 9)).length]).toEqual([500, 1, 1]);
    expect(most).toBe(16);
    await deliverDigest(counted, { target: 'on-call' }, signal);
    expect(digests()).toBe(1);
  });

  it('drops notifications for a target that the policy no longer has', async () => {
    const world = await aWorldWithAFinding();
    await routeNotification(telling(world).deps, { clusterId: id, cause: 'audit-1' });
    expect(await deliverDigest(telling(world, { targets: [] }).deps, { target: 'on-call' }, signal)).toBe(0);
    expect(await world.storage.outbox.list('on-call', 9)).toEqual([]);
  });
});
