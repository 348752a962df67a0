import { kataPool, sandboxed } from '../build.ts';
import { adding, type Demonstration } from '../demonstration.ts';
import { failsPool } from '../plant.ts';
import { setPool } from '../repairs/pools.ts';

/** A pool of Confidential Containers, whose preview has ended. */
export const confidentialPoolSupported: Demonstration = {
  reads: 'azure',
  plant: {
    'lab-pools-weu': adding({
      pools: [kataPool('katacc', 1, { workloadRuntime: 'KataCcIsolation', vmSize: 'Standard_DC8as_cc_v5' })],
      workloads: [sandboxed({ namespace: 'lab', name: 'runner-katacc', replicas: 4, nodePool: 'katacc' })],
      plantedFaults: [failsPool('confidential-pool-supported', 'katacc')],
    }),
  },
  repair: setPool({ workloadRuntime: 'KataVmIsolation', vmSize: 'Standard_D8s_v5' }),
  needed: { subject: 'node-pool', pool: ['workloadRuntime'] },
};
