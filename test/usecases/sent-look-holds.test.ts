import { describe, expect, it } from 'vitest';
import { Fault } from '../../shared/domain/snapshot/fault.ts';
import { observed } from '../../shared/domain/snapshot/observation.ts';
import { clusterAssessed } from '../../shared/rules/cluster-assessed.ts';
import { recordSentLook } from '../../shared/usecases/record-sent-look.ts';
import { scanCluster } from '../../shared/usecases/scan-cluster.ts';
import { aCluster, aKataPool, aPlainPool } from '../support/a-snapshot.ts';
import { ScanWorld } from './a-scan.ts';
import { aSentLook, SEEN } from './a-sent-look.ts';

const { id, subscriptionId } = aCluster();
const LATER = '2026-09-01T18:00:00.000Z';
const AFTER_A_WEEK = '2026-09-08T11:00:00.001Z';

/** A cluster that is known to Azure and that the app cannot reach, audited by rules of both. */
function aDarkWorld() {
  const world = new ScanWorld();
  world.connectFault = new Fault('unreachable', 'The API server is private.');
  return world;
}

const depsOf = (world: ScanWorld) => ({ ...world.deps, rules: [...world.deps.rules, clusterAssessed] });
const send = (world: ScanWorld, observedAt = SEEN) =>
  recordSentLook(
    { ...depsOf(world), audits: world.storage.audits, scope: { subscriptions: [subscriptionId], managementGroups: [] } },
    { clusterId: id, snapshot: aSentLook({ observedAt }), sentBy: 'object-1' },
    new AbortController().signal,
  );
const scan = (world: ScanWorld, at: string, auditId = `audit-${at}`) => {
  world.now = at;
  const message = { clusterId: id, cause: auditId, auditId, requestedAt: at };
  return scanCluster(depsOf(world), message, true, new AbortController().signal);
};
const held = async ({ storage }: ScanWorld) => ({
  summary: await storage.findings.cluster(id),
  open: (await storage.findings.list({}, 100)).value.filter(({ status }) => status === 'open').map(({ ruleId }) => ruleId),
  assessment: await storage.assessments.get(id),
});

describe('a pushed snapshot in force', () => {
  it('is the newest one while the app cannot reach the cluster: its findings, pods, verdicts and evidence stay', async () => {
    const world = aDarkWorld();
    await send(world);
    const before = await held(world);
    await scan(world, LATER);
    await scan(world, '2026-09-02T00:00:00.000Z');

    const { summary, open, assessment } = await held(world);
    expect(open).toEqual(before.open);
    expect(assessment).toEqual(before.assessment);
    expect(summary).toMatchObject({
      assessment: 'partly-assessed',
      pods: before.summary?.pods,
      rules: before.summary?.rules,
      missedAudits: 0,
      lastSeen: { at: SEEN, cause: `sent:object-1:${SEEN}` },
      lastAssessedAt: SEEN,
    });
  });

  it('is reported by the audit that could not scan, with its time and the reason', async () => {
    const world = aDarkWorld();
    await send(world);
    const message = expect.stringMatching(
      /^The app could not scan this cluster itself: .*The API server is private\. Nodes and pods were last read in a pushed snapshot of 2026-09-01T11:00:00\.000Z\.$/,
    );
    expect(await scan(world, LATER, 'audit-1')).toMatchObject({
      assessment: 'partly-assessed',
      gaps: [{ evidence: 'cluster', reason: { code: 'unreachable', message } }],
    });
  });

  it('does not replace data of Azure, which each audit judges', async () => {
    const world = aDarkWorld();
    await send(world);
    world.listed = {
      ...(world.listed instanceof Fault ? {} : world.listed),
      cluster: aCluster(),
      settings: { powerState: 'Running' },
      nodePools: observed([aPlainPool(), aKataPool({ nodeImageVersion: 'AKSAzureLinux-V3katagen2-202501.01.0' })]),
    };
    await scan(world, LATER);
    expect((await held(world)).open.toSorted()).toEqual(['node-image-current', 'workload-sandboxed']);
  });

  it('stays for a week, and then the audit reports that it could not scan', async () => {
    const world = aDarkWorld();
    await send(world);
    await scan(world, AFTER_A_WEEK);
    const { summary, open } = await held(world);
    expect(open).toContain('cluster-assessed');
    expect(summary).toMatchObject({ assessment: 'not-assessed', missedAudits: 1, lastSeen: { at: SEEN } });
  });

  it('is replaced by a scan of the app itself', async () => {
    const world = aDarkWorld();
    await send(world);
    world.connectFault = undefined;
    await scan(world, LATER);
    const { summary, open, assessment } = await held(world);
    expect([open, assessment?.snapshot.observedAt]).toEqual([[], LATER]);
    expect(summary).toMatchObject({ assessment: 'assessed', lastSeen: { at: LATER } });
    expect(summary?.gaps).toEqual([]);
    await expect(send(world, SEEN)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('is accepted although a scan of the app failed after its time, and reports that', async () => {
    const world = aDarkWorld();
    await scan(world, LATER);
    expect((await held(world)).open).toContain('cluster-assessed');

    expect(await send(world, SEEN)).toMatchObject({ assessment: 'partly-assessed', gaps: [{ evidence: 'cluster' }] });
    const { summary, open, assessment } = await held(world);
    expect(open).toEqual(['workload-sandboxed']);
    expect(assessment?.snapshot).toMatchObject({ observedAt: SEEN, workloads: { state: 'observed' } });
    expect(summary).toMatchObject({
      observedAt: LATER,
      missedAudits: 0,
      lastSeen: { at: SEEN },
      gaps: [{ reason: { message: expect.stringContaining(SEEN) } }],
    });
  });

  it('is refused when a newer one was pushed, whatever the app tried since then', async () => {
    const world = aDarkWorld();
    await send(world, SEEN);
    await scan(world, LATER);
    await expect(send(world, '2026-09-01T10:59:59.000Z')).rejects.toMatchObject({ code: 'conflict' });
    expect(await send(world, '2026-09-01T11:00:01.000Z')).toMatchObject({ assessment: 'partly-assessed' });
  });

  it.each([
    ['2026-08-25T12:00:00.000Z', 'is taken when it is a week old'],
    ['2026-08-25T11:59:59.999Z', 'is refused when it is older'],
  ])('of %s %s', async (observedAt, what) => {
    const sent = send(aDarkWorld(), observedAt);
    if (what.includes('refused'))
      await expect(sent).rejects.toMatchObject({ code: 'malformed', message: expect.stringContaining('more than 7 days ago') });
    else expect(await sent).toMatchObject({ assessment: 'assessed' });
  });
});
