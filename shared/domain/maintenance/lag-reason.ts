import { parseNodeImage } from '../images/node-image.ts';
import type { EvidenceFacts } from '../rule/rule.ts';
import { DAY_MS } from '../snapshot/day.ts';
import { given } from '../snapshot/given.ts';
import type { Observation } from '../snapshot/observation.ts';
import type { PlannedUpgrade } from '../snapshot/planned-upgrade.ts';
import type { ClusterSettings, NodePool } from '../snapshot/snapshot.ts';
import { canBeUpgraded } from './planned-upgrade.ts';

/** Why an image lags, as far as known: a sentence that follows another one, and the facts behind it. */
export interface LagReason {
  readonly sentence: string;
  readonly facts: EvidenceFacts;
}

/**
 * Why a pool's image lags, for the person who must fix it. It states only reasons that were observed, and
 * reports a window that passed although the offered image was available.
 */
export function lagReason(
  pool: Pick<NodePool, 'snapshotId' | 'powerState' | 'provisioningState' | 'inTransition'>,
  settings: Observation<ClusterSettings>,
  offered: Observation<string> | undefined,
  graceDays: number,
): LagReason {
  if (pool.snapshotId !== undefined) {
    return { sentence: ' It is pinned to a node pool snapshot.', facts: { snapshotId: pool.snapshotId } };
  }
  const planned = settings.state === 'observed' && canBeUpgraded(pool) ? settings.value.plannedUpgrade : undefined;
  if (planned === undefined) return { sentence: '', facts: {} };
  if (planned.state === 'unavailable') return { sentence: '', facts: { plannedUpgrade: `not known: ${planned.reason.message}` } };
  const latest = offered?.state === 'observed' ? parseNodeImage(offered.value) : undefined;
  return ofPlan(planned.value, latest === undefined ? undefined : Date.parse(latest.releasedOn) + graceDays * DAY_MS);
}

/** A region may offer an image only days after its release, so a window counts as missed only if the image was certainly offered. */
function ofPlan(plan: PlannedUpgrade, offeredSince: number | undefined): LagReason {
  if (plan.state === 'unplanned') return { sentence: plan.ambiguous === true ? ` ${plan.why}` : '', facts: { plannedUpgrade: plan.why } };
  const { configuration, channel, from, until, last } = plan;
  const what = /^securitypatch$/i.test(channel) ? 'Security patches are planned' : 'An upgrade is planned';
  const missed = last !== undefined && offeredSince !== undefined && offeredSince <= Date.parse(last.from);
  const before = missed ? ` The window before, of ${minute(last.from)} UTC, passed without it.` : '';
  return {
    sentence: ` ${what} in the maintenance window of ${minute(from)} to ${minute(until)} UTC (${configuration}, channel ${channel}).${before}`,
    facts: {
      plannedUpgradeAt: from,
      plannedUpgradeUntil: until,
      maintenanceConfiguration: configuration,
      ...given({ lastMaintenanceWindow: last?.from }),
    },
  };
}

function minute(instant: string): string {
  return instant.slice(0, 16).replace('T', ' ');
}
