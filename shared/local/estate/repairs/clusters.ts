import type { EstateCluster, EstatePlantedFault } from '../model.ts';
import { readable } from './pools.ts';
import { nothingElse, type Repair } from './repairing.ts';

/** Changes a property of a cluster that no other rule depends on. */
export function setCluster(change: Partial<EstateCluster>): Repair {
  return (cluster) => ({ cluster: { ...cluster, ...change }, alsoGone: nothingElse });
}

/** Whether Azure and the API server answer the audit. */
export function isReadable({ powerState, network, entraId, denied = [] }: EstateCluster): boolean {
  return powerState === 'Running' && network === 'public' && entraId && !denied.includes('get managedclusters');
}

/** Makes a cluster readable, so that its rules can be judged. */
export const makeReadable: Repair = (cluster, _, now) => ({
  cluster: readable(cluster, now),
  alsoGone: ({ ruleId, verdict }: EstatePlantedFault) => verdict === 'unknown' || ruleId === 'cluster-assessed',
});
