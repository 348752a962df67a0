import { describe, expect, it } from 'vitest';
import { Fault } from '../../shared/domain/snapshot/fault.ts';
import { type HeldCluster, NOTHING_HELD } from '../../shared/ports/finding-store.ts';
import { type ScanCluster, scanCluster } from '../../shared/usecases/scan-cluster.ts';
import { aCluster } from '../support/a-snapshot.ts';
import { BAD, ScanWorld } from './a-scan.ts';

const { id } = aCluster();
const AUDIT = 'audit-1';

const scan = (world: ScanWorld, deps: Partial<ScanCluster> = {}) =>
  scanCluster(
    { ...world.deps, ...deps },
    { clusterId: id, cause: AUDIT, auditId: AUDIT, requestedAt: world.now },
    true,
    new AbortController().signal,
  );

async function anAudit(world: ScanWorld): Promise<void> {
  const { audits } = world.storage;
  await audits.start({ id: AUDIT, startedAt: world.now, cause: 'timer', subscriptions: [] });
  await audits.recordCluster({ auditId: AUDIT, clusterId: id, at: world.now, state: 'planned', reasons: [], changed: 0 });
}

const recorded = async ({ storage }: ScanWorld) =>
  (await storage.audits.get(AUDIT))?.clusters.map(({ state, changed }) => [state, changed]);

/** The rows of a writer that crashes during a cluster's first write: findings, and no summary. */
async function unfinished(world: ScanWorld, observedAt: string): Promise<HeldCluster> {
  const elsewhere = Object.assign(new ScanWorld(), { now: observedAt, workloads: [BAD] });
  await scan(elsewhere);
  const { findings } = await elsewhere.storage.findings.ofCluster(id);
  expect(findings).toHaveLength(1);
  const held = { ...NOTHING_HELD, findings, observedAt, changedBy: [{ cause: AUDIT, changed: 1 }] };
  world.now = '2026-09-01T18:00:00.000Z';
  return held;
}

describe('a scan whose process crashes', () => {
  it('between its write and its report is fully reported by the next attempt', async () => {
    const world = new ScanWorld();
    world.workloads = [BAD];
    await anAudit(world);
    const dead = { recordCluster: () => Promise.reject(new Error('died')) };
    await expect(scan(world, { audits: dead })).rejects.toThrow('died');
    expect(await recorded(world)).toEqual([['planned', 0]]);

    world.now = '2026-09-01T12:10:00.000Z';
    await scan(world);
    expect(await recorded(world)).toEqual([['assessed', 1]]);
  });

  it('between its write and its notification is notified by the next attempt, and reports to the audit only then', async () => {
    const world = new ScanWorld();
    world.workloads = [BAD];
    await anAudit(world);
    await expect(scan(world, { notify: () => Promise.reject(new Error('died')) })).rejects.toThrow('died');
    expect(await recorded(world)).toEqual([['planned', 0]]);

    const announced: unknown[] = [];
    world.now = '2026-09-01T12:10:00.000Z';
    await scan(world, { notify: async (message) => void announced.push(message) });
    expect(announced).toEqual([{ clusterId: id, cause: AUDIT }]);
    expect(await recorded(world)).toEqual([['assessed', 1]]);
  });

  it('whose write was applied although its answer was lost counts each change once', async () => {
    const world = new ScanWorld();
    world.workloads = [BAD];
    await anAudit(world);
    const { findings } = world.storage;
    let lost = 0;
    const write: typeof findings.write = async (change) => {
      const outcome = await findings.write(change);
      // The client repeats the call without an answer, and then conflicts with its own write.
      return lost++ === 0 ? 'conflict' : outcome;
    };
    await scan(world, { findings: { ofCluster: findings.ofCluster, write } });

    expect(await recorded(world)).toEqual([['assessed', 1]]);
    const [finding] = (await findings.list({}, 10)).value;
    expect((await findings.history(finding?.id ?? '', 10)).value).toHaveLength(1);
  });

  it('in the middle of its write blocks older scans, although its summary was never written', async () => {
    const world = new ScanWorld();
    const held = await unfinished(world, '2026-09-01T12:00:00.000Z');
    world.now = '2026-09-01T11:59:59.999Z';
    const late = await scan(world, { findings: { ...world.storage.findings, ofCluster: async () => held } });

    expect(late.assessment).toBe('superseded');
    expect((await world.storage.findings.clusters(10)).value).toEqual([]);
  });

  it('in the middle of a cluster’s first write leaves nothing open when the cluster is then deleted', async () => {
    const world = new ScanWorld();
    const held = await unfinished(world, '2026-09-01T12:00:00.000Z');
    world.listed = new Fault('not-found', 'gone');
    const gone = await scan(world, { findings: { ...world.storage.findings, ofCluster: async () => held } });

    expect(gone).toMatchObject({ assessment: 'deleted', changes: [{ kind: 'resolved', finding: { resolution: 'cluster-deleted' } }] });
    expect(await world.storage.findings.cluster(id)).toMatchObject({ status: 'deleted', cluster: { name: aCluster().name } });
  });
});
