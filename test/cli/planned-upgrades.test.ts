import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { auditResult } from '../../shared/cli/audit.ts';
import { plannedUpgrades } from '../../shared/cli/planned-upgrades.ts';
import { auditSaved } from '../../shared/compose/command-line/kubeconfig.ts';
import { type Observation, observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import type { PlannedUpgrade } from '../../shared/domain/snapshot/planned-upgrade.ts';
import { printSnapshot } from '../../shared/domain/snapshot/snapshot-file.ts';
import { aKataPool, aLatestImage, aSnapshot, someSettings } from '../support/a-snapshot.ts';

const SUNDAY: Observation<PlannedUpgrade> = observed({
  state: 'planned',
  configuration: 'aksManagedNodeOSUpgradeSchedule',
  channel: 'NodeImage',
  from: '2026-09-06T01:00:00Z',
  until: '2026-09-06T05:00:00Z',
});
/** 91 days old, so that two rules fail it. */
const saved = (plannedUpgrade: Observation<PlannedUpgrade>) =>
  printSnapshot(
    aSnapshot({
      nodePools: observed([aKataPool({ nodeImageVersion: 'AKSAzureLinux-V3katagen2-202606.02.0' })]),
      latestImages: observed([aLatestImage('kata1', 'AKSAzureLinux-V3katagen2-202608.20.0')]),
      settings: observed(someSettings({ plannedUpgrade })),
    }),
  );

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kataudit-planned-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function table(text: string): Promise<string> {
  const output = join(folder, 'table.txt');
  await auditResult(await auditSaved(text, 'snapshot.json', undefined), { format: 'table', failOn: 'info', output }, undefined);
  return readFile(output, 'utf8');
}

it('a saved snapshot tells on the command line when a pool that lags is to be upgraded, once', async () => {
  const lines = (await table(saved(SUNDAY))).split('\n').filter((line) => line.includes('aksManagedNodeOSUpgradeSchedule'));

  expect(lines).toEqual([
    expect.stringMatching(/^shop +node pool kata1 +2026-09-06T01:00:00Z +2026-09-06T05:00:00Z +aksManagedNodeOSUpgradeSchedule$/),
  ]);
});

it.each([
  ['no window is configured', observed({ state: 'unplanned', why: 'Azure picks the time.' } as const)],
  ['the windows could not be read', unavailable('denied', 'Forbidden.')],
])('nothing is promised where %s', async (_, plannedUpgrade) => {
  expect(await table(saved(plannedUpgrade))).not.toContain('UPGRADE PLANNED');
});

it('there is no table of nothing', () => expect(plannedUpgrades([])).toBeUndefined());
