import { kataPool, sandboxed } from '../build.ts';
import { adding, type Demonstration } from '../demonstration.ts';
import { failsPool } from '../plant.ts';
import { setPool } from '../repairs/pools.ts';

/** A Kata pool claims FIPS, which Kata does not support. */
export const kataPoolFeatures: Demonstration = {
  reads: 'azure',
  plant: {
    'lab-pools-weu': adding({
      pools: [kataPool('katafips', 2, { enableFips: true })],
      workloads: [sandboxed({ namespace: 'lab', name: 'runner-katafips', replicas: 4, nodePool: 'katafips' })],
      plantedFaults: [failsPool('kata-pool-features', 'katafips')],
    }),
  },
  repair: setPool({ enableFips: false }),
  needed: { subject: 'node-pool', pool: ['workloadRuntime', 'vmSize', 'enableFips', 'secureBoot', 'vtpm', 'nodeImageVersion'] },
};
