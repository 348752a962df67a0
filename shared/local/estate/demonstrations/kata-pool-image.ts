import { kataPool } from '../build.ts';
import { adding, type Demonstration } from '../demonstration.ts';
import { latestImage, VARIANTS } from '../images.ts';
import { failsPool } from '../plant.ts';
import { upgradePool } from '../repairs/pools.ts';

/** A node pool snapshot gave a Kata pool an image without Kata. */
export const kataPoolImage: Demonstration = {
  reads: 'azure',
  plant: {
    'hub-plain-weu': adding((now) => ({
      pools: [kataPool('katablank', 2, { nodeImageVersion: latestImage(VARIANTS.azureLinux, now) })],
      plantedFaults: [
        failsPool('kata-pool-image', 'katablank'),
        failsPool('kata-pool-healthy', 'katablank'),
        failsPool('kata-pool-used', 'katablank'),
      ],
    })),
  },
  repair: upgradePool,
  needed: { subject: 'node-pool', pool: ['workloadRuntime', 'nodeImageVersion'] },
};
