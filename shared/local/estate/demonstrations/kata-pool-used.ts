import { kataPool } from '../build.ts';
import { adding, type Demonstration } from '../demonstration.ts';
import { failsPool } from '../plant.ts';
import { usePool } from '../repairs/pools.ts';

/** A Kata pool that no pod runs on. */
export const kataPoolUsed: Demonstration = {
  reads: 'kubernetes',
  plant: { 'lab-pools-weu': adding({ pools: [kataPool('kataidle', 1)], plantedFaults: [failsPool('kata-pool-used', 'kataidle')] }) },
  repair: usePool,
  needed: { subject: 'node-pool', pool: ['workloadRuntime', 'powerState', 'count'] },
};
