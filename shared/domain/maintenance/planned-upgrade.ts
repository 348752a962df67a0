import { daysBehind, parseNodeImage } from '../images/node-image.ts';
import { isRolling, isStopped } from '../isolation/kata-evidence.ts';
import { given } from '../snapshot/given.ts';
import { type Observation, observed, unavailable } from '../snapshot/observation.ts';
import type { PlannedUpgrade } from '../snapshot/planned-upgrade.ts';
import type { ClusterSettings, LatestImage, NodePool } from '../snapshot/snapshot.ts';
import { lastWindow, type MaintenanceSchedule, type NextWindow, nextWindow } from './maintenance-window.ts';

/** One maintenance configuration of a cluster, identified by its name. */
export interface MaintenanceConfiguration {
  readonly name: string;
  /** An unreadable answer is never treated as a cluster without windows. */
  readonly schedule: MaintenanceSchedule | { readonly form: 'unreadable'; readonly problem: string };
}

interface Governing {
  readonly configuration: string;
  readonly channel: string;
}

const NODE_OS_SCHEDULE = 'aksManagedNodeOSUpgradeSchedule';
const AUTO_UPGRADE_SCHEDULE = 'aksManagedAutoUpgradeSchedule';

/**
 * The configurations that decide when node images are upgraded: that of the node OS channel, and that of
 * the cluster's channel if it upgrades node images. `default` is for the control plane
 * and never for nodes. Source: learn.microsoft.com/azure/aks/planned-maintenance.
 */
function governing({ nodeOsUpgradeChannel = '', upgradeChannel = '' }: ClusterSettings): readonly Governing[] {
  return [
    ...(/^(nodeimage|securitypatch)$/i.test(nodeOsUpgradeChannel)
      ? [{ configuration: NODE_OS_SCHEDULE, channel: nodeOsUpgradeChannel }]
      : []),
    ...(/^node-image$/i.test(upgradeChannel) ? [{ configuration: AUTO_UPGRADE_SCHEDULE, channel: upgradeChannel }] : []),
  ];
}

/** Whether a maintenance window may explain a pool's lag, so that reading it is worth a call. */
export function awaitsUpgrade(
  settings: ClusterSettings,
  nodePools: readonly NodePool[],
  latestImages: readonly LatestImage[],
  graceDays: number,
): boolean {
  if (governing(settings).length === 0 || isStopped(settings)) return false;
  const offers = new Map(latestImages.map(({ nodePool, image }) => [nodePool, image]));
  return nodePools.some((pool) => canBeUpgraded(pool) && lags(pool, offers.get(pool.name), graceDays));
}

/** Whether Azure upgrades a pool automatically: not if it is stopped, being upgraded, or pinned to a snapshot. */
export function canBeUpgraded(pool: Pick<NodePool, 'snapshotId' | 'powerState' | 'provisioningState' | 'inTransition'>): boolean {
  return pool.snapshotId === undefined && !isStopped(pool) && !isRolling(pool);
}

/** Whether a pool's image is older than the offered one by more than the grace period. */
export function lags(
  { nodeImageVersion = '' }: Pick<NodePool, 'nodeImageVersion'>,
  offered: Observation<string> | undefined,
  graceDays: number,
): boolean {
  const image = parseNodeImage(nodeImageVersion);
  const latest = offered?.state === 'observed' ? parseNodeImage(offered.value) : undefined;
  const behind = image === undefined || latest === undefined ? undefined : daysBehind(image, latest);
  return behind !== undefined && behind > graceDays;
}

/** The next upgrade of a cluster's node images, by its maintenance configurations. */
export function plannedUpgrade(
  settings: ClusterSettings,
  configurations: readonly MaintenanceConfiguration[],
  now: string,
): Observation<PlannedUpgrade> {
  const deciding = governing(settings).flatMap((one) => {
    const found = configurations.find(({ name }) => name.toLowerCase() === one.configuration.toLowerCase());
    return found === undefined ? [] : [{ ...one, schedule: found.schedule }];
  });
  const planned: Extract<PlannedUpgrade, { state: 'planned' }>[] = [];
  const never: Extract<PlannedUpgrade, { state: 'unplanned' }>[] = [];
  for (const { configuration, channel, schedule } of deciding) {
    if (schedule.form === 'unreadable') {
      return unavailable('malformed', `The maintenance configuration ${configuration} cannot be read: ${schedule.problem}`);
    }
    const next: NextWindow = nextWindow(schedule, now);
    if (next.state === 'unknown') {
      // This is not a gap: the configuration was read, but Azure does not document how to interpret it.
      const why = `The next window of the maintenance configuration ${configuration} is unknown: ${next.why}.`;
      never.push({ state: 'unplanned', why, ambiguous: true });
    } else if (next.state === 'none')
      never.push({ state: 'unplanned', why: `The maintenance configuration ${configuration} has no window: ${next.why}.` });
    else {
      const last = lastWindow(schedule, now);
      planned.push({ state: 'planned', configuration, channel, ...next.window, ...given({ last }) });
    }
  }
  const [soonest] = planned.toSorted((a, b) => a.from.localeCompare(b.from));
  return observed(soonest ?? never[0] ?? { state: 'unplanned', why: noConfiguration(settings) });
}

function noConfiguration(settings: ClusterSettings): string {
  const names = governing(settings).map(({ configuration }) => configuration);
  return `The cluster has no maintenance configuration ${names.join(' or ')}: Azure picks the time.`;
}
