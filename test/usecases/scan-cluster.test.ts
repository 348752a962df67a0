import { describe, expect, it } from 'vitest';
import { EMPTY_IMAGE_FILE } from '../../shared/domain/images/image-file.ts';
import { DEFAULT_POLICY, type Policy } from '../../shared/domain/policy/policy.ts';
import { Fault } from '../../shared/domain/snapshot/fault.ts';
import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { CLOCKS_DIFFER_MS } from '../../shared/ports/clock.ts';
import { scanCluster } from '../../shared/usecases/scan-cluster.ts';
import { aCluster, aKataPool, aPodGroup, aRuntimeClass, KATA_IMAGE, someSettings } from '../support/a-snapshot.ts';
import { BAD, ScanWorld } from './a-scan.ts';

const { id } = aCluster();
const ACCEPTS: Policy = { ...DEFAULT_POLICY, workloads: [{ name: 'peers', namespaces: ['peers'], acceptedHandlers: ['kata-qemu'] }] };
const LATER = '2026-09-01T18:00:00.000Z';
const EARLIER = '2026-09-01T06:00:00.000Z';

const scan = (world: ScanWorld, lastTry = true, cause = 'audit-1') =>
  scanCluster(world.deps, { clusterId: id, cause, auditId: cause, requestedAt: world.now }, lastTry, new AbortController().signal);
const open = async ({ storage }: ScanWorld) => (await storage.findings.list({ status: ['open'] }, 100)).value;
const anAudit = ({ storage, now }: ScanWorld, auditId: string) =>
  storage.audits.start({ id: auditId, startedAt: now, cause: 'timer', subscriptions: [] });
const reported = async ({ storage }: ScanWorld, auditId: string) => (await storage.audits.get(auditId))?.clusters;
const all = async ({ storage }: ScanWorld) => (await storage.findings.list({}, 100)).value;

async function aWorldWithAFinding(): Promise<ScanWorld> {
  const world = new ScanWorld();
  world.workloads = [BAD];
  await scan(world);
  world.now = LATER;
  return world;
}

describe('a scan', () => {
  it('opens a finding, writes its history, stores the assessment and reports to the audit', async () => {
    const world = await aWorldWithAFinding();
    const [finding] = await open(world);

    expect(finding).toMatchObject({
      ruleId: 'workload-sandboxed',
      severity: 'critical',
      reopenCount: 0,
      firstSeenAt: '2026-09-01T12:00:00.000Z',
    });
    expect((await world.storage.findings.history(finding?.id ?? '', 10)).value).toMatchObject([{ kind: 'opened', cause: 'audit-1' }]);
    const kept = await world.storage.assessments.get(id);
    expect([kept?.runs.length, kept?.policyHash]).toEqual([world.deps.rules.length, 'h']);
    expect((await world.storage.audits.get('audit-1'))?.clusters ?? []).toEqual([]);
    expect(world.connections).toBe(0);
  });

  it('draws other nodes in each scan, so that every node is sampled at some time', async () => {
    const world = await aWorldWithAFinding();
    await scan(world);
    expect(world.readings).toHaveLength(2);
    expect(new Set(world.readings.map(({ seed }) => seed)).size).toBe(2);
  });

  it('keeps a finding that it sees again, and writes no history', async () => {
    const world = await aWorldWithAFinding();
    await scan(world);
    const [finding] = await open(world);

    expect(finding).toMatchObject({ firstSeenAt: '2026-09-01T12:00:00.000Z', lastSeenAt: LATER });
    expect((await world.storage.findings.history(finding?.id ?? '', 10)).value).toHaveLength(1);
  });

  it.each([
    ['complies', [aPodGroup({ ownerName: 'bad', labels: { 'kataudit.io/sandbox': 'required' } })], 'complies'],
    ['is gone', [], 'subject-gone'],
  ])('resolves a finding whose subject %s, and reopens it with its first-seen date', async (_, workloads, resolution) => {
    const world = await aWorldWithAFinding();
    world.workloads = workloads;
    await scan(world);
    expect(await all(world)).toMatchObject([{ status: 'resolved', resolvedAt: LATER, resolution }]);

    world.now = '2026-09-02T12:00:00.000Z';
    world.workloads = [BAD];
    await scan(world);
    expect(await open(world)).toMatchObject([{ reopenCount: 1, firstSeenAt: '2026-09-01T12:00:00.000Z' }]);
  });

  it.each([
    ['the pods cannot be read', (world: ScanWorld) => (world.workloads = new Fault('denied', '403 on pods')), 'partly-assessed'],
    ['the cluster cannot be reached', (world: ScanWorld) => (world.connectFault = new Fault('unreachable', 'private')), 'not-assessed'],
    ['Azure denies access', (world: ScanWorld) => (world.listed = new Fault('denied', '403 on the cluster')), 'not-assessed'],
    ['Azure returns an invalid answer', (world: ScanWorld) => (world.listed = new Fault('malformed', 'not JSON')), 'not-assessed'],
  ])('resolves nothing when %s, and reports it', async (_, breakIt, assessment) => {
    const world = await aWorldWithAFinding();
    await anAudit(world, 'audit-2');
    breakIt(world);
    const result = await scan(world, true, 'audit-2');

    expect(result.assessment).toBe(assessment);
    expect((await open(world)).find(({ ruleId }) => ruleId === 'workload-sandboxed')).toMatchObject({
      stale: true,
      lastSeenAt: '2026-09-01T12:00:00.000Z',
    });
    expect((await world.storage.findings.cluster(id))?.gaps.length).toBeGreaterThan(0);
    // The reason once, however many parts it affects.
    expect(await reported(world, 'audit-2')).toMatchObject([{ state: assessment, reasons: [{ code: expect.any(String) }] }]);
  });

  it('keeps the location and the tags of a cluster that Azure refuses to return', async () => {
    const world = await aWorldWithAFinding();
    const before = (await world.storage.findings.cluster(id))?.cluster;
    expect(before?.location).not.toBe('');
    world.listed = new Fault('denied', '403 on the cluster');
    await scan(world);
    expect((await world.storage.findings.cluster(id))?.cluster).toEqual(before);
  });

  it('throws temporary failures while attempts remain, changing nothing, and records them at the last one', async () => {
    const world = await aWorldWithAFinding();
    world.listed = new Fault('throttled', '429');
    const before = await all(world);

    await expect(scan(world, false)).rejects.toMatchObject({ code: 'throttled' });
    expect(await all(world)).toEqual(before);
    expect((await scan(world, true)).assessment).toBe('not-assessed');
  });

  it('records at once that a cluster cannot be reached: another try would meet the same', async () => {
    const world = new ScanWorld();
    world.connectFault = new Fault('unreachable', 'The API server is private.');
    expect((await scan(world, false)).assessment).toBe('not-assessed');
  });

  it.each([
    ['sandboxes', [aRuntimeClass({ name: 'runc', handler: 'runc' }), aRuntimeClass()], DEFAULT_POLICY, 1],
    ['none', [aRuntimeClass({ name: 'runc', handler: 'runc' })], DEFAULT_POLICY, 0],
    ['no class', [], DEFAULT_POLICY, 0],
    ['those that the policy accepts', [aRuntimeClass({ name: 'peers', handler: 'kata-qemu' })], ACCEPTS, 1],
  ])('asks what lies behind claims where a class starts sandboxes: %s', async (_, classes, policy, volumesAsked) => {
    const world = Object.assign(new ScanWorld(), { classes, policy });
    await scan(world);
    expect(world.volumesAsked).toBe(volumesAsked);
    expect(world.readings[0]?.volumes !== undefined).toBe(volumesAsked > 0);
  });

  it('carries the handlers that the policy accepts, so that it can be judged again', async () => {
    const world = Object.assign(new ScanWorld(), { policy: ACCEPTS });
    await scan(world);
    expect((await world.storage.assessments.get(id))?.snapshot.acceptedHandlers).toEqual(['kata-qemu']);
    expect(world.readings[0]?.acceptedHandlers).toEqual(['kata-qemu']);
    world.policy = DEFAULT_POLICY;
    await scan(world);
    expect((await world.storage.assessments.get(id))?.snapshot).not.toHaveProperty('acceptedHandlers');
  });

  it('asks for no image of a pool that AKS itself upgrades', async () => {
    const world = new ScanWorld();
    const nodePools = observed([aKataPool(), aKataPool({ name: 'hosted', mode: 'ManagedSystem' })]);
    world.listed = { cluster: aCluster(), settings: someSettings(), nodePools };
    await scan(world);
    expect(world.imagesAsked).toEqual(['kata1']);
  });

  it('keeps what a file tells of the images that it saw', async () => {
    const world = new ScanWorld();
    const newest = [{ nodeImageVersion: KATA_IMAGE, source: 'https://example.com', seenOn: '2026-09-01' }];
    const deps = { ...world.deps, images: async () => ({ file: { ...EMPTY_IMAGE_FILE, newest } }) };
    await scanCluster(deps, { clusterId: id, cause: 'a', requestedAt: world.now }, true, new AbortController().signal);
    expect((await world.storage.assessments.get(id))?.snapshot.knownImages?.newest).toEqual([KATA_IMAGE]);
  });

  it('probes no pod again whose proof still holds', async () => {
    const world = await aWorldWithAFinding();
    world.workloads = [aPodGroup()];
    world.policy = { ...DEFAULT_POLICY, probe: { ...DEFAULT_POLICY.probe, clusters: ['*'] } };
    let asked = 0;
    const exec = async () => {
      asked += 1;
      return { state: 'read', output: '22222222-2222-4222-8222-222222222222' } as const;
    };
    const never = () => expect.unreachable('Only pods are asked.');
    const probe = { mode: 'exec', open: async () => ({ exec, canary: never, sweep: never, close: () => undefined }) } as const;
    const look = () =>
      scanCluster({ ...world.deps, probe }, { clusterId: id, cause: 'a', requestedAt: world.now }, true, new AbortController().signal);
    await look();
    world.now = '2026-09-01T19:00:00.000Z';
    await look();
    expect(asked).toBe(1);
    expect((await world.storage.assessments.get(id))?.snapshot.isolationProofs).toMatchObject({ value: [{ at: LATER }] });
    world.now = '2026-09-01T20:00:00.000Z';
    await scan(world);
    expect((await world.storage.assessments.get(id))?.snapshot.isolationProofs).toMatchObject({ reason: { code: 'not-asked' } });
  });

  it('reads no earlier evidence where nothing is probed', async () => {
    const world = new ScanWorld();
    const get = () => expect.unreachable('Nothing is probed.');
    const deps = { ...world.deps, assessments: { ...world.storage.assessments, get } };
    const message = { clusterId: id, cause: 'a', requestedAt: world.now };
    expect(await scanCluster(deps, message, true, new AbortController().signal)).toMatchObject({ assessment: 'assessed' });
  });

  it('tells the audit each reason once', async () => {
    const world = new ScanWorld();
    world.workloads = new Fault('denied', '403 on pods');
    world.listed = { cluster: aCluster(), settings: someSettings(), nodePools: unavailable('malformed', 'No list of pools.') };
    await anAudit(world, 'audit-1');
    await scan(world);
    const [cluster] = (await reported(world, 'audit-1')) ?? [];
    const messages = cluster?.reasons.map(({ message }) => message) ?? [];
    expect(messages).toEqual(expect.arrayContaining(['403 on pods', 'No list of pools.']));
    expect(new Set(messages).size).toBe(messages.length);
  });

  it('shows what Azure says of a cluster now, not what it said before', async () => {
    const world = await aWorldWithAFinding();
    world.listed = { cluster: aCluster({ tags: { team: 'new' } }), settings: someSettings(), nodePools: observed([]) };
    await scan(world);
    expect((await world.storage.findings.cluster(id))?.cluster.tags).toEqual({ team: 'new' });
  });

  it('leaves a throttled connection to the queue while attempts remain', async () => {
    const world = new ScanWorld();
    world.connectFault = new Fault('throttled', '429');

    await expect(scan(world, false)).rejects.toMatchObject({ code: 'throttled' });
    expect((await scan(world, true)).assessment).toBe('not-assessed');
  });

  it('stores what it can, and reports a finding that is too large for a row', async () => {
    const world = new ScanWorld();
    world.workloads = [BAD, { ...BAD, ownerName: 'n'.repeat(70_000) }];
    const result = await scan(world);

    expect(await open(world)).toMatchObject([{ subject: { ownerName: 'bad' } }]);
    expect(result.assessment).toBe('partly-assessed');
    expect((await world.storage.findings.cluster(id))?.gaps).toMatchObject([
      {
        evidence: 'rule',
        reason: { code: 'too-large', message: expect.stringMatching(/workload-sandboxed cannot be stored.* Deployment shop\/n{84}…/) },
      },
    ]);
  });

  it('counts a scan that could not be written as one that did not take place', async () => {
    const world = await aWorldWithAFinding();
    const full = (change: Parameters<typeof world.deps.findings.write>[0]) =>
      change.findings.length === 0 ? world.storage.findings.write(change) : Promise.reject(new Fault('too-large', 'No room.'));
    const deps = { ...world.deps, findings: { ...world.storage.findings, ofCluster: world.storage.findings.ofCluster, write: full } };
    const message = { clusterId: id, cause: 'audit-2', auditId: 'audit-2', requestedAt: world.now };
    await expect(scanCluster(deps, message, false, new AbortController().signal)).rejects.toThrow('No room.');
    const result = await scanCluster(deps, message, true, new AbortController().signal);

    expect(result).toMatchObject({ assessment: 'not-assessed', refused: { code: 'too-large' } });
    expect((await world.storage.assessments.get(id))?.snapshot.observedAt).toBe('2026-09-01T12:00:00.000Z');
    expect(await world.storage.findings.cluster(id)).toMatchObject({ missedAudits: 1, assessment: 'not-assessed' });
    expect(await open(world)).toMatchObject([{ ruleId: 'workload-sandboxed', lastSeenAt: '2026-09-01T12:00:00.000Z' }]);
  });

  it('that others keep from writing is left to the queue, also at its last attempt, and does not count as a missed scan', async () => {
    const world = await aWorldWithAFinding();
    let meetings = 20;
    const write: typeof world.deps.findings.write = async (change) => (meetings-- > 0 ? 'conflict' : world.storage.findings.write(change));
    const deps = { ...world.deps, findings: { ...world.storage.findings, write } };
    const look = () => scanCluster(deps, { clusterId: id, cause: 'audit-2', requestedAt: world.now }, true, new AbortController().signal);

    await expect(look()).rejects.toMatchObject({ code: 'conflict', message: expect.stringMatching(/other scans kept writing/) });
    expect(await world.storage.findings.cluster(id)).toMatchObject({ missedAudits: 0, observedAt: '2026-09-01T12:00:00.000Z' });
    expect((await look()).assessment).toBe('assessed');
  });

  it('with the same time as the newest scan is recorded', async () => {
    const world = await aWorldWithAFinding();
    await scan(world);
    world.workloads = [];
    expect((await scan(world)).assessment).toBe('assessed');
    expect(await open(world)).toEqual([]);
  });

  it('never hides a bug as a gap', async () => {
    const world = new ScanWorld();
    const broken = { ...world.deps, azure: { ...world.deps.azure, getCluster: () => Promise.reject(new TypeError('a bug')) } };

    await expect(
      scanCluster(broken, { clusterId: id, cause: 'a', requestedAt: world.now }, true, new AbortController().signal),
    ).rejects.toThrow('a bug');
  });

  it('resolves everything when Azure says that the cluster is deleted, and leaves nothing for a cluster that was never scanned', async () => {
    const world = await aWorldWithAFinding();
    await world.storage.events.note(id, { matter: 'rolling', nodePool: 'kata1', kind: 'rolling-started', at: EARLIER }, EARLIER);
    world.workloads = new Fault('denied', '403 on pods');
    await scan(world);
    world.listed = new Fault('not-found', '404');
    expect((await scan(world)).assessment).toBe('deleted');
    expect(await world.storage.events.notices(id)).toEqual([]);
    expect(await all(world)).toMatchObject([{ status: 'resolved', resolution: 'cluster-deleted' }]);
    const left = await world.storage.findings.cluster(id);
    expect([left?.status, left?.gaps, left?.openBySeverity.critical, left?.openSince, left?.rules]).toEqual(['deleted', [], 0, {}, {}]);

    const clean = new ScanWorld();
    await scan(clean);
    clean.now = LATER;
    clean.listed = new Fault('not-found', '404');
    await scan(clean);
    expect((await clean.storage.findings.cluster(id))?.status).toBe('deleted');

    const empty = new ScanWorld();
    empty.listed = new Fault('not-found', '404');
    expect((await scan(empty)).assessment).toBe('deleted');
    expect((await empty.storage.findings.clusters(10)).value).toEqual([]);
  });

  it('resolves everything when the policy takes the cluster out of scope, and reopens it when it is back', async () => {
    const world = await aWorldWithAFinding();
    world.policy = { ...DEFAULT_POLICY, scope: { ...DEFAULT_POLICY.scope, exclude: ['shop'] } };
    expect((await scan(Object.assign(new ScanWorld(), { policy: world.policy }))).assessment).toBe('out-of-scope');
    await scan(world);
    expect(await all(world)).toMatchObject([{ status: 'resolved', resolution: 'out-of-scope' }]);

    world.policy = DEFAULT_POLICY;
    world.now = '2026-09-02T12:00:00.000Z';
    await scan(world);
    expect(await open(world)).toMatchObject([{ reopenCount: 1 }]);
  });

  it('resolves the findings of a rule that the policy turned off, with that reason', async () => {
    const world = await aWorldWithAFinding();
    world.policy = { ...DEFAULT_POLICY, rules: { 'workload-sandboxed': 'off' } };
    await scan(world);

    expect(await all(world)).toMatchObject([{ status: 'resolved', resolution: 'rule-off' }]);
  });

  it('is discarded after a newer scan, whatever it saw', async () => {
    const world = await aWorldWithAFinding();
    await scan(world);
    const before = await all(world);
    world.now = EARLIER;
    world.workloads = [];
    const put = () => expect.unreachable('Nothing is kept of an older look.');
    const deps = { ...world.deps, assessments: { ...world.storage.assessments, put } };
    const message = { clusterId: id, cause: 'audit-0', requestedAt: world.now };
    const late = await scanCluster(deps, message, true, new AbortController().signal);
    await anAudit(world, 'audit-1');
    const again = await scan(world);

    expect(late).toMatchObject({ assessment: 'superseded', changes: [], changed: 0 });
    // The changes of an earlier attempt of the same audit are still reported, and that this clock was moved back.
    expect(again).toMatchObject({ assessment: 'superseded', changes: [], changed: 1 });
    expect(await reported(world, 'audit-1')).toMatchObject([{ state: 'not-assessed', reasons: [{ code: 'conflict' }], changed: 1 }]);
    expect(await all(world)).toEqual(before);
    expect((await world.storage.assessments.get(id))?.snapshot.observedAt).toBe(LATER);
  });

  it.each([
    ['by as much as clocks differ', 0, undefined],
    ['by more, which the clock of this app explains', 1, { code: 'conflict', message: expect.stringMatching(/clock of this app shows/) }],
  ])('steps back before a look that is newer %s', async (_, ms, refused) => {
    const world = await aWorldWithAFinding();
    await scan(world);
    world.now = new Date(Date.parse(LATER) - CLOCKS_DIFFER_MS - ms).toISOString();
    const late = await scan(world);
    expect([late.assessment, late.refused]).toEqual(['superseded', refused]);
  });

  it('is not tried again for a newer look that saw less, where only the clock was moved back', async () => {
    const world = await aWorldWithAFinding();
    world.workloads = new Fault('timed-out', 'The list did not end.');
    await scan(world);
    world.now = EARLIER;
    world.workloads = [];
    expect(await scan(world, false)).toMatchObject({ assessment: 'superseded', refused: { code: 'conflict' } });
  });

  it('that finds the cluster gone loses nothing to a newer look that saw less', async () => {
    const world = await aWorldWithAFinding();
    world.workloads = new Fault('timed-out', 'The list did not end.');
    await scan(world);
    world.now = new Date(Date.parse(LATER) - 1).toISOString();
    world.listed = new Fault('not-found', '404');
    expect((await scan(world, false)).assessment).toBe('superseded');
  });

  it('is serialized with other scans of the same cluster: the newest one decides, and none loses the other’s finding', async () => {
    const world = new ScanWorld();
    const looks = [1, 2, 3, 4, 5, 6].map((hour) => `2026-09-01T0${hour}:00:00.000Z`);
    await Promise.all(
      looks.map((now, at) => {
        const one = Object.assign(new ScanWorld(), { now, workloads: at % 2 === 1 ? [BAD] : [] });
        const deps = { ...one.deps, findings: world.storage.findings, assessments: world.storage.assessments };
        return scanCluster(deps, { clusterId: id, cause: `audit-${at}`, requestedAt: now }, true, new AbortController().signal);
      }),
    );

    expect((await world.storage.findings.cluster(id))?.observedAt).toBe(looks.at(-1));
    expect(await open(world)).toMatchObject([{ lastSeenAt: looks.at(-1) }]);
  });

  it('reports a pool during an upgrade as in transition, and does not fail it', async () => {
    const world = new ScanWorld();
    world.listed = { ...(world.listed instanceof Fault ? expect.unreachable() : world.listed) };
    const old = aKataPool({ nodeImageVersion: 'AKSAzureLinux-V3katagen2-202606.08.1' });
    world.listed = { ...world.listed, nodePools: observed([old]) };
    const started = { matter: 'rolling', nodePool: 'kata1', kind: 'rolling-started', at: '2026-09-01T11:55:00.000Z' } as const;
    await world.storage.events.note(id, started, world.now);
    await scan(world);
    expect((await open(world)).map(({ ruleId }) => ruleId)).not.toContain('node-image-current');

    world.now = LATER;
    await world.storage.events.note(id, { ...started, kind: 'rolling-succeeded', at: '2026-09-01T12:30:00.000Z' }, world.now);
    await scan(world);
    expect((await open(world)).map(({ ruleId }) => ruleId)).toContain('node-image-current');
  });
});
