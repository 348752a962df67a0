import { kataPool } from '../build.ts';
import { adding, type Demonstration } from '../demonstration.ts';
import { FROZEN_KATA_IMAGE } from '../images.ts';
import { failsPool } from '../plant.ts';
import { renameRuntime } from '../repairs/pools.ts';

/** A pool of the preview still has the runtime name and the image of that time. */
export const workloadRuntimeNameCurrent: Demonstration = {
  reads: 'azure',
  plant: {
    'data-prod-eus': adding({
      pools: [kataPool('katalegacy', 4, { workloadRuntime: 'KataMshvVmIsolation', nodeImageVersion: FROZEN_KATA_IMAGE })],
      plantedFaults: [failsPool('workload-runtime-name-current', 'katalegacy'), failsPool('node-image-supported', 'katalegacy')],
    }),
  },
  repair: renameRuntime,
  needed: { subject: 'node-pool', pool: ['workloadRuntime'] },
};
