import type { Observation } from './observation.ts';
import { canBeUpgraded, type PlannedUpgrade } from './planned-upgrade.ts';
import type { EvidenceFacts } from './rule.ts';
import type { ClusterSettings, NodePool } from './snapshot.ts';

/** Why an image lags, as far as that is known: a sentence to follow another one, and what it rests on. */
export interface LagReason {
  readonly sentence: string;
  readonly facts: EvidenceFacts;
}

/** Why a pool's image lags: the person who is to mend it should not have to look. It claims no reason that was not seen. */
export function lagReason(pool: NodePool, settings: Observation<ClusterSettings>): LagReason {
  if (pool.snapshotId !== undefined) {
    return { sentence: ' It is pinned to a node pool snapshot.', facts: { snapshotId: pool.snapshotId } };
  }
  const planned = settings.state === 'observed' && canBeUpgraded(pool) ? settings.value.plannedUpgrade : undefined;
  if (planned === undefined) return { sentence: '', facts: {} };
  if (planned.state === 'unavailable') return { sentence: '', facts: { plannedUpgrade: `not known: ${planned.reason.message}` } };
  return ofPlan(planned.value);
}

function ofPlan(plan: PlannedUpgrade): LagReason {
  if (plan.state === 'unplanned') return { sentence: '', facts: { plannedUpgrade: plan.why } };
  const { configuration, channel, from, until } = plan;
  const what = /^securitypatch$/i.test(channel) ? 'Security patches are planned' : 'An upgrade is planned';
  return {
    sentence: ` ${what} in the maintenance window of ${minute(from)} to ${minute(until)} UTC (${configuration}, channel ${channel}).`,
    facts: { plannedUpgradeAt: from, plannedUpgradeUntil: until, maintenanceConfiguration: configuration },
  };
}

function minute(instant: string): string {
  return instant.slice(0, 16).replace('T', ' ');
}
