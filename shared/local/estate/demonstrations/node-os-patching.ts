import { adding, type Demonstration } from '../demonstration.ts';
import { failsCluster } from '../plant.ts';
import { setCluster } from '../repairs/clusters.ts';

/** Only the nodes themselves apply patches, and they do not restart for a new kernel. */
export const nodeOsPatching: Demonstration = {
  reads: 'azure',
  plant: { 'lab-pools-weu': adding({ nodeOsUpgradeChannel: 'Unmanaged', plantedFaults: [failsCluster('node-os-patching')] }) },
  repair: setCluster({ nodeOsUpgradeChannel: 'NodeImage' }),
  needed: { subject: 'cluster', settings: ['nodeOsUpgradeChannel'] },
};
