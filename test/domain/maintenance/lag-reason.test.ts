import { expect, it } from 'vitest';
import { lagReason } from '../../../shared/domain/maintenance/lag-reason.ts';
import { type Observation, observed, unavailable } from '../../../shared/domain/snapshot/observation.ts';
import type { PlannedUpgrade } from '../../../shared/domain/snapshot/planned-upgrade.ts';
import { aKataPool, someSettings } from '../../support/a-snapshot.ts';

const WINDOW = {
  state: 'planned',
  configuration: 'weekly',
  channel: 'NodeImage',
  from: '2026-09-06T02:00:00Z',
  until: '2026-09-06T06:00:00Z',
} as const;
const LAST = { from: '2026-08-30T02:00:00Z', until: '2026-08-30T06:00:00Z' };
const settings = (plan: Observation<PlannedUpgrade>) => observed(someSettings({ plannedUpgrade: plan }));
const offer = (day: string) => observed(`AKSAzureLinux-V3katagen2-${day}.0`);
const reason = (
  plan: PlannedUpgrade,
  { offered }: { readonly offered: Observation<string> | undefined } = { offered: offer('202608.16') },
) => lagReason(aKataPool(), settings(observed(plan)), offered, 14);
const NOTHING = { sentence: '', facts: {} };

it('a lag is explained by the snapshot that pins the pool, before any window', () => {
  expect(lagReason(aKataPool({ snapshotId: 's' }), settings(observed(WINDOW)), undefined, 14)).toEqual({
    sentence: expect.stringContaining('pinned'),
    facts: { snapshotId: 's' },
  });
});

it('a lag is explained by the next window, of upgrades or of security patches', () => {
  const facts = { plannedUpgradeAt: WINDOW.from, plannedUpgradeUntil: WINDOW.until, maintenanceConfiguration: 'weekly' };
  expect(reason(WINDOW)).toEqual({ sentence: expect.stringMatching(/^ An upgrade .*2026-09-06 02:00 to 2026-09-06 06:00 UTC/), facts });
  expect(reason({ ...WINDOW, channel: 'SecurityPatch' }).sentence).toMatch(/^ Security patches /);
  for (const channel of ['x-SecurityPatch', 'SecurityPatch-x']) expect(reason({ ...WINDOW, channel }).sentence).toMatch(/^ An upgrade /);
  expect(reason({ ...WINDOW, last: LAST }).facts).toEqual({ ...facts, lastMaintenanceWindow: LAST.from });
});

// The last window opened at 02:00 of the 30th of August; an image is on offer everywhere two weeks after its release.
it.each<[string, Observation<string> | undefined, boolean]>([
  ['was on offer for sure', offer('202608.16'), true],
  ['may have come later', offer('202608.17'), false],
  ['is not known', undefined, false],
  ['could not be read', unavailable('denied', 'no'), false],
  ['has no date', observed('newest'), false],
])('a window passed without an image that %s: %o, %s', (_, offered, missed) => {
  const { sentence } = reason({ ...WINDOW, last: LAST }, { offered });
  expect(sentence.includes('2026-08-30 02:00 UTC, passed without it')).toBe(missed);
  expect(lagReason(aKataPool(), settings(observed(WINDOW)), offered, 14).sentence).not.toContain('passed');
});

it('an image that was offered in the very minute in which the window opened was missed', () => {
  const last = { from: '2026-08-30T00:00:00Z', until: '2026-08-30T06:00:00Z' };
  expect(reason({ ...WINDOW, last }).sentence).toContain('passed without it');
});

it('a plan without a window is reported only where the window cannot be known', () => {
  const plan = { state: 'unplanned', why: 'Azure picks the time.' } as const;
  expect(reason(plan)).toEqual({ sentence: '', facts: { plannedUpgrade: plan.why } });
  expect(reason({ ...plan, ambiguous: true })).toEqual({ sentence: ` ${plan.why}`, facts: { plannedUpgrade: plan.why } });
});

it('windows that could not be read are no reason, and that is noted', () => {
  expect(lagReason(aKataPool(), settings(unavailable('denied', 'Forbidden.')), undefined, 14)).toEqual({
    sentence: '',
    facts: { plannedUpgrade: 'not known: Forbidden.' },
  });
});

it('nothing is claimed of a pool that Azure does not upgrade now, nor without settings or a plan', () => {
  const planned = settings(observed(WINDOW));
  for (const over of [{ powerState: 'Stopped' }, { inTransition: true }, { provisioningState: 'UpgradingNodeImageVersion' }])
    expect(lagReason(aKataPool(over), planned, undefined, 14)).toEqual(NOTHING);
  expect(lagReason(aKataPool(), unavailable('denied', 'no'), undefined, 14)).toEqual(NOTHING);
  expect(lagReason(aKataPool(), observed(someSettings()), undefined, 14)).toEqual(NOTHING);
});
