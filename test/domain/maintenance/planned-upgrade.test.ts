import { describe, expect, it } from 'vitest';
import type { MaintenanceSchedule } from '../../../shared/domain/maintenance/maintenance-window.ts';
import { awaitsUpgrade, type MaintenanceConfiguration, plannedUpgrade } from '../../../shared/domain/maintenance/planned-upgrade.ts';
import { observed, unavailable } from '../../../shared/domain/snapshot/observation.ts';
import type { ClusterSettings, NodePool } from '../../../shared/domain/snapshot/snapshot.ts';
import { aKataPool, aLatestImage, aPlainPool, PLAIN_IMAGE, someSettings } from '../../support/a-snapshot.ts';

const NOW = '2026-09-01T12:00:00.000Z';
const NODE_OS = 'aksManagedNodeOSUpgradeSchedule';
const AUTO = 'aksManagedAutoUpgradeSchedule';
const image = (date: string) => `AKSAzureLinux-V3katagen2-${date}.0`;
/** Every week on a day (Sunday is 0), from 02:00 to 06:00. */
const every = (weekday: number): Extract<MaintenanceSchedule, { form: 'recurring' }> => ({
  form: 'recurring',
  recurrence: { kind: 'weekly', every: 1, weekday },
  startMinute: 120,
  durationHours: 4,
  offsetMinutes: 0,
  notAllowed: [],
});
const weekend: MaintenanceConfiguration = { name: NODE_OS, schedule: every(0) };
const friday: MaintenanceConfiguration = { name: AUTO, schedule: every(5) };
const controlPlane: MaintenanceConfiguration = { name: 'default', schedule: every(3) };
const broken = (name: string): MaintenanceConfiguration => ({
  name,
  schedule: { form: 'unreadable', problem: 'startTime: expected a time' },
});
const channels = (nodeOsUpgradeChannel: string | undefined, upgradeChannel?: string): ClusterSettings => {
  const { nodeOsUpgradeChannel: _, ...settings } = someSettings();
  return {
    ...settings,
    ...(nodeOsUpgradeChannel === undefined ? {} : { nodeOsUpgradeChannel }),
    ...(upgradeChannel === undefined ? {} : { upgradeChannel }),
  };
};
const plan = (settings: ClusterSettings, ...configurations: readonly MaintenanceConfiguration[]) =>
  plannedUpgrade(settings, configurations, NOW);

describe('a planned upgrade', () => {
  it.each(['NodeImage', 'SecurityPatch', 'nodeimage'])('follows the schedule for node images on the channel %s', (channel) => {
    expect(plan(channels(channel), controlPlane, friday, weekend)).toEqual(
      observed({
        state: 'planned',
        configuration: NODE_OS,
        channel,
        from: '2026-09-06T02:00:00Z',
        until: '2026-09-06T06:00:00Z',
        last: { from: '2026-08-30T02:00:00Z', until: '2026-08-30T06:00:00Z' },
      }),
    );
  });

  it('follows the cluster’s own schedule when its own channel is the one for node images', () => {
    expect(plan(channels('None', 'node-image'), controlPlane, friday, weekend)).toMatchObject({
      value: { configuration: AUTO, channel: 'node-image', from: '2026-09-04T02:00:00Z' },
    });
  });

  it('is the earlier one when both channels upgrade node images', () => {
    expect(plan(channels('NodeImage', 'node-image'), weekend, friday)).toMatchObject({ value: { configuration: AUTO } });
    expect(plan(channels('NodeImage', 'node-image'), { ...weekend, schedule: every(3) }, friday)).toMatchObject({
      value: { configuration: NODE_OS },
    });
  });

  it('recognizes a configuration whatever the case of its name', () => {
    expect(plan(channels('NodeImage'), { ...weekend, name: NODE_OS.toUpperCase() })).toMatchObject({ value: { state: 'planned' } });
  });

  it.each([
    ['without any', []],
    ['with only that of the control plane', [controlPlane]],
    ['with only that of another channel', [friday]],
  ])('is at a time that Azure chooses in a cluster %s', (_, configurations) => {
    expect(plan(channels('NodeImage'), ...configurations)).toEqual(
      observed({ state: 'unplanned', why: `The cluster has no maintenance configuration ${NODE_OS}: Azure picks the time.` }),
    );
  });

  it('does not exist for a window that never opens', () => {
    const never = { ...every(0), notAllowed: [{ start: '2026-01-01', end: '2099-12-31' }] };

    expect(plan(channels('NodeImage'), { name: NODE_OS, schedule: never })).toMatchObject({
      state: 'observed',
      value: { state: 'unplanned', why: expect.stringContaining('has no window') },
    });
  });

  it('is unknown, and never absent, when the deciding configuration cannot be read', () => {
    expect(plan(channels('NodeImage'), broken(NODE_OS))).toEqual(
      unavailable('malformed', `The maintenance configuration ${NODE_OS} cannot be read: startTime: expected a time`),
    );
    expect(plan(channels('NodeImage'), broken(AUTO), weekend)).toMatchObject({ value: { state: 'planned' } });
  });

  it('is unknown when Azure does not document the meaning of the schedule', () => {
    const schedule = { ...every(0), recurrence: { kind: 'weekly', every: 2, weekday: 0 } } as const;

    expect(plan(channels('NodeImage'), { name: NODE_OS, schedule })).toMatchObject({
      state: 'observed',
      value: { state: 'unplanned', why: expect.stringContaining('every second occurrence') },
    });
  });
});

describe('whether maintenance windows are read', () => {
  const lagging = (over: Partial<NodePool> = {}) => [aPlainPool(), aKataPool({ nodeImageVersion: image('202608.05'), ...over })];
  const offered = [aLatestImage('system', PLAIN_IMAGE), aLatestImage('kata1', image('202608.20'))];
  const asks = (over: { settings?: ClusterSettings; pools?: readonly NodePool[]; offers?: typeof offered; grace?: number }) =>
    awaitsUpgrade(over.settings ?? someSettings(), over.pools ?? lagging(), over.offers ?? offered, over.grace ?? 14);

  it('depends on a pool that lags by more than the grace days', () => {
    expect(asks({})).toBe(true);
    expect(asks({ grace: 15 })).toBe(false);
    expect(asks({ pools: lagging({ nodeImageVersion: image('202608.06') }) })).toBe(false);
    expect(asks({ pools: lagging({ nodeImageVersion: image('202608.20') }) })).toBe(false);
  });

  it.each([
    [{ snapshotId: '/subscriptions/x/snapshots/y' }],
    [{ powerState: 'Stopped' }],
    [{ inTransition: true }],
    [{ provisioningState: 'UpgradingNodeImageVersion' }],
    [{ nodeImageVersion: 'newest' }],
  ])('is false when the lagging pool is %o', (over) => {
    expect(asks({ pools: lagging(over) })).toBe(false);
  });

  it.each([
    ['NodeImage', undefined, true],
    ['SecurityPatch', 'patch', true],
    ['None', 'node-image', true],
    ['None', 'stable', false],
    ['xNodeImage', 'xnode-image', false],
    ['NodeImagex', 'node-imagex', false],
    ['Unmanaged', 'patch', false],
    [undefined, undefined, false],
  ])('on the channels %s and %s is %s', (nodeOs, upgrade, expected) => {
    expect(asks({ settings: channels(nodeOs, upgrade) })).toBe(expected);
  });

  it('is false for a stopped cluster, and when the newest image is unknown', () => {
    expect(asks({ settings: someSettings({ powerState: 'Stopped' }) })).toBe(false);
    expect(asks({ settings: someSettings({ powerState: 'StoppedNot' }) })).toBe(true);
    expect(asks({ offers: [] })).toBe(false);
    expect(asks({ offers: [aLatestImage('kata1', unavailable('throttled', 'Later.'))] })).toBe(false);
  });
});
