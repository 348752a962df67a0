import { sameSubject } from './mender.ts';
import { MENDERS } from './menders.ts';
import type { Estate, EstateCluster, EstatePlantedFault } from './model.ts';
import { type PlantedFault, plantedFaults } from './planted-faults.ts';

/**
 * The same estate with some of its planted faults mended, and with those that cannot outlive them;
 * clusters without a chosen fault are the same values as before. Throws for a fault that no one
 * knows how to mend.
 */
export function repair(estate: Estate, chosen: (fault: PlantedFault) => boolean): Estate {
  const byCluster = Map.groupBy(plantedFaults(estate).filter(chosen), ({ clusterName }) => clusterName);
  const now = new Date(estate.now);
  return {
    ...estate,
    subscriptions: estate.subscriptions.map((subscription) => ({
      ...subscription,
      clusters: subscription.clusters.map((cluster) =>
        (byCluster.get(cluster.name) ?? []).reduce((one, fault) => mend(one, fault, now), cluster),
      ),
    })),
  };
}

function mend(cluster: EstateCluster, fault: EstatePlantedFault, now: Date): EstateCluster {
  // An earlier mending may have taken this fault with it.
  if (!cluster.plantedFaults.some((one) => isSame(one, fault))) return cluster;
  const mender = fault.verdict === 'unknown' ? MENDERS.unknown : MENDERS[fault.ruleId];
  if (mender === undefined) throw new Error(`Nobody knows how to mend the rule ${fault.ruleId}.`);
  const { mended, takesWithIt } = mender(cluster, fault.subject, now);
  return { ...mended, plantedFaults: cluster.plantedFaults.filter((one) => !isSame(one, fault) && !takesWithIt(one)) };
}

function isSame(one: EstatePlantedFault, other: EstatePlantedFault): boolean {
  return one.ruleId === other.ruleId && one.verdict === other.verdict && sameSubject(one.subject, other.subject);
}
