import { REQUIRED } from '../build.ts';
import { adding, type Demonstration } from '../demonstration.ts';
import { failsCluster, failsWorkload } from '../plant.ts';
import { addKataPool } from '../repairs/pools.ts';

/** A workload must be sandboxed, and no pool can sandbox it. */
export const kataPoolPresent: Demonstration = {
  reads: 'azure',
  plant: {
    'pay-stage-weu': adding({
      workloads: [{ namespace: 'risk', name: 'risk-engine', replicas: 20, labels: REQUIRED, nodePool: 'apps' }],
      plantedFaults: [failsCluster('kata-pool-present'), failsWorkload('workload-sandboxed', 'risk', 'Deployment/risk-engine')],
    }),
  },
  repair: addKataPool,
  needed: { subject: 'cluster', pool: ['workloadRuntime', 'powerState'] },
};
