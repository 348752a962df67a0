import { DEMONSTRATIONS } from './demonstrations/index.ts';
import type { Estate, EstateCluster, EstatePlantedFault } from './model.ts';
import { type PlantedFault, plantedFaults } from './planted-faults.ts';
import { isReadable, makeReadable } from './repairs/clusters.ts';
import { settlePool } from './repairs/pools.ts';
import { type Repair, sameSubject } from './repairs/repairing.ts';
import { clarify } from './repairs/workloads.ts';

/**
 * The same estate with some of its planted faults repaired, and faults that depend on them removed. Clusters without a chosen fault
 * are returned unchanged. Throws for a fault of a rule without a demonstration.
 */
export function repair(estate: Estate, chosen: (fault: PlantedFault) => boolean): Estate {
  const byCluster = Map.groupBy(repairableFaults(estate).filter(chosen), ({ clusterName }) => clusterName);
  const now = new Date(estate.now);
  return {
    ...estate,
    subscriptions: estate.subscriptions.map((subscription) => ({
      ...subscription,
      clusters: subscription.clusters.map((cluster) =>
        (byCluster.get(cluster.name) ?? []).reduce((one, fault) => withoutFault(one, fault, now), cluster),
      ),
    })),
  };
}

/** All faults except results that a probe cannot read, which stay unknown after any repair. */
export function repairableFaults(estate: Estate): readonly PlantedFault[] {
  return plantedFaults(estate, ['probed', 'opted-in']).filter(({ verdict, when }) => verdict === 'fail' || when === undefined);
}

function withoutFault(cluster: EstateCluster, fault: EstatePlantedFault, now: Date): EstateCluster {
  // An earlier repair may have removed this fault too.
  if (!cluster.plantedFaults.some((one) => isSame(one, fault))) return cluster;
  const repairs = fault.verdict === 'unknown' ? makeKnown : DEMONSTRATIONS[fault.ruleId]?.repair;
  if (repairs === undefined) throw new Error(`The rule ${fault.ruleId} has no demonstration that says how to repair it.`);
  const { cluster: repaired, alsoGone } = repairs(cluster, fault.subject, now);
  return { ...repaired, plantedFaults: cluster.plantedFaults.filter((one) => !isSame(one, fault) && !alsoGone(one)) };
}

/** Repairs the reason why rules could not be judged. */
const makeKnown: Repair = (cluster, subject, now) => {
  if (!isReadable(cluster)) return makeReadable(cluster, subject, now);
  return subject.kind === 'workload' ? clarify(cluster, subject, now) : settlePool(cluster, subject, now);
};

function isSame(one: EstatePlantedFault, other: EstatePlantedFault): boolean {
  return one.ruleId === other.ruleId && one.verdict === other.verdict && sameSubject(one.subject, other.subject);
}
