import { expect, it } from 'vitest';
import { printReport } from '../../shared/cli/audit.ts';
import { auditSaved } from '../../shared/compose/command-line/kubeconfig.ts';
import { policyFromText } from '../../shared/compose/container/policy.ts';
import { type Observation, observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import type { PlannedUpgrade } from '../../shared/domain/snapshot/planned-upgrade.ts';
import { printSnapshot } from '../../shared/domain/snapshot/snapshot-file.ts';
import { aKataPool, aLatestImage, aSnapshot, someSettings } from '../support/a-snapshot.ts';
import { someSurroundings } from '../support/surroundings.ts';

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

async function table(text: string): Promise<string> {
  const here = someSurroundings();
  const inForce = await policyFromText(undefined, 'built-in');
  await printReport(
    here,
    { clusters: [await auditSaved(text, 'snapshot.json', inForce.policy)], notListed: [] },
    [{ format: 'table' }],
    inForce,
    { failOn: 'info' },
  );
  return here.out();
}

it('the command line prints from a saved snapshot when a lagging pool will be upgraded', async () => {
  expect(await table(saved(SUNDAY))).toMatch(
    /^high +node-image-current .*planned in the maintenance window of 2026-09-06 01:00 to 2026-09-06 05:00 UTC \(aksManagedNodeOSUpgradeSchedule/m,
  );
});

it.each([
  ['no window is configured', observed({ state: 'unplanned', why: 'Azure picks the time.' } as const)],
  ['the windows could not be read', unavailable('denied', 'Forbidden.')],
])('no upgrade is announced when %s', async (_, plannedUpgrade) => {
  expect(await table(saved(plannedUpgrade))).not.toContain('is planned in');
});
