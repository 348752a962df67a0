import { clusterId } from './cluster-id.ts';
import type { Estate, EstatePlantedFault } from './model.ts';

/** One verdict that an audit of a simulated estate must give, and on which cluster. */
export interface PlantedFault extends EstatePlantedFault {
  readonly clusterName: string;
  /** The canonical lower-case resource id. */
  readonly clusterId: string;
}

/** Options of an audit that are off by default. */
export type Extra = NonNullable<EstatePlantedFault['when']>;

/**
 * Exactly the verdicts other than `pass` and `not-applicable` that an audit of this estate must give. `unknown` with the cluster as
 * its subject means that the rule could not be judged there.
 */
export function plantedFaults(estate: Estate, extras: readonly Extra[] = []): readonly PlantedFault[] {
  const isMeant = ({ when }: EstatePlantedFault) => when === undefined || extras.includes(when);
  return estate.subscriptions.flatMap(({ id, clusters }) =>
    clusters.flatMap((cluster) =>
      cluster.plantedFaults
        .filter(isMeant)
        .map((fault) => ({ ...fault, clusterName: cluster.name, clusterId: clusterId(id, cluster).toLowerCase() })),
    ),
  );
}
