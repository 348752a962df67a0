import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import { Fault } from '../../shared/domain/snapshot/fault.ts';
import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import type { ClusterSnapshot } from '../../shared/domain/snapshot/snapshot.ts';
import { NOTHING_HELD } from '../../shared/ports/finding-store.ts';
import { recordSentLook } from '../../shared/usecases/record-sent-look.ts';
import { scanCluster } from '../../shared/usecases/scan-cluster.ts';
import { aCluster, someSettings } from '../support/a-snapshot.ts';
import { BAD, ScanWorld } from './a-scan.ts';
import { aSentLook, SEEN } from './a-sent-look.ts';

const { id, subscriptionId } = aCluster();

/** A cluster that is known to Azure and that the app cannot reach. */
function aDarkWorld(): ScanWorld {
  const world = new ScanWorld();
  world.connectFault = new Fault('unreachable', 'The API server is private.');
  return world;
}

const send = (world: ScanWorld, snapshot = aSentLook(), subscriptions: readonly string[] = [subscriptionId], sentBy = 'object-1') =>
  recordSentLook(
    { ...world.deps, audits: world.storage.audits, scope: { subscriptions, managementGroups: [] } },
    { clusterId: id, snapshot, sentBy },
    new AbortController().signal,
  );
const scan = (world: ScanWorld) =>
  scanCluster(world.deps, { clusterId: id, cause: 'audit-1', requestedAt: world.now }, true, new AbortController().signal);
/** A scan of the app itself that reached the API server. */
const scanInLight = async (world: ScanWorld) => {
  const fault = world.connectFault;
  world.connectFault = undefined;
  await scan(world);
  world.connectFault = fault;
};
/** The cluster was seen, was then found to be gone, and is back. */
const deleted = async (world: ScanWorld) => {
  await scanInLight(world);
  const listed = world.listed;
  world.listed = new Fault('not-found', '404');
  await scan(world);
  world.listed = listed;
};
/** The cluster was seen before the snapshot, could then not be reached, was found to be gone, and is back. */
const seenBeforeAndDeleted = async (world: ScanWorld) => {
  const { now } = world;
  world.now = '2026-09-01T09:00:00.000Z';
  await scanInLight(world);
  world.now = '2026-09-01T10:00:00.000Z';
  await scan(world);
  world.now = now;
  const listed = world.listed;
  world.listed = new Fault('not-found', '404');
  await scan(world);
  world.listed = listed;
};
const held = async ({ storage }: ScanWorld) => ({
  summary: await storage.findings.cluster(id),
  findings: (await storage.findings.list({}, 100)).value,
  assessment: await storage.assessments.get(id),
});

describe('a pushed snapshot', () => {
  it('is judged and stored like a scan, with its sender and its time', async () => {
    const world = aDarkWorld();
    expect(await send(world)).toMatchObject({ assessment: 'assessed', changed: 1, gaps: [] });

    const { summary, findings, assessment } = await held(world);
    expect(findings).toMatchObject([{ ruleId: 'workload-sandboxed', status: 'open', firstSeenAt: SEEN, clusterName: 'shop' }]);
    expect(summary).toMatchObject({ observedAt: SEEN, cause: `sent:object-1:${SEEN}`, assessment: 'assessed' });
    expect(assessment?.snapshot.observedAt).toBe(SEEN);
  });

  it('is used only for what the API server returned, and not for what Azure knows', async () => {
    const world = aDarkWorld();
    const forged = { ...aCluster(), id, name: 'other', tags: { team: 'forged' } };
    await send(
      world,
      aSentLook({ cluster: forged, settings: observed(someSettings({ kubernetesVersion: '9.9.9' })), nodePools: observed([]) }),
    );

    const { summary } = await held(world);
    expect(summary).toMatchObject({ cluster: aCluster(), settings: { kubernetesVersion: '1.34.2' }, nodePools: 2 });
  });

  it('reports what its sender could not read', async () => {
    const world = aDarkWorld();
    const result = await send(world, aSentLook({ workloads: unavailable('denied', '403 on pods') }));
    expect(result).toMatchObject({ assessment: 'partly-assessed', gaps: [{ evidence: 'workloads', reason: { code: 'denied' } }] });
  });

  it('is stored again without a change when it is sent twice', async () => {
    const world = aDarkWorld();
    await send(world);
    await send(world);
    expect((await held(world)).findings).toHaveLength(1);
  });

  it.each([
    ['the app has scanned more itself since then', 'conflict', /newer scan/, { prepare: scanInLight }],
    ['its time is in the future', 'malformed', /correct the clock/, { snapshot: { observedAt: '2026-09-01T12:01:01.000Z' } }],
    [
      'it contains more workloads than the policy keeps',
      'malformed',
      /2 workloads/,
      {
        snapshot: { workloads: observed([BAD, BAD]) },
        change: { policy: { ...DEFAULT_POLICY, pods: { ...DEFAULT_POLICY.pods, maxWorkloads: 1 } } },
      },
    ],
    ['the cluster was deleted since', 'conflict', /newer scan/, { prepare: deleted }],
    ['the cluster was deleted since, and last seen before', 'conflict', /newer scan/, { prepare: seenBeforeAndDeleted }],
    ['its subscription is not audited', 'not-found', /does not audit/, { subscriptions: [] }],
    [
      'the policy excludes the cluster',
      'not-found',
      /does not audit/,
      {
        change: { policy: { ...DEFAULT_POLICY, scope: { ...DEFAULT_POLICY.scope, exclude: ['shop'] } } },
      },
    ],
    ['Azure does not know the cluster', 'not-found', /404/, { change: { listed: new Fault('not-found', '404') } }],
    ['Azure is unavailable', 'unreachable', /away/, { change: { listed: new Fault('unreachable', 'away') } }],
  ])('is refused and changes nothing when %s', async (_, code, message, { prepare, change, snapshot, subscriptions }: Refused) => {
    const world = aDarkWorld();
    await prepare?.(world);
    Object.assign(world, change);
    const before = await held(world);
    const refusal = send(world, aSentLook(snapshot), subscriptions);
    await expect(refusal).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(await held(world)).toEqual(before);
  });

  it('may contain as many workloads as the policy keeps', async () => {
    const world = aDarkWorld();
    world.policy = { ...DEFAULT_POLICY, pods: { ...DEFAULT_POLICY.pods, maxWorkloads: 1 } };
    expect(await send(world)).toMatchObject({ assessment: 'assessed' });
  });

  it('is recorded as of its own time where the app tried before it, and after what a writer left that died', async () => {
    const world = aDarkWorld();
    world.now = '2026-09-01T10:00:00.000Z';
    await scan(world);
    world.now = '2026-09-01T12:00:00.000Z';
    await send(world);
    expect((await held(world)).summary?.observedAt).toBe(SEEN);

    const { findings } = world.storage;
    const dead = (observedAt: string) => ({ ...NOTHING_HELD, observedAt });
    const sendTo = (observedAt: string) => {
      const fresh = aDarkWorld();
      const ofCluster = async () => dead(observedAt);
      return recordSentLook(
        {
          ...fresh.deps,
          findings: { ...findings, ofCluster, write: fresh.storage.findings.write },
          audits: fresh.storage.audits,
          scope: { subscriptions: [subscriptionId], managementGroups: [] },
        },
        { clusterId: id, snapshot: aSentLook() },
        new AbortController().signal,
      );
    };
    await expect(sendTo('2026-09-01T11:00:00.001Z')).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/newer scan/),
    });
    expect(await sendTo('2026-09-01T10:59:59.999Z')).toMatchObject({ assessment: 'assessed' });
  });

  it.each([
    ['all', []],
    ['less', new Fault('timed-out', 'The list did not end.')],
  ])('that a look of the app overtakes meanwhile, which saw %s, is refused and keeps nothing', async (_, workloads) => {
    const world = aDarkWorld();
    world.workloads = workloads;
    const { findings } = world.storage;
    let calls = 0;
    const ofCluster: typeof findings.ofCluster = async (cluster) => {
      calls += 1;
      if (calls === 2) await scanInLight(world);
      return findings.ofCluster(cluster);
    };
    const sending = recordSentLook(
      {
        ...world.deps,
        findings: { ...findings, ofCluster },
        audits: world.storage.audits,
        scope: { subscriptions: [subscriptionId], managementGroups: [] },
      },
      { clusterId: id, snapshot: aSentLook() },
      new AbortController().signal,
    );
    await expect(sending).rejects.toMatchObject({ code: 'conflict', message: expect.stringMatching(/is already stored/) });
    expect((await held(world)).assessment?.snapshot.observedAt).toBe(world.now);
  });

  it('may be a minute ahead, because clocks differ', async () => {
    const world = aDarkWorld();
    expect(await send(world, aSentLook({ observedAt: '2026-09-01T12:01:00.000Z' }))).toMatchObject({ assessment: 'assessed' });
  });
});

interface Refused {
  readonly change?: Partial<Pick<ScanWorld, 'listed' | 'policy'>>;
  readonly prepare?: (world: ScanWorld) => Promise<unknown>;
  readonly snapshot?: Partial<ClusterSnapshot>;
  readonly subscriptions?: readonly string[];
}
