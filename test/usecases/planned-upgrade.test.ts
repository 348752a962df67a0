import { describe, expect, it } from 'vitest';
import type { MaintenanceConfiguration } from '../../shared/domain/maintenance/planned-upgrade.ts';
import { Fault, type FaultCode } from '../../shared/domain/snapshot/fault.ts';
import { observed } from '../../shared/domain/snapshot/observation.ts';
import { parseSnapshot, printSnapshot } from '../../shared/domain/snapshot/snapshot-file.ts';
import { RULES } from '../../shared/rules/index.ts';
import { auditSnapshot } from '../../shared/usecases/audit-snapshot.ts';
import { scanCluster } from '../../shared/usecases/scan-cluster.ts';
import { aCluster, aKataPool, aPlainPool, PLAIN_IMAGE, someSettings } from '../support/a-snapshot.ts';
import { ScanWorld } from './a-scan.ts';

const { id } = aCluster();
const SUNDAY: MaintenanceConfiguration = {
  name: 'aksManagedNodeOSUpgradeSchedule',
  schedule: {
    form: 'recurring',
    recurrence: { kind: 'weekly', every: 1, weekday: 0 },
    startMinute: 120,
    durationHours: 4,
    offsetMinutes: 0,
    notAllowed: [],
  },
};
const UNREADABLE: MaintenanceConfiguration = { ...SUNDAY, schedule: { form: 'unreadable', problem: 'startTime: expected a time' } };

/** A cluster whose Kata pool lags behind, and its maintenance configurations. */
function aWorld(maintenance: readonly MaintenanceConfiguration[] | FaultCode): { readonly world: ScanWorld; asked: number } {
  const held = { world: new ScanWorld(), asked: 0 };
  held.world.listed = {
    cluster: aCluster(),
    settings: someSettings(),
    nodePools: observed([aPlainPool(), aKataPool({ nodeImageVersion: 'AKSAzureLinux-V3katagen2-202607.20.0' })]),
  };
  held.world.maintenance = async () => {
    held.asked += 1;
    if (typeof maintenance === 'string')
      throw new Fault(maintenance, 'Cannot read the maintenance windows: it needs maintenanceConfigurations/read.');
    return maintenance;
  };
  return held;
}

async function scan(world: ScanWorld) {
  const message = { clusterId: id, cause: 'audit-1', requestedAt: world.now };
  const result = await scanCluster(world.deps, message, true, new AbortController().signal);
  const [finding] = (await world.storage.findings.list({ status: ['open'] }, 10)).value;
  const snapshot = (await world.storage.assessments.get(id))?.snapshot;
  if (snapshot === undefined) throw new Error('expected an assessment');
  return { result, finding, snapshot, summary: await world.storage.findings.cluster(id) };
}

describe('a scan of a cluster with a lagging pool', () => {
  it('reports the window in which the pool will be upgraded, and still shows the finding', async () => {
    const { world } = aWorld([SUNDAY]);
    const { finding, result, summary } = await scan(world);

    expect(finding).toMatchObject({
      ruleId: 'node-image-current',
      severity: 'medium',
      message: expect.stringMatching(/ An upgrade is planned in the maintenance window of 2026-09-06 02:00 to 2026-09-06 06:00 UTC/),
      facts: { plannedUpgradeAt: '2026-09-06T02:00:00Z', plannedUpgradeUntil: '2026-09-06T06:00:00Z' },
    });
    expect(result.assessment).toBe('assessed');
    expect(summary?.settings?.plannedUpgrade).toMatchObject({ state: 'observed', value: { state: 'planned' } });
  });

  it('says that Azure chooses the time when there is no window, and gives no reason', async () => {
    const { world } = aWorld([]);
    const { finding, result } = await scan(world);

    expect(finding?.message).toMatch(/days behind [^ ]+\.$/);
    expect(finding?.facts).toMatchObject({ plannedUpgrade: expect.stringContaining('Azure picks the time') });
    expect(result.assessment).toBe('assessed');
  });

  it.each([
    ['denied', 'denied'],
    ['throttled', 'throttled'],
    ['malformed', [UNREADABLE]],
  ] as const)('reports the gap when the windows are %s, gives no reason, and still knows the image', async (code, maintenance) => {
    const { world } = aWorld(maintenance);
    const { finding, result, summary } = await scan(world);

    expect(finding).toMatchObject({
      ruleId: 'node-image-current',
      severity: 'medium',
      message: expect.stringMatching(/days behind [^ ]+\.$/),
    });
    expect(finding?.facts).toMatchObject({ plannedUpgrade: expect.stringMatching(/^not known: .*maintenance/) });
    expect(result.assessment).toBe('partly-assessed');
    expect(summary?.gaps).toMatchObject([{ evidence: 'settings', reason: { code } }]);
  });

  it('never hides a bug as a gap', async () => {
    const { world } = aWorld([]);
    world.maintenance = () => Promise.reject(new TypeError('a bug'));

    await expect(scan(world)).rejects.toThrow(TypeError);
  });

  it('saves its evidence, so that it can be judged again with the same messages', async () => {
    const { world } = aWorld([SUNDAY]);
    const { snapshot } = await scan(world);
    const again = parseSnapshot(printSnapshot(snapshot), 'snapshot.json');

    expect(again).toEqual(snapshot);
    expect(auditSnapshot(again, RULES, world.policy).findings).toEqual(auditSnapshot(snapshot, RULES, world.policy).findings);
    expect(auditSnapshot(again, RULES, world.policy).findings.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('maintenance window of 2026-09-06 02:00'),
    );
  });
});

describe('the maintenance windows', () => {
  it('are read once, however many pools lag', async () => {
    const held = aWorld([SUNDAY]);
    const old = aKataPool({ nodeImageVersion: 'AKSAzureLinux-V3katagen2-202607.20.0' });
    held.world.listed = {
      cluster: aCluster(),
      settings: someSettings(),
      nodePools: observed([aPlainPool({ nodeImageVersion: PLAIN_IMAGE.replace(/-[^-]*$/, '-202606.20.0') }), old]),
    };
    await scan(held.world);

    expect((await held.world.storage.findings.list({ status: ['open'], rule: ['node-image-current'] }, 10)).value).toHaveLength(2);
    expect(held.asked).toBe(1);
  });

  it('are not read when no pool lags', async () => {
    const held = aWorld([SUNDAY]);
    held.world.listed = new ScanWorld().listed;
    await scan(held.world);

    expect(held.asked).toBe(0);
  });
});
