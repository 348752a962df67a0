import { expect, it } from 'vitest';
import { Fault } from '../../shared/domain/snapshot/fault.ts';
import { scanCluster } from '../../shared/usecases/scan-cluster.ts';
import { aCluster } from '../support/a-snapshot.ts';
import { BAD, ScanWorld } from './a-scan.ts';

const { id } = aCluster();
const NEWER = '2026-09-01T12:00:01.000Z';

/** A scan that saw a violation, and is overtaken by a newer scan before it can record it. */
function overtaken(newer: Partial<ScanWorld>) {
  const world = new ScanWorld();
  world.workloads = [BAD];
  const look = (who: ScanWorld, lastTry: boolean, deps = {}) =>
    scanCluster(
      { ...who.deps, ...world.storage, ...deps },
      { clusterId: id, cause: 'audit', auditId: 'audit', requestedAt: who.now },
      lastTry,
      new AbortController().signal,
    );
  const { findings } = world.storage;
  const overtake = {
    ...findings,
    ofCluster: async () => {
      await look(Object.assign(new ScanWorld(), newer, { now: NEWER }), true);
      world.now = '2026-09-01T12:00:05.000Z';
      return findings.ofCluster(id);
    },
  };
  const put = () => expect.unreachable('Nothing is kept of an older look.');
  const deps = { findings: overtake, assessments: { ...world.storage.assessments, put } };
  return { world, scan: (lastTry: boolean) => look(world, lastTry, deps), again: () => look(world, true) };
}
const open = async ({ storage }: ScanWorld) => (await storage.findings.list({ status: ['open'] }, 10)).value.map(({ ruleId }) => ruleId);

it('a scan that was overtaken by a newer one with less evidence is repeated, so that its evidence is not lost', async () => {
  const { world, scan, again } = overtaken({ workloads: new Fault('timed-out', 'The list did not end.') });
  await expect(scan(false)).rejects.toMatchObject({ code: 'conflict', retryable: true });
  expect(await open(world)).toEqual([]);

  await again();
  expect(await open(world)).toEqual(['workload-sandboxed']);
});

it('a scan that was overtaken by a complete newer one is discarded, as is one at its last attempt', async () => {
  const whole = overtaken({ workloads: [] });
  expect(await whole.scan(false)).toMatchObject({ assessment: 'superseded', changed: 0 });
  expect(await open(whole.world)).toEqual([]);

  const last = overtaken({ workloads: new Fault('timed-out', 'The list did not end.') });
  expect(await last.scan(true)).toMatchObject({ assessment: 'superseded' });
});
