import { adding, type Demonstration } from '../demonstration.ts';
import { failsCluster } from '../plant.ts';
import { makeReadable } from '../repairs/clusters.ts';

/** The API server answers only within a network that the audit is not part of. */
export const clusterAssessed: Demonstration = {
  reads: 'listing',
  plant: { 'hub-priv-weu': adding({ network: 'private', plantedFaults: [failsCluster('cluster-assessed')] }) },
  repair: makeReadable,
};
