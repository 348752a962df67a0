import { adding, type Demonstration } from '../demonstration.ts';
import { failsCluster } from '../plant.ts';
import { setCluster } from '../repairs/clusters.ts';

/** Nobody but the nodes themselves applies patches, without restarting for a new kernel. */
export const nodeOsPatching: Demonstration = {
  reads: 'azure',
  plant: { 'lab-pools-weu': adding({ nodeOsUpgradeChannel: 'Unmanaged', plantedFaults: [failsCluster('node-os-patching')] }) },
  repair: setCluster({ nodeOsUpgradeChannel: 'NodeImage' }),
};
