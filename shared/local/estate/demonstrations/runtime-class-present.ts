import { KATA_CLASS, RUNC_CLASS } from '../build.ts';
import { adding, type Demonstration } from '../demonstration.ts';
import { failsClass, failsPool } from '../plant.ts';
import { nothingElse } from '../repairs/repairing.ts';

/** The class that the Kata pool is for is missing, so that no pod can use the pool. */
export const runtimeClassPresent: Demonstration = {
  reads: 'kubernetes',
  plant: {
    'hub-old-weu': (plan, now) => ({
      ...adding({
        plantedFaults: [failsClass('runtime-class-present', KATA_CLASS.name), failsPool('kata-pool-used', 'kata')],
      })(plan, now),
      runtimeClasses: [RUNC_CLASS],
    }),
  },
  repair: (cluster) => ({
    cluster: { ...cluster, runtimeClasses: [KATA_CLASS, ...cluster.runtimeClasses] },
    alsoGone: nothingElse,
  }),
};
