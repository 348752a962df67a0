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

/** Scans, and gives what the scan asks to be told. */
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

/** Everything that telling takes, with what was told. */
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
        // Private networks are reached only where the policy allows it.
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

describe('telling of what a scan changed', () => {
  it('names the finding, once for each scan, under the same id however often', async () => {
    const world = await aWorldWithAFinding();
    const [first] = await tell(world, 'audit-1');

    expect(first).toMatchObject({
      clusterName,
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

  it.each<[string, Partial<NotificationTarget>, number]>([
    ['everything severe enough', { severity: 'critical' }, 1],
    ['rules by globs', { rules: ['workload-*'] }, 1],
    ['no other rules', { rules: ['node-*'] }, 0],
    ['clusters by globs', { clusters: [`${clusterName.slice(0, 2)}*`] }, 1],
    ['no other clusters', { clusters: ['other'] }, 0],
    ['owners by globs', { owners: [`${BAD.namespace}/${BAD.ownerName}`] }, 1],
    ['no other owners', { owners: [`other/${BAD.ownerName}`] }, 0],
  ])('gives a target %s', async (_, over, count) => {
    const world = await aWorldWithAFinding();
    expect(await tell(world, 'audit-1', { targets: [{ ...TARGET, ...over }] })).toHaveLength(count);
    // Nothing is queued for who wants nothing of it.
    expect(world.storage.queued).toHaveLength(count);
  });

  it('leaves out what is less severe than asked for', async () => {
    const world = new ScanWorld();
    world.policy = { ...DEFAULT_POLICY, rules: { 'workload-sandboxed': 'medium' } };
    world.workloads = [BAD];
    await scan(world, 'audit-1');

    expect(await tell(world, 'audit-1')).toEqual([]);
    expect(await tell(world, 'audit-1', { targets: [{ ...TARGET, severity: 'medium' }] })).toHaveLength(1);
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
    const { deps } = telling(await aWorldWithAFinding(), { targets: [] });
    expect(await routeNotification(deps, { clusterId: id, cause: 'audit-1' })).toEqual([]);
  });
});

describe('a digest', () => {
  it('is asked for once for all that comes until it begins, and again after that', async () => {
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
    // A try that died after its claim is made up for by the next one.
    await route('audit-1', 20);
    await route('audit-4', 31);
    expect(digests()).toHaveLength(3);
    const { deps, told } = telling(world);
    expect(await deliverDigest(deps, { target: 'on-call' }, signal)).toBe(4);
    expect(told).toHaveLength(1);
  });

  it('keeps what was not delivered, for each target by itself', async () => {
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

  it('forgets what waits for a target that the policy no longer has', async () => {
    const world = await aWorldWithAFinding();
    await routeNotification(telling(world).deps, { clusterId: id, cause: 'audit-1' });
    expect(await deliverDigest(telling(world, { targets: [] }).deps, { target: 'on-call' }, signal)).toBe(0);
    expect(await world.storage.outbox.list('on-call', 9)).toEqual([]);
  });
});
